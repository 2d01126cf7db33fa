//! What a definition that was sent makes of what is known (6.1, 6.2).

use hostler_contract::ExtensionImage;
use hostler_contract::registration::ErrorCode;

use super::{AbsentVisibility, Known, Rejected, Rules, VersionClass, change::changed, class};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The first version of an extension.
    Register(ExtensionImage),
    /// One more version, and how much newer it is.
    AddVersion(ExtensionImage, VersionClass),
    /// Other texts, visibility or regions for a known version.
    ChangeVersion(ExtensionImage),
}

impl Decision {
    /// The whole definition that the version is to have. `IsInternalExtension` is set; `ReplicationCompleted` is not.
    pub fn image(&self) -> &ExtensionImage {
        match self {
            Self::Register(image) | Self::AddVersion(image, _) | Self::ChangeVersion(image) => image,
        }
    }
}

/// Decides on the registration of an extension that is to be new.
///
/// # Errors
/// The extension is known, the definition lacks what a new version needs, and the quota is used up.
pub fn register(rules: &Rules, sent: &ExtensionImage, known: &Known) -> Result<Decision, Rejected> {
    if !known.versions.is_empty() {
        let message = format!(
            "The extension {} is registered already, with {} versions. Send further versions as updates: \
             PUT /services/extensions?action=update.",
            sent.handler_name(),
            known.versions.len()
        );
        return Err(Rejected::new(rules.extension_exists, message));
    }
    new_version(rules, sent, known).map(Decision::Register)
}

/// Decides on an update: a new version of a known extension, or a change of a known version.
///
/// # Errors
/// The extension is not known; as for [`register`] where the version is new; a change of what is fixed, and one that
/// takes regions away from a public version.
pub fn update(rules: &Rules, sent: &ExtensionImage, known: &Known) -> Result<Decision, Rejected> {
    if known.versions.is_empty() {
        let message = format!(
            "There is no extension {}. Register it first: POST /services/extensions.",
            sent.handler_name()
        );
        return Err(Rejected::new(rules.extension_unknown, message));
    }
    match known.version(&sent.version) {
        Some(before) => changed(rules, before, sent).map(Decision::ChangeVersion),
        None => {
            let class = class(&sent.version, known.versions.iter().map(|image| &image.version));
            new_version(rules, sent, known).map(|image| Decision::AddVersion(image, class))
        }
    }
}

fn new_version(rules: &Rules, sent: &ExtensionImage, known: &Known) -> Result<ExtensionImage, Rejected> {
    let lacking: Vec<String> = sent.check_new("request body").iter().map(ToString::to_string).collect();
    if !lacking.is_empty() {
        return Err(Rejected::new(ErrorCode::BadRequest, lacking.join(". ")));
    }
    if known.versions_of_subscription >= known.quota {
        let message = format!(
            "The subscription has {} versions, and its quota is {}. Delete versions that nobody uses, or have the quota \
             raised.",
            known.versions_of_subscription, known.quota
        );
        return Err(Rejected::new(rules.quota_exceeded, message));
    }
    let internal = sent
        .is_internal_extension
        .unwrap_or(rules.absent_visibility == AbsentVisibility::Internal);
    Ok(ExtensionImage {
        is_internal_extension: Some(internal),
        replication_completed: None,
        ..sent.clone()
    })
}
