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

#[cfg(test)]
mod tests {
    use hostler_tests::{ZipEntry, ZipForge};

    use super::{Registered, check};

    const COMMANDS: &str = r#""installCommand": "h.wasm install", "enableCommand": "h.wasm enable", "disableCommand":
        "h.wasm disable", "uninstallCommand": "h.wasm uninstall", "updateCommand": "h.wasm update", "rebootAfterInstall":
        false, "reportHeartbeat": false"#;

    fn checked(manifest: &str, component: &[u8]) -> Result<super::Admitted, String> {
        let files = [("HandlerManifest.json", manifest.as_bytes()), ("h.wasm", component)];
        let zip = ZipForge::of(files.map(|(name, content)| ZipEntry::stored(name, content))).build();
        let registered = Registered {
            namespace: "Contoso".to_owned(),
            type_name: "Demo".to_owned(),
            version: "1.0".to_owned(),
        };
        check(zip, &registered).map_err(|refused| refused.findings().iter().map(ToString::to_string).collect())
    }

    fn manifest(commands: &str, rest: &str) -> String {
        format!(r#"[{{"name": "Demo", "version": 1.0, "handlerManifest": {{{commands}}}{rest}}}]"#)
    }

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn a_good_package_is_admitted_with_what_it_asks_for() {
        let sandbox = r#", "sandbox": {"limits": {"cmd.deadline": 1000}}"#;
        let admitted = checked(&manifest(COMMANDS, sandbox), COMPONENT).unwrap();
        assert_eq!(
            admitted.asks.unwrap().to_string(),
            r#"{"limits":{"cmd.deadline":1000}}"#
        );
        assert_eq!(admitted.components, ["h.wasm"]);
        assert_eq!(checked(&manifest(COMMANDS, ""), COMPONENT).unwrap().asks, None);
    }

    /// MAN-13: what the manifest says that it was signed for is what it is registered as.
    #[test]
    fn man_13_a_package_of_another_name_is_refused() {
        let signed = |publisher: &str, version: &str| {
            let info =
                format!(r#", "signingInfo": {{"publisher": "{publisher}", "type": "Demo", "version": "{version}"}}"#);
            checked(&manifest(COMMANDS, &info), COMPONENT).err().unwrap_or_default()
        };
        assert_eq!(signed("Contoso", "1.0.0.0"), "", "the same version, written otherwise");
        for (publisher, version) in [("Fabrikam", "1.0"), ("contoso", "1.0"), ("Contoso", "1.1")] {
            let said = signed(publisher, version);
            assert!(said.contains("manifest.identity"), "{publisher} {version}: {said}");
        }
    }

    #[test]
    fn what_a_host_would_refuse_later_is_refused_now() {
        let no_enable = COMMANDS.replace(r#""enableCommand": "h.wasm enable","#, "");
        for (manifest, component, code) in [
            (manifest(&no_enable, ""), COMPONENT, "manifest.field"),
            (
                manifest(COMMANDS, "").replace("h.wasm", "other.wasm"),
                COMPONENT,
                "manifest.command_target",
            ),
            (
                manifest(COMMANDS, ""),
                b"#!/bin/sh\n".as_slice(),
                "manifest.command_target",
            ),
            ("{".to_owned(), COMPONENT, "manifest.json"),
        ] {
            let said = checked(&manifest, component).unwrap_err();
            assert!(said.contains(code), "{code}: {said}");
        }
        let no_update = COMMANDS.replace(r#""updateCommand": "h.wasm update","#, "");
        assert_eq!(checked(&manifest(&no_update, ""), COMPONENT).unwrap().warnings.len(), 1);
    }
}
