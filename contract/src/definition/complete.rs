//! What a definition has to say of a version that is new; one that changes a known version may leave it out.

use super::{ExtensionImage, ROOT, SupportedOs};
use crate::{Finding, Place, codes};

impl ExtensionImage {
    /// What a new version lacks: refusals that name the element, in the order of the document (REGISTRATION 8,
    /// "yes for new"). `file` is the name to report them under.
    pub fn check_new(&self, file: &str) -> Vec<Finding> {
        let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let needed = [
            ("Label", is_set(&self.label), "write what people know it by"),
            ("HostingResources", !self.hosting_resources.is_empty(), "write `VmRole`"),
            ("MediaLink", self.media_link.is_some(), "write the URL of the package"),
            ("Description", is_set(&self.description), "write what it is for"),
        ];
        let place = |name: &str| Place::Xml(format!("{ROOT}/{name}"));
        let missing = needed.into_iter().filter(|(_, there, _)| !there);
        let mut findings: Vec<Finding> = missing
            .map(|(name, _, hint)| {
                let what = format!("`{name}` is missing or empty, and a new version needs it");
                Finding::refusal(codes::DEFINITION_FIELD, file, place(name), what, hint)
            })
            .collect();
        if self.supported_os == Some(SupportedOs::Linux) && self.is_json_extension == Some(false) {
            let what = "`IsJsonExtension` is false, and handlers for Linux have settings in JSON only";
            let (code, place) = (codes::DEFINITION_VALUE, place("IsJsonExtension"));
            findings.push(Finding::refusal(code, file, place, what, "write `true`"));
        }
        findings
    }
}
