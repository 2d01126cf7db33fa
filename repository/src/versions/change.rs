//! What may change of a version that is there (9.3), and how far its regions may move (9.2).

use hostler_contract::ExtensionImage;
use hostler_contract::definition::{MediaLink, Regions, same_region};

use super::{AbsentRegions, Rejected, Rules, Shrinking};

/// The definition that `before` becomes by what was sent. What was not sent stays as it is.
pub(super) fn changed(
    rules: &Rules,
    before: &ExtensionImage,
    sent: &ExtensionImage,
) -> Result<ExtensionImage, Rejected> {
    package_stays(rules, before, sent)?;
    fixed_stays(rules, before, sent)?;
    let keep = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    let regions = match (&sent.regions, rules.absent_regions) {
        (Some(regions), _) => Some(regions.clone()),
        (None, AbsentRegions::Keep) => before.regions.clone(),
        (None, AbsentRegions::All) => Some(Regions::All),
    };
    let after = ExtensionImage {
        label: keep(&sent.label, &before.label),
        description: keep(&sent.description, &before.description),
        sample_config: keep(&sent.sample_config, &before.sample_config),
        eula: keep(&sent.eula, &before.eula),
        privacy_uri: keep(&sent.privacy_uri, &before.privacy_uri),
        homepage_uri: keep(&sent.homepage_uri, &before.homepage_uri),
        company_name: keep(&sent.company_name, &before.company_name),
        is_internal_extension: sent.is_internal_extension.or(before.is_internal_extension),
        regions,
        ..before.clone()
    };
    slice_does_not_shrink(rules, before, &after)?;
    Ok(after)
}

/// The bytes of a version never change. A link with another signature in its query is the same link.
fn package_stays(rules: &Rules, before: &ExtensionImage, sent: &ExtensionImage) -> Result<(), Rejected> {
    let path = |link: &MediaLink| link.as_str().split(['?', '#']).next().unwrap_or_default().to_owned();
    match (&sent.media_link, &before.media_link) {
        (Some(new), Some(old)) if path(new) != path(old) => {
            let message = format!(
                "MediaLink: version {} of {} has its package already, from {old}, and keeps it. Leave MediaLink empty to \
                 change other things, or give a new package a new version.",
                before.version,
                before.handler_name()
            );
            Err(Rejected::new(rules.package_differs, message))
        }
        _ => Ok(()),
    }
}

fn fixed_stays(rules: &Rules, before: &ExtensionImage, sent: &ExtensionImage) -> Result<(), Rejected> {
    // A flag that was never set may be sent as what it counts as without being set.
    let unset = |old: Option<bool>, new: Option<bool>| new.is_some_and(|new| new != old.unwrap_or(false));
    let text = |old: &Option<String>, new: &Option<String>| {
        new.as_ref()
            .is_some_and(|new| !new.is_empty() && Some(new) != old.as_ref())
    };
    let differs = [
        (
            "HostingResources",
            !sent.hosting_resources.is_empty() && sent.hosting_resources != before.hosting_resources,
        ),
        (
            "Certificate",
            sent.certificate.is_some() && sent.certificate != before.certificate,
        ),
        (
            "Endpoints",
            !sent.endpoints.is_empty() && sent.endpoints != before.endpoints,
        ),
        (
            "PublicConfigurationSchema",
            text(&before.public_configuration_schema, &sent.public_configuration_schema),
        ),
        (
            "PrivateConfigurationSchema",
            text(&before.private_configuration_schema, &sent.private_configuration_schema),
        ),
        ("PublisherName", text(&before.publisher_name, &sent.publisher_name)),
        (
            "LocalResources",
            !sent.local_resources.is_empty() && sent.local_resources != before.local_resources,
        ),
        (
            "BlockRoleUponFailure",
            unset(before.block_role_upon_failure, sent.block_role_upon_failure),
        ),
        (
            // Tools send `true` with every change; what counts when it was never set is not known.
            "IsJsonExtension",
            before.is_json_extension.is_some() && unset(before.is_json_extension, sent.is_json_extension),
        ),
        (
            "DisallowMajorVersionUpgrade",
            unset(
                before.disallow_major_version_upgrade,
                sent.disallow_major_version_upgrade,
            ),
        ),
        (
            "SupportedOS",
            sent.supported_os.is_some() && sent.supported_os != before.supported_os,
        ),
    ];
    let names: Vec<&str> = differs
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{}: what version {} of {} has there cannot change. Label, Description, SampleConfig, Eula, PrivacyUri, \
         HomepageUri, CompanyName, Regions and IsInternalExtension can; for anything else send a new version.",
        names.join(", "),
        before.version,
        before.handler_name()
    );
    Err(Rejected::new(rules.field_fixed, message))
}

/// A public version loses no region: promotion is cumulative, and lists all regions so far.
fn slice_does_not_shrink(rules: &Rules, before: &ExtensionImage, after: &ExtensionImage) -> Result<(), Rejected> {
    let is_public = |image: &ExtensionImage| image.is_internal_extension == Some(false);
    if rules.shrinking == Shrinking::Allowed || !is_public(before) || !is_public(after) {
        return Ok(());
    }
    // A public version that says nothing of regions is for all of them.
    let Some(Regions::Listed(now)) = &after.regions else {
        return Ok(());
    };
    let lost = match &before.regions {
        None | Some(Regions::All) => "all regions that are not listed".to_owned(),
        Some(Regions::Listed(so_far)) => {
            let lost = so_far.iter().filter(|old| !now.iter().any(|new| same_region(new, old)));
            lost.map(String::as_str).collect::<Vec<_>>().join(", ")
        }
    };
    if lost.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Regions: version {} of {} would lose {lost}. List all regions so far and the new ones, or make the version \
         internal first.",
        before.version,
        before.handler_name()
    );
    Err(Rejected::new(rules.field_fixed, message))
}
