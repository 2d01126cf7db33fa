//! `ResourceExtensions`: what users of extensions see.

use super::{is_true, read, text, text_or_empty};
use crate::{
    ExtensionImage, Refused, Source, Version,
    definition::SupportedOs,
    xml::{Element, write::Writer},
};

/// One row: a version, or an extension with its newest version. Texts are kept as they come: names of other
/// repositories follow no rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceExtension {
    /// `Publisher`: the provider's namespace.
    pub publisher: String,
    /// `Name`: the type.
    pub name: String,
    /// `Version`
    pub version: String,
    /// `Label`
    pub label: Option<String>,
    /// `Description`
    pub description: Option<String>,
    /// `PublicConfigurationSchema`, base64.
    pub public_configuration_schema: Option<String>,
    /// `PrivateConfigurationSchema`, base64.
    pub private_configuration_schema: Option<String>,
    /// `SampleConfig`, base64.
    pub sample_config: Option<String>,
    /// `ReplicationCompleted`
    pub replication_completed: bool,
    /// `Eula`
    pub eula: Option<String>,
    /// `PrivacyUri`
    pub privacy_uri: Option<String>,
    /// `HomepageUri`
    pub homepage_uri: Option<String>,
    /// `IsJsonExtension`
    pub is_json_extension: Option<bool>,
    /// `IsInternalExtension`
    pub is_internal_extension: Option<bool>,
    /// `DisallowMajorVersionUpgrade`
    pub disallow_major_version_upgrade: Option<bool>,
    /// `SupportedOS`
    pub supported_os: Option<String>,
    /// `CompanyName`
    pub company_name: Option<String>,
    /// `PublishedDate`
    pub published_date: Option<String>,
    /// `Regions`
    pub regions: Option<String>,
}

impl ResourceExtension {
    /// The row of one version, with all its numbers.
    pub fn of_version(image: &ExtensionImage) -> Self {
        Self {
            publisher: image.provider_namespace.as_str().to_owned(),
            name: image.type_name.as_str().to_owned(),
            version: image.version.as_str().to_owned(),
            label: image.label.clone(),
            description: image.description.clone(),
            public_configuration_schema: image.public_configuration_schema.clone(),
            private_configuration_schema: image.private_configuration_schema.clone(),
            sample_config: image.sample_config.clone(),
            replication_completed: image.replication_completed.unwrap_or(false),
            eula: image.eula.clone(),
            privacy_uri: image.privacy_uri.clone(),
            homepage_uri: image.homepage_uri.clone(),
            is_json_extension: image.is_json_extension,
            is_internal_extension: image.is_internal_extension,
            disallow_major_version_upgrade: image.disallow_major_version_upgrade,
            supported_os: image.supported_os.map(SupportedOs::name).map(str::to_owned),
            company_name: image.company_name.clone(),
            published_date: image.published_date.clone(),
            regions: image.regions.as_ref().map(crate::definition::Regions::to_text),
        }
    }

    /// The row of an extension, from its newest version, of which two numbers are shown.
    pub fn of_extension(newest: &ExtensionImage) -> Self {
        Self {
            version: major_minor(&newest.version),
            ..Self::of_version(newest)
        }
    }
}

fn major_minor(version: &Version) -> String {
    let [major, minor, ..] = version.parts();
    format!("{major}.{minor}")
}

/// The consumers' list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceExtensions {
    /// The rows.
    pub extensions: Vec<ResourceExtension>,
}

const ROOT: &str = "ResourceExtensions";

impl ResourceExtensions {
    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| {
            for row in &self.extensions {
                writer.element("ResourceExtension", |writer| write(writer, row));
            }
        })
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML, or not such a list.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let root = read(source, ROOT)?;
        let extensions = root.children("ResourceExtension").map(row).collect();
        Ok(Self { extensions })
    }
}

fn write(writer: &mut Writer, row: &ResourceExtension) {
    writer.text("Publisher", &row.publisher);
    writer.text("Name", &row.name);
    writer.text("Version", &row.version);
    writer.optional("Label", row.label.as_deref());
    writer.optional("Description", row.description.as_deref());
    writer.optional("PublicConfigurationSchema", row.public_configuration_schema.as_deref());
    writer.optional(
        "PrivateConfigurationSchema",
        row.private_configuration_schema.as_deref(),
    );
    writer.optional("SampleConfig", row.sample_config.as_deref());
    writer.flag("ReplicationCompleted", Some(row.replication_completed));
    writer.optional("Eula", row.eula.as_deref());
    writer.optional("PrivacyUri", row.privacy_uri.as_deref());
    writer.optional("HomepageUri", row.homepage_uri.as_deref());
    writer.flag("IsJsonExtension", row.is_json_extension);
    writer.flag("IsInternalExtension", row.is_internal_extension);
    writer.flag("DisallowMajorVersionUpgrade", row.disallow_major_version_upgrade);
    writer.optional("SupportedOS", row.supported_os.as_deref());
    writer.optional("CompanyName", row.company_name.as_deref());
    writer.optional("PublishedDate", row.published_date.as_deref());
    writer.optional("Regions", row.regions.as_deref());
}

fn row(element: &Element) -> ResourceExtension {
    let flag = |name| element.child(name).map(|_| is_true(element, name));
    ResourceExtension {
        publisher: text_or_empty(element, "Publisher"),
        name: text_or_empty(element, "Name"),
        version: text_or_empty(element, "Version"),
        label: text(element, "Label"),
        description: text(element, "Description"),
        public_configuration_schema: text(element, "PublicConfigurationSchema"),
        private_configuration_schema: text(element, "PrivateConfigurationSchema"),
        sample_config: text(element, "SampleConfig"),
        replication_completed: is_true(element, "ReplicationCompleted"),
        eula: text(element, "Eula"),
        privacy_uri: text(element, "PrivacyUri"),
        homepage_uri: text(element, "HomepageUri"),
        is_json_extension: flag("IsJsonExtension"),
        is_internal_extension: flag("IsInternalExtension"),
        disallow_major_version_upgrade: flag("DisallowMajorVersionUpgrade"),
        supported_os: text(element, "SupportedOS"),
        company_name: text(element, "CompanyName"),
        published_date: text(element, "PublishedDate"),
        regions: text(element, "Regions"),
    }
}
