//! Archives that are cut off, hold more than they say, or say two things at once.

use hostler_tests::{ZipEntry, ZipForge, extra_field};

use crate::support::{Host, assert_refused, codes_of, refusal, with};

#[test]
fn pkg_14_wrong_checksum() {
    for entry in [
        ZipEntry::stored("last", b"content"),
        ZipEntry::deflated("last", b"content"),
    ] {
        let (crc, packed, size) = entry.sizes;
        let sizes = (crc ^ 1, packed, size);
        assert_refused("PKG-14", "pkg.crc", &with([ZipEntry { sizes, ..entry }]));
    }
}

#[test]
fn pkg_15_encryption() {
    let entry = ZipEntry::stored("secret", b"content");
    for flags in [1, 1 | 1 << 6, 1 << 13] {
        assert_refused("PKG-15", "pkg.encrypted", &with([ZipEntry { flags, ..entry.clone() }]));
    }
    let extra = extra_field(0x9901, b"\x02\0AE\x03\x08\0");
    assert_refused("PKG-15", "pkg.encrypted", &with([ZipEntry { extra, ..entry }]));
}

#[test]
fn pkg_16_truncated() {
    let bytes = with([ZipEntry::deflated("a", b"content")]).build();
    for sixteenths in 0..16 {
        let cut = &bytes[..bytes.len() * sixteenths / 16];
        assert_eq!(codes_of(&refusal(cut)), ["pkg.format"], "{sixteenths}/16");
    }
    assert_eq!(codes_of(&refusal(&bytes[1..])), ["pkg.format"]);
    assert_eq!(codes_of(&refusal(&bytes[..bytes.len() - 1])), ["pkg.format"]);
}

#[test]
fn pkg_17_bytes_before_the_archive() {
    let shell = b"#!/bin/sh\nexit 0\n".to_vec();
    let forge = with([]);
    assert_refused(
        "PKG-17",
        "pkg.format",
        &ZipForge {
            prefix: shell.clone(),
            ..forge.clone()
        },
    );
    // The same with offsets that count them: an entry that the directory does not list takes the bytes in.
    let mut bytes = shell.clone();
    bytes.extend(forge.build());
    let moved = u32::try_from(shell.len()).unwrap();
    shift_offsets(&mut bytes, shell.len(), moved);
    assert_eq!(codes_of(&refusal(&bytes)), ["pkg.format"]);
    assert_refused(
        "PKG-17",
        "pkg.format",
        &ZipForge {
            before_directory: b"hidden".to_vec(),
            ..forge
        },
    );
}

#[test]
fn pkg_18_bytes_after_the_archive() {
    let forge = with([]);
    assert_refused(
        "PKG-18",
        "pkg.format",
        &ZipForge {
            suffix: b"junk".to_vec(),
            ..forge.clone()
        },
    );
    assert_refused(
        "PKG-18",
        "pkg.format",
        &ZipForge {
            comment: b"hello".to_vec(),
            ..forge
        },
    );
    let comment = b"hello".to_vec();
    let entry = ZipEntry {
        comment,
        ..ZipEntry::stored("a", b"")
    };
    assert_refused("PKG-18", "pkg.format", &with([entry]));
}

#[test]
fn pkg_24_two_names_for_one_entry() {
    let local_name = Some(b"evil.txt".to_vec());
    let entry = ZipEntry {
        local_name,
        ..ZipEntry::stored("good.txt", b"x")
    };
    assert_refused("PKG-24", "pkg.inconsistent", &with([entry]));
    let sizes = Some((0, 1, 1));
    let entry = ZipEntry {
        local_sizes: sizes,
        ..ZipEntry::stored("good.txt", b"x")
    };
    assert_refused("PKG-24", "pkg.inconsistent", &with([entry]));
}

#[test]
fn pkg_25_overlapping_entries() {
    // One entry's content is read as that of two names.
    let first = ZipEntry {
        offset: Some(0),
        ..ZipEntry::stored("a", b"shared")
    };
    let forge = ZipForge::of([
        ZipEntry::stored("a", b"shared"),
        ZipEntry {
            written: false,
            ..first
        },
    ]);
    let mut same = forge.clone();
    same.entries[1].name = b"b".to_vec();
    assert_refused("PKG-25", "pkg.overlap", &same);
    // Fifield's way: one entry's content covers the next entry's header.
    let inner = ZipForge::of([ZipEntry::stored("b", b"x")]).build();
    let header = &inner[..30 + 1 + 1];
    let outer = ZipEntry::stored("a", header);
    let inside = ZipEntry {
        offset: Some(31),
        written: false,
        ..ZipEntry::stored("b", b"x")
    };
    assert_refused("PKG-25", "pkg.overlap", &ZipForge::of([outer, inside]));
}

#[test]
fn pkg_26_entries_that_are_not_counted() {
    let forge = with([ZipEntry::stored("hidden", b"x")]);
    assert_refused(
        "PKG-26",
        "pkg.inconsistent",
        &ZipForge {
            count: Some(1),
            ..forge.clone()
        },
    );
    assert_refused(
        "PKG-26",
        "pkg.format",
        &ZipForge {
            count: Some(4),
            ..forge
        },
    );
}

#[test]
fn pkg_30_other_methods() {
    for method in [1, 6, 9, 12, 14, 93, 95, 99] {
        let entry = ZipEntry {
            method,
            ..ZipEntry::stored("a", b"x")
        };
        assert_refused("PKG-30", "pkg.method", &with([entry]));
    }
}

/// Adds `by` to all offsets of the archive that starts at `start`.
fn shift_offsets(bytes: &mut [u8], start: usize, by: u32) {
    let add = |field: &mut [u8]| {
        let old = u32::from_le_bytes(field.try_into().unwrap());
        field.copy_from_slice(&(old + by).to_le_bytes());
    };
    let end = bytes.len() - 22;
    let directory = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap()) as usize + start;
    let mut at = directory;
    while at < end {
        add(&mut bytes[at + 42..at + 46]);
        let length = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        at += 46 + length(at + 28) + length(at + 30) + length(at + 32);
    }
    add(&mut bytes[end + 16..end + 20]);
}

#[test]
fn sizes_after_the_content_must_agree() {
    let streamed = ZipEntry::deflated("a", b"content").streamed();
    let host = Host::new();
    let without_signature = ZipEntry {
        after: streamed.after[4..].to_vec(),
        ..streamed.clone()
    };
    let package = host.import_bytes(&with([without_signature]).build()).unwrap();
    assert_eq!(*package.archive().content("a").unwrap(), *b"content");

    let mut wrong = streamed.clone();
    wrong.after[4] ^= 1;
    assert_refused("descriptor", "pkg.inconsistent", &with([wrong]));
    assert_refused(
        "descriptor",
        "pkg.format",
        &with([ZipEntry {
            after: Vec::new(),
            ..streamed
        }]),
    );
    let stored = ZipEntry::stored("a", b"content").streamed();
    assert_refused("descriptor", "pkg.format", &with([stored]));
}

#[test]
fn versions_that_some_readers_refuse() {
    let entry = ZipEntry::stored("a", b"");
    for needed in [46, 63, 255, 20 | 3 << 8] {
        assert_refused(
            "version",
            "pkg.format",
            &with([ZipEntry {
                needed,
                ..entry.clone()
            }]),
        );
    }
    let host = Host::new();
    assert!(
        host.import_bytes(&with([ZipEntry { needed: 45, ..entry }]).build())
            .is_ok()
    );
}
