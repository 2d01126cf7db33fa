//! An `ExtensionImage` element made a definition.

use super::{
    ELEMENTS, ExtensionImage, LATER_ELEMENTS, MediaLink, OtherElement, Regions,
    fields::{Fields, belongs},
    part::ExtensionNamePart,
    words::{HostingResource, SupportedOs},
};
use crate::{Version, codes, escape_bounded, nearest, xml::Element};

/// What a value of a definition is not, and what would be right.
type Wrong = (String, &'static str);

impl Fields<'_> {
    /// Reads the definition in `image`. `None` only when it was refused.
    pub(super) fn image(&mut self, image: &Element) -> Option<ExtensionImage> {
        let provider_namespace = self.needed(image, "ProviderNameSpace", name_part);
        let type_name = self.needed(image, "Type", name_part);
        let version = self.needed(image, "Version", version);
        // The fields are read in the order in which they stand here, the identity's last: whatever is wrong is noted first.
        Some(ExtensionImage {
            label: self.text(image, "Label"),
            hosting_resources: self.hosting_resources(image),
            media_link: self.media_link(image),
            certificate: self.certificate(image),
            endpoints: self.endpoints(image),
            public_configuration_schema: self.base64(image, "PublicConfigurationSchema"),
            private_configuration_schema: self.base64(image, "PrivateConfigurationSchema"),
            description: self.text(image, "Description"),
            publisher_name: self.text(image, "PublisherName"),
            published_date: self.text(image, "PublishedDate"),
            local_resources: self.local_resources(image),
            block_role_upon_failure: self.flag(image, "BlockRoleUponFailure"),
            is_internal_extension: self.flag(image, "IsInternalExtension"),
            sample_config: self.base64(image, "SampleConfig"),
            replication_completed: self.replication_completed(image),
            eula: self.text(image, "Eula"),
            privacy_uri: self.text(image, "PrivacyUri"),
            homepage_uri: self.text(image, "HomepageUri"),
            is_json_extension: self.flag(image, "IsJsonExtension"),
            disallow_major_version_upgrade: self.flag(image, "DisallowMajorVersionUpgrade"),
            supported_os: self.word(image, "SupportedOS", SupportedOs::parse, "write `Linux` or `Windows`"),
            company_name: self.text(image, "CompanyName"),
            regions: self.regions(image),
            others: self.others(image),
            provider_namespace: provider_namespace?,
            type_name: type_name?,
            version: version?,
        })
    }

    fn hosting_resources(&mut self, image: &Element) -> Vec<HostingResource> {
        let Some(element) = self.child(image, "HostingResources") else {
            return Vec::new();
        };
        let words = self.parsed(element, |text| {
            let mut resources = Vec::new();
            for word in text.split('|').map(str::trim) {
                let wrong = || {
                    (
                        format!("`{}` is no hosting resource", escape_bounded(word, 80)),
                        "write `VmRole`, `WebRole` or `WorkerRole`, with `|` between several",
                    )
                };
                let resource = HostingResource::parse(word);
                if let Some(resource) = resource.filter(|resource| !resources.contains(resource)) {
                    resources.push(resource);
                } else if resource.is_none() && !text.is_empty() {
                    return Err(wrong());
                }
            }
            Ok(resources)
        });
        words.unwrap_or_default()
    }

    fn media_link(&mut self, image: &Element) -> Option<MediaLink> {
        let element = self.child(image, "MediaLink")?;
        if element.text().is_empty() && element.elements().is_empty() {
            return None;
        }
        let text = self.text_of(element);
        if text.chars().count() > super::MAX_TEXT_CHARACTERS {
            let hint = format!("write at most {} characters", super::MAX_TEXT_CHARACTERS);
            self.refuse(codes::DEFINITION_VALUE, element, "it is too long", hint);
            return None;
        }
        match MediaLink::parse(text) {
            Ok(link) => Some(link),
            Err((what, hint)) => {
                // Prose is what the sample of the old scripts has there.
                let prose = !text.contains("://");
                if super::template::mark(text).is_none() {
                    let code = if prose {
                        codes::DEFINITION_TEMPLATE
                    } else {
                        codes::DEFINITION_VALUE
                    };
                    self.refuse(code, element, what, hint);
                }
                None
            }
        }
    }

    /// Of the server; whatever stands there is no reason to refuse anything.
    fn replication_completed(&mut self, image: &Element) -> Option<bool> {
        match self.child(image, "ReplicationCompleted")?.text() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    fn regions(&mut self, image: &Element) -> Option<Regions> {
        let element = self.child(image, "Regions")?;
        self.parsed(element, |text| {
            Regions::parse(text).map_err(|what| (what, "write names of regions with `;` between them"))
        })
    }

    fn others(&mut self, image: &Element) -> Vec<OtherElement> {
        let mut others: Vec<OtherElement> = Vec::new();
        for element in image.elements() {
            let ours = belongs(element, image);
            if ours && ELEMENTS.contains(&&*element.name) {
                continue;
            }
            let later = ours && LATER_ELEMENTS.contains(&&*element.name);
            if later && element.elements().is_empty() {
                let _ = self.text_of(element);
            }
            let Some(kept) = OtherElement::keep(element) else {
                let what = "a name or a character in it cannot be written again";
                self.refuse(codes::DEFINITION_XML, element, what, "use plain names and text");
                continue;
            };
            if others.iter().any(|other| other.name() == kept.name()) {
                self.refuse(
                    codes::DEFINITION_SCHEMA,
                    element,
                    "it stands twice",
                    "take out all but one",
                );
                continue;
            }
            if !later {
                let hint = match nearest(&element.name, ELEMENTS.into_iter().chain(LATER_ELEMENTS)) {
                    Some(known) if ours => format!("`{known}` is known; nothing reads this one"),
                    _ => "take it out, or leave it: it is kept and handed on".to_owned(),
                };
                let what = match ours {
                    true => "it is not known; it is kept",
                    false => "it is of another namespace; it is kept without it",
                };
                self.warn(codes::DEFINITION_UNKNOWN, element, what, hint);
            }
            others.push(kept);
        }
        others
    }
}

fn name_part(text: &str) -> Result<ExtensionNamePart, Wrong> {
    ExtensionNamePart::parse(text).map_err(|e| (e.what().to_owned(), e.hint()))
}

/// A version of one to four numbers; a definition knows no marks of what comes before a release.
fn version(text: &str) -> Result<Version, Wrong> {
    let version = Version::parse(text).map_err(|e| (e.what().to_owned(), e.hint()))?;
    if version.is_prerelease() {
        let what = format!("`{}` has a mark behind its numbers", escape_bounded(text, 80));
        return Err((
            what,
            "write one to four numbers with dots between them, for example 1.0.0.0",
        ));
    }
    Ok(version)
}
