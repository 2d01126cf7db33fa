//! The checks themselves, in the process that is confined.

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Checked, Command, Finding, Place, Refused, Severity, Version, codes};
use hostler_package::{Package, PackageLimits};

use super::{Admitted, Registered};

/// Checks the package in `bytes`, which is to become what `registered` says.
///
/// # Errors
/// What `hostler_package` refuses; a manifest without `installCommand` or `enableCommand`; a `signingInfo` for something
/// else than what is registered.
pub(super) fn check(bytes: Vec<u8>, registered: &Registered) -> Result<Admitted, Refused> {
    let name = format!(
        "{}.{}-{}",
        registered.namespace, registered.type_name, registered.version
    );
    let Checked {
        value: package,
        warnings,
    } = Package::from_bytes(&name, bytes, &PackageLimits::default())?;
    let mut findings = warnings;
    findings.extend(incomplete(&package));
    findings.extend(other_identity(&package, registered));
    let warnings = Refused::unless_only_warnings(findings)?;
    Ok(Admitted {
        asks: asks(&package),
        components: package.components().into_iter().map(str::to_owned).collect(),
        warnings,
    })
}

/// The commands that are missing: a handler that cannot be installed or enabled is refused, others are warned of.
fn incomplete(package: &Package) -> Vec<Finding> {
    let missing = package.manifest().missing_commands();
    let find = |command: &Command| {
        let needed = matches!(command, Command::Install | Command::Enable);
        let place = Place::Json(format!("$[0].handlerManifest.{}", command.manifest_key()));
        let what = format!("there is no `{}`", command.manifest_key());
        let hint = "name the component that carries the command out";
        match needed {
            true => Finding::refusal(codes::MANIFEST_FIELD, MANIFEST_FILE, place, what, hint),
            false => Finding::warning(codes::MANIFEST_FIELD, MANIFEST_FILE, place, what, hint),
        }
    };
    missing.iter().map(find).collect()
}

/// Where the manifest says for whom the package was signed, it has to be what is registered (MAN-13).
fn other_identity(package: &Package, registered: &Registered) -> Vec<Finding> {
    let Some(signing) = package.manifest().signing_info() else {
        return Vec::new();
    };
    let same_version = |text: &str| match (Version::parse(text), Version::parse(&registered.version)) {
        (Ok(said), Ok(registered)) => said == registered,
        _ => text == registered.version,
    };
    let members = [
        ("publisher", &signing.publisher, &registered.namespace, None),
        ("type", &signing.type_name, &registered.type_name, None),
        ("version", &signing.version, &registered.version, Some(same_version)),
    ];
    let differing = members.into_iter().filter_map(|(member, said, registered, same)| {
        let said = said.as_deref()?;
        let same = same.map_or(said == registered, |same| same(said));
        (!same).then(|| {
            Finding::refusal(
                codes::MANIFEST_IDENTITY,
                MANIFEST_FILE,
                Place::Json(format!("$[0].signingInfo.{member}")),
                format!("it is `{said}`"),
                format!(
                    "the package is registered with `{registered}`; write the same in both, or leave `signingInfo` out"
                ),
            )
        })
    });
    differing.collect()
}

/// `sandbox` of the manifest, as it stands there.
fn asks(package: &Package) -> Option<serde_json::Value> {
    let bytes = package.archive().content(MANIFEST_FILE).ok()?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut manifest: serde_json::Value = serde_json::from_slice(text).ok()?;
    let asks = manifest.get_mut(0)?.get_mut("sandbox")?.take();
    (!asks.is_null()).then_some(asks)
}

/// Whether findings of another process are of the kind that its answer says; they are shown, so a lie costs nothing.
pub(super) fn refuses(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity() == Severity::Refusal)
}
