//! Packages that must be refused: archives of stored entries, as plain as the format allows, with one thing wrong.

use super::probe::Forgery;

/// Mode of a regular file, and of a symbolic link, where the directory of an archive has it.
const FILE: u32 = 0o10_0644 << 16;
const LINK: u32 = 0o12_0777 << 16;

/// The beginning of a native program for 64-bit Linux.
const NATIVE: &[u8] = b"\x7fELF\x02\x01\x01\x00native";

/// An empty core module.
const CORE: &[u8] = b"\0asm\x01\0\0\0";

/// The least that a package needs besides its component.
const MANIFEST: &[u8] = br#"[{"name": "SelfTest.Forged", "version": 1.0, "handlerManifest": {
"installCommand": "forged.wasm install", "enableCommand": "forged.wasm enable", "updateCommand": "forged.wasm update",
"disableCommand": "forged.wasm disable", "uninstallCommand": "forged.wasm uninstall",
"rebootAfterInstall": false, "reportHeartbeat": false}}]"#;

const NAME: &str = "forged.wasm";

pub(super) fn bytes(forgery: Forgery, hostile: &[u8]) -> Vec<u8> {
    let with = |name: &str, mode| {
        archive(&[
            ("HandlerManifest.json", MANIFEST, FILE),
            (NAME, CORE, FILE),
            (name, b"x", mode),
        ])
    };
    let instead = |component: &[u8]| archive(&[("HandlerManifest.json", MANIFEST, FILE), (NAME, component, FILE)]);
    match forgery {
        Forgery::Changed => {
            let mut bytes = hostile.to_vec();
            // Far from the headers at both ends: in the component.
            if let Some(byte) = bytes.get_mut(hostile.len() / 2) {
                *byte ^= 1;
            }
            bytes
        }
        Forgery::CutShort => hostile.get(..hostile.len() / 2).unwrap_or_default().to_vec(),
        Forgery::EntryOutside => with("../evil", FILE),
        Forgery::NameTwice => with(NAME, FILE),
        Forgery::Link => with("link", LINK),
        Forgery::NativeCode => instead(NATIVE),
        Forgery::CoreModule => instead(CORE),
        Forgery::NameThatActs => with(&"\u{1b}[2J\r\nhostler: all is well\u{202e}".repeat(100), FILE),
    }
}

/// An archive of `entries`: name, content, attributes.
fn archive(entries: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, content, attributes) in entries {
        let (offset, size) = (number(bytes.len()), number(content.len()));
        // What both headers say: version, flags (UTF-8), stored, no time, checksum, sizes, length of the name.
        let mut common = Vec::new();
        let utf8 = if name.is_ascii() { 0 } else { 1 << 11 };
        for short in [20, utf8, 0, 0, 0x21] {
            common.extend_from_slice(&u16::to_le_bytes(short));
        }
        for long in [checksum(content), size, size] {
            common.extend_from_slice(&long.to_le_bytes());
        }
        common.extend_from_slice(&short(name.len()).to_le_bytes());
        common.extend_from_slice(&[0, 0]);

        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content);

        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&u16::to_le_bytes(3 << 8 | 20));
        directory.extend_from_slice(&common);
        // No comment, first disk, no internal attributes.
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&attributes.to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, count) = (number(bytes.len()), short(entries.len()));
    let size = number(directory.len());
    bytes.append(&mut directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for number in [count, count] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [size, start] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

/// CRC-32 as archives have it; a bit at a time, since there is little of it.
fn checksum(content: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    !content.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg())
        })
    })
}

/// Everything that is made here is far smaller.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use hostler_contract::codes;
    use hostler_package::{Package, PackageLimits};

    use super::*;

    /// A forgery that is refused for something else than what is wrong with it proves nothing.
    #[test]
    fn each_is_refused_for_what_is_wrong_with_it() {
        let hostile = archive(&[
            ("HandlerManifest.json", MANIFEST, FILE),
            ("padding", &[7; 4096], FILE),
            (NAME, CORE, FILE),
        ]);
        let cases = [
            (Forgery::Changed, codes::PKG_CRC),
            (Forgery::CutShort, codes::PKG_FORMAT),
            (Forgery::EntryOutside, codes::PKG_NAME),
            (Forgery::NameTwice, codes::PKG_DUPLICATE),
            (Forgery::Link, codes::PKG_TYPE),
            (Forgery::NativeCode, codes::WASM_NATIVE),
            (Forgery::CoreModule, codes::WASM_NOT_COMPONENT),
            (Forgery::NameThatActs, codes::PKG_NAME),
        ];
        for (forgery, code) in cases {
            let refused =
                Package::from_bytes("f.zip", bytes(forgery, &hostile), &PackageLimits::default()).unwrap_err();
            let found: Vec<_> = refused.findings().iter().map(|finding| finding.code()).collect();
            assert!(found.contains(&code), "{forgery:?}: {found:?}");
        }
    }
}
