//! Names that become parts of paths: of files in a package, and of settings and status files.

use hostler_contract::{HandlerIdentity, SettingsName};
use hostler_package::{Package, PackageLimits};

use super::text::{assert_inside, assert_one_part};
use super::zip_import::staged;
use crate::{ZipEntry, ZipForge};

/// A manifest that every package of [`path_rules`] has.
const MANIFEST: &str = r#"[{"version": 1.0, "handlerManifest": {
    "installCommand": "h.wasm install", "uninstallCommand": "h.wasm uninstall", "updateCommand": "h.wasm update",
    "enableCommand": "h.wasm enable", "disableCommand": "h.wasm disable"}}]"#;

/// The name of a file in a package: what is accepted is a file below the handler's folder, of that very name, and
/// nothing else has changed (P1, P5). The same for the name of a handler's folder.
pub fn path_rules(bytes: &[u8]) {
    const CONTENT: &[u8] = b"some content";
    if bytes.is_empty() || bytes.len() > 1000 {
        return;
    }
    let archive = ZipForge::of([
        ZipEntry::stored("HandlerManifest.json", MANIFEST.as_bytes()),
        ZipEntry::stored("h.wasm", b"\0asm\x0d\0\x01\0"),
        ZipEntry::stored(bytes, CONTENT),
    ]);
    if let Ok(package) = Package::from_bytes("input.zip", archive.build(), &PackageLimits::default()) {
        let name = std::str::from_utf8(bytes).expect("an accepted name is text");
        assert_inside(name);
        let there = staged(&package.value);
        assert_eq!(there.get(name), Some(&Some(CONTENT.to_vec())), "{name:?}");
        assert_eq!(there.len(), 3, "{name:?} and what else?");
    }
    if let Some(identity) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| HandlerIdentity::parse(text).ok())
    {
        assert_one_part(&identity.to_string());
        assert_one_part(identity.name.as_str());
    }
}

/// Names in a settings folder, one on each line: each that counts has one spelling and one number, and the highest
/// number is that of its digits.
pub fn seq_select(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut highest: Option<u64> = None;
    let mut selected: Option<SettingsName> = None;
    for file in text.lines() {
        assert!(
            SettingsName::parse(file).is_err() || SettingsName::parse_status(file).is_err(),
            "{file:?} is both"
        );
        let Ok(name) = SettingsName::parse(file) else { continue };
        assert_one_part(file);
        assert_eq!(name.settings_file(), file, "a number or name has one spelling");
        let answer = SettingsName::parse_status(&name.status_file());
        assert_eq!(answer.as_ref(), Ok(&name), "{file:?}");
        let digits = file
            .trim_end_matches(".settings")
            .rsplit('.')
            .next()
            .unwrap_or_default();
        let number: u64 = digits.parse().expect("a number is its digits");
        assert!(
            number <= 2_147_483_647 && u64::from(name.number.get()) == number,
            "{file:?}"
        );
        highest = highest.max(Some(number));
        if selected.as_ref().is_none_or(|so_far| so_far.number < name.number) {
            selected = Some(name);
        }
    }
    assert_eq!(selected.map(|name| u64::from(name.number.get())), highest);
}
