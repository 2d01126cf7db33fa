//! The definition file: what a publisher says about a version of an extension when it is registered.
//!
//! An `ExtensionImage` in the namespace of the management API. Elements may stand in any order, and are written in the
//! one order of [`ELEMENTS`]; what is not known is kept and handed on. What a new version needs beyond a readable
//! definition is [`ExtensionImage::check_new`]; what deserves a remark only is [`lint`]. Section numbers
//! ("REGISTRATION 8") are those of the description of the API in `docs/registration.md`.

mod complete;
mod endpoints;
mod fields;
mod file;
mod lint;
mod media_link;
mod other;
mod part;
mod read;
mod read_resources;
mod regions;
mod template;
mod words;
mod write;

use crate::{
    Checked, Code, Finding, Place, Refused, Source, Version, codes,
    xml::{self, Element, MAX_PARTS, XmlRules, write::NAMESPACE},
};
use fields::Fields;

pub use endpoints::{
    Certificate, Endpoints, InputEndpoint, InstanceInputEndpoint, InternalEndpoint, LocalPort, LocalResource,
};
pub use fields::MAX_TEXT_CHARACTERS;
pub use file::DefinitionFile;
pub use lint::lint;
pub use media_link::MediaLink;
pub use other::OtherElement;
pub use part::ExtensionNamePart;
pub use regions::{MAX_REGIONS, Regions, same_region};
pub use words::{HostingResource, Protocol, SupportedOs};

/// Most bytes of a definition file that are read: `repo.xml` of the limits.
pub const MAX_DEFINITION_BYTES: usize = 64 * 1024;

pub(crate) const ROOT: &str = "ExtensionImage";

/// The elements of a definition in canonical order, which is also that of the publisher's list.
pub const ELEMENTS: [&str; 26] = [
    "ProviderNameSpace",
    "Type",
    "Version",
    "Label",
    "HostingResources",
    "MediaLink",
    "Certificate",
    "Endpoints",
    "PublicConfigurationSchema",
    "PrivateConfigurationSchema",
    "Description",
    "PublisherName",
    "PublishedDate",
    "LocalResources",
    "BlockRoleUponFailure",
    "IsInternalExtension",
    "SampleConfig",
    "ReplicationCompleted",
    "Eula",
    "PrivacyUri",
    "HomepageUri",
    "IsJsonExtension",
    "DisallowMajorVersionUpgrade",
    "SupportedOS",
    "CompanyName",
    "Regions",
];

/// Elements of later pipelines: kept and handed on without a word.
pub const LATER_ELEMENTS: [&str; 5] = [
    "CloudTypes",
    "SupportsMultipleExtensions",
    "SafeDeploymentPolicy",
    "RollbackSupported",
    "IsGlobal",
];

const HINT: &str =
    "write an ExtensionImage in the namespace http://schemas.microsoft.com/windowsazure, without a DOCTYPE";

const RULES: XmlRules = XmlRules {
    max_bytes: MAX_DEFINITION_BYTES,
    max_parts: MAX_PARTS,
    root: ROOT,
    xml: codes::DEFINITION_XML,
    size: codes::DEFINITION_SIZE,
    schema: codes::DEFINITION_SCHEMA,
    hint: HINT,
};

/// How booleans are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Booleans {
    /// `true` and `false`, and nothing else: the documented rule.
    #[default]
    Exact,
    /// `True`, `1`, blanks and an empty element too, each with a warning: what publishers sent.
    AnyCase,
}

/// What a definition is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DefinitionRules {
    /// How booleans are read; exactly by default.
    pub booleans: Booleans,
}

/// A definition: one version of an extension.
///
/// What is absent is `None` or an empty list; in a change of a known version it means "as it was". An empty list, an
/// empty `MediaLink` and a `nil` element are the same as none; an empty text is kept as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionImage {
    /// `ProviderNameSpace`
    pub provider_namespace: ExtensionNamePart,
    /// `Type`
    pub type_name: ExtensionNamePart,
    /// `Version`: one to four numbers, with the text as it was sent.
    pub version: Version,
    /// `Label`: the name for people.
    pub label: Option<String>,
    /// `HostingResources`
    pub hosting_resources: Vec<HostingResource>,
    /// `MediaLink`, unless it is empty.
    pub media_link: Option<MediaLink>,
    /// `Certificate`
    pub certificate: Option<Certificate>,
    /// `Endpoints`
    pub endpoints: Endpoints,
    /// `PublicConfigurationSchema`: base64 without blanks, not decoded.
    pub public_configuration_schema: Option<String>,
    /// `PrivateConfigurationSchema`: base64 without blanks, not decoded.
    pub private_configuration_schema: Option<String>,
    /// `Description`
    pub description: Option<String>,
    /// `PublisherName`: the old form of `CompanyName`.
    pub publisher_name: Option<String>,
    /// `PublishedDate`: any date, for display only.
    pub published_date: Option<String>,
    /// `LocalResources`
    pub local_resources: Vec<LocalResource>,
    /// `BlockRoleUponFailure`
    pub block_role_upon_failure: Option<bool>,
    /// `IsInternalExtension`
    pub is_internal_extension: Option<bool>,
    /// `SampleConfig`: base64 without blanks, not decoded.
    pub sample_config: Option<String>,
    /// `ReplicationCompleted`: of the server, and never believed from a publisher.
    pub replication_completed: Option<bool>,
    /// `Eula`
    pub eula: Option<String>,
    /// `PrivacyUri`
    pub privacy_uri: Option<String>,
    /// `HomepageUri`
    pub homepage_uri: Option<String>,
    /// `IsJsonExtension`
    pub is_json_extension: Option<bool>,
    /// `DisallowMajorVersionUpgrade`
    pub disallow_major_version_upgrade: Option<bool>,
    /// `SupportedOS`
    pub supported_os: Option<SupportedOs>,
    /// `CompanyName`
    pub company_name: Option<String>,
    /// `Regions`; `None` when there is no such element.
    pub regions: Option<Regions>,
    /// What is not of [`ELEMENTS`], in the order of the document, each once.
    pub others: Vec<OtherElement>,
}

impl ExtensionImage {
    /// A definition of which only the identity is set: what a change of a known version begins with.
    pub fn of(provider_namespace: ExtensionNamePart, type_name: ExtensionNamePart, version: Version) -> Self {
        Self {
            provider_namespace,
            type_name,
            version,
            label: None,
            hosting_resources: Vec::new(),
            media_link: None,
            certificate: None,
            endpoints: Endpoints::default(),
            public_configuration_schema: None,
            private_configuration_schema: None,
            description: None,
            publisher_name: None,
            published_date: None,
            local_resources: Vec::new(),
            block_role_upon_failure: None,
            is_internal_extension: None,
            sample_config: None,
            replication_completed: None,
            eula: None,
            privacy_uri: None,
            homepage_uri: None,
            is_json_extension: None,
            disallow_major_version_upgrade: None,
            supported_os: None,
            company_name: None,
            regions: None,
            others: Vec::new(),
        }
    }

    /// Reads a definition as the repository does: exact booleans, no wrapper around it.
    ///
    /// # Errors
    /// More than 64 KiB, bytes that are not UTF-8, XML that is not well-formed or has a document type, another outermost
    /// element or namespace, an element that stands twice, a missing or wrong identity, values that break a rule of
    /// REGISTRATION 8, and templates that were not filled in. Places are lines and columns.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        Self::parse_with(source, DefinitionRules::default())
    }

    /// Reads a definition by other rules than the default ones.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(source: Source<'_>, rules: DefinitionRules) -> Result<Checked<Self>, Refused> {
        let root = read_xml(source, ROOT)?;
        read_image(source, &root, &[], rules)
    }

    /// `ProviderNameSpace.Type`: what hosts call the handler.
    pub fn handler_name(&self) -> String {
        format!("{}.{}", self.provider_namespace, self.type_name)
    }
}

fn read_xml(source: Source<'_>, root: &'static str) -> Result<Element, Refused> {
    let rules = XmlRules { root, ..RULES };
    xml::read(source, &rules).map_err(|refused| {
        // `<%` is not XML, and the reader's complaint about it would not say what is the matter.
        let text = String::from_utf8_lossy(source.bytes.get(..MAX_DEFINITION_BYTES).unwrap_or(source.bytes));
        let mark = template::erb(&text).filter(|_| refused.first().code() == codes::DEFINITION_XML);
        let Some(mark) = mark else { return refused };
        let what = format!(
            "`{}` is of a template that was not filled in, so this is not XML",
            crate::escape_bounded(mark, 80)
        );
        let offset = text.find(mark).unwrap_or_default();
        let place = crate::json::position(&text, offset).into();
        refuse(source, codes::DEFINITION_TEMPLATE, place, what, "fill the template in")
    })
}

/// Reads the definition in the element `image`; `around` are the elements that it stands in, the innermost first.
pub(crate) fn read_image(
    source: Source<'_>,
    image: &Element,
    around: &[&Element],
    rules: DefinitionRules,
) -> Result<Checked<ExtensionImage>, Refused> {
    if image.namespace(around) != Some(NAMESPACE) {
        let what = match image.namespace(around) {
            Some(other) => format!("`{}` is of the namespace `{other}`", image.name),
            None => format!("`{}` is of no namespace", image.name),
        };
        return Err(refuse(
            source,
            codes::DEFINITION_SCHEMA,
            image.place(source),
            what,
            HINT,
        ));
    }
    let mut fields = Fields::new(source, rules.booleans);
    let value = fields.image(image);
    let warnings = fields.notes.finish()?;
    match value {
        Some(value) => Ok(Checked { value, warnings }),
        None => {
            let what = "it lacks what is needed".to_owned();
            Err(refuse(source, codes::DEFINITION_FIELD, image.place(source), what, HINT))
        }
    }
}

fn refuse(source: Source<'_>, code: Code, place: Place, what: String, hint: &str) -> Refused {
    Refused::new(Finding::refusal(code, source.file, place, what, hint))
}
