//! Bad names of entries.

use hostler_tests::{ZipEntry, ZipForge, extra_field};

use crate::support::{COMPONENT, Host, assert_refused, manifest, with};

/// Packages with one file of each of `names`, which must be refused with `code`.
#[track_caller]
fn assert_names_refused(case: &str, code: &str, names: &[&[u8]]) {
    for name in names {
        assert_refused(case, code, &with([ZipEntry::stored(name, b"evil")]));
    }
}

#[test]
fn pkg_01_parent_folder() {
    assert_names_refused("PKG-01", "pkg.name", &[b"../evil"]);
}

#[test]
fn pkg_02_parent_folder_further_in() {
    assert_names_refused("PKG-02", "pkg.name", &[b"a/../../evil", b"a/../evil"]);
}

#[test]
fn pkg_03_absolute_name() {
    assert_names_refused("PKG-03", "pkg.name", &[b"/etc/evil", b"//evil", b"C:/evil"]);
}

#[test]
fn pkg_04_backslashes() {
    assert_names_refused("PKG-04", "pkg.name", &[b"..\\evil", b"a\\b"]);
}

#[test]
fn pkg_05_nul_in_name() {
    let manifest = ZipEntry::stored("HandlerManifest.json\0.txt", manifest("handler.wasm").as_bytes());
    let forge = ZipForge::of([manifest, ZipEntry::stored("handler.wasm", COMPONENT)]);
    assert_refused("PKG-05", "pkg.name", &forge);
}

#[test]
fn pkg_22_long_names() {
    assert_names_refused("PKG-22", "pkg.name", &[&[b'a'; 65_000], &[b'a'; 256]]);
    let host = Host::new();
    assert!(
        host.import_bytes(&with([ZipEntry::stored([b'a'; 255], b"")]).build())
            .is_ok()
    );
}

#[test]
fn pkg_23_deep_path() {
    let deep = |levels: usize| vec!["a"; levels].join("/");
    assert_names_refused("PKG-23", "pkg.depth", &[deep(5000).as_bytes(), deep(17).as_bytes()]);
    let host = Host::new();
    assert!(
        host.import_bytes(&with([ZipEntry::stored(deep(16), b"")]).build())
            .is_ok()
    );
}

#[test]
fn pkg_28_names_that_are_not_utf8() {
    for (name, flags) in [(&b"\xff\xfe"[..], 0), (b"\xff\xfe", 1 << 11), ("é".as_bytes(), 0)] {
        let entry = ZipEntry {
            flags,
            ..ZipEntry::stored(name, b"")
        };
        assert_refused("PKG-28", "pkg.name", &with([entry]));
    }
}

#[test]
fn pkg_29_escapes_in_names() {
    let refused = assert_refused(
        "PKG-29",
        "pkg.name",
        &with([ZipEntry::stored("\x1b[31mred\nline", b"")]),
    );
    let text = refused.to_string();
    assert!(text.contains("\\x1b[31mred\\nline"), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn pkg_31_reserved_names() {
    let names: [&[u8]; 12] = [
        b"config/0.settings",
        b"config/HandlerState",
        b"config",
        b"Config/x",
        b"HandlerEnvironment.json",
        b"heartbeat.log",
        b"heartbeat/heartbeat.log",
        b"status/0.status",
        b"package_validated",
        b"handler.cwasm",
        b"lib/HANDLER.CWASM",
        b"lib/x.cwasm/y",
    ];
    assert_names_refused("PKG-31", "pkg.reserved", &names);
    assert_refused("PKG-31", "pkg.reserved", &with([ZipEntry::folder("status/")]));
}

#[test]
fn pkg_37_names_with_several_spellings() {
    assert_names_refused("PKG-37", "pkg.name", &[b"a//b", b"./a", b"a/./b"]);
    let folder = ZipEntry {
        attributes: 0,
        ..ZipEntry::stored("a/", b"data")
    };
    assert_refused("PKG-37", "pkg.name", &with([folder]));
}

#[test]
fn pkg_40_unicode_path_that_differs() {
    let field = |name: &[u8]| {
        let checksum = crc32fast::hash(b"good.txt").to_le_bytes();
        extra_field(0x7075, &[&[1][..], &checksum, name].concat())
    };
    let entry = ZipEntry::stored("good.txt", b"x");
    let extra = field(b"../evil");
    assert_refused(
        "PKG-40",
        "pkg.inconsistent",
        &with([ZipEntry {
            extra: extra.clone(),
            ..entry.clone()
        }]),
    );
    assert_refused(
        "PKG-40",
        "pkg.inconsistent",
        &with([ZipEntry {
            local_extra: extra,
            ..entry.clone()
        }]),
    );
    let host = Host::new();
    let (extra, local_extra) = (field(b"good.txt"), field(b"good.txt"));
    let same = ZipEntry {
        extra,
        local_extra,
        ..entry
    };
    let imported = host.import_bytes(&with([same]).build());
    assert!(imported.is_ok(), "{imported:?}");
}
