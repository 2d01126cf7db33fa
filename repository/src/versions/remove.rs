//! Which version may go (6.3, 9.2).

use hostler_contract::registration::ErrorCode;
use hostler_contract::{ExtensionImage, Version};

use super::{Known, Rejected, Rules};

/// The definition of the version to be removed, which has to be internal. Versions are compared by their numbers, so
/// that `1.2` goes by `1.2.0.0` too (15.10).
///
/// # Errors
/// The version is not known, or public.
pub fn remove<'k>(
    rules: &Rules,
    handler_name: &str,
    version: &Version,
    known: &'k Known,
) -> Result<&'k ExtensionImage, Rejected> {
    let Some(image) = known.version(version) else {
        let message = format!("There is no version {version} of {handler_name}. List those that there are.");
        return Err(Rejected::new(ErrorCode::ResourceNotFound, message));
    };
    if image.is_internal_extension != Some(true) {
        let message = format!(
            "Version {} of {handler_name} is public, and machines may have it. Make it internal first: update it with \
             IsInternalExtension true.",
            image.version
        );
        return Err(Rejected::new(rules.version_public, message));
    }
    Ok(image)
}
