//! Entries that are no files, and entries that do not go together.

use std::{fs, os::unix::fs::PermissionsExt as _};

use hostler_tests::ZipEntry;

use crate::support::{Host, assert_refused, codes_of, refusal, with};

#[test]
fn pkg_06_symlink() {
    for target in ["/etc/passwd", "HandlerManifest.json"] {
        let link = ZipEntry::stored("link", target.as_bytes()).mode(0o12_0777);
        assert_refused("PKG-06", "pkg.type", &with([link.clone()]));
        // Made on DOS, which has no links: some readers look at the mode all the same.
        assert_refused("PKG-06", "pkg.type", &with([ZipEntry { made_by: 20, ..link }]));
    }
}

#[test]
fn pkg_07_file_below_a_symlink() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().to_str().unwrap();
    let link = ZipEntry::stored("d", target.as_bytes()).mode(0o12_0777);
    let refused = refusal(&with([link, ZipEntry::stored("d/evil", b"evil")]).build());
    assert_eq!(codes_of(&refused).first(), Some(&"pkg.type"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn pkg_08_pipe_at_a_reserved_name() {
    let pipe = ZipEntry::stored("status/0.status", b"").mode(0o01_0644);
    assert_eq!(codes_of(&refusal(&with([pipe]).build())), ["pkg.type", "pkg.reserved"]);
}

#[test]
fn pkg_09_devices_and_sockets() {
    for mode in [0o02_0666, 0o06_0666, 0o14_0666] {
        assert_refused(
            "PKG-09",
            "pkg.type",
            &with([ZipEntry::stored("device", b"").mode(mode)]),
        );
    }
}

#[test]
fn pkg_10_modes_are_ignored() {
    let modes = [0o10_4755, 0o10_2755, 0o10_1777, 0o10_0777, 0o10_0000];
    let files = modes.map(|mode| ZipEntry::stored(format!("d/{mode:o}"), b"x").mode(mode));
    let folder = ZipEntry::folder("d/").mode(0o04_7777);
    let host = Host::new();
    host.import_bytes(&with([folder].into_iter().chain(files)).build())
        .unwrap();
    let mode = |name: &str| fs::symlink_metadata(host.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("handlers/handler"), 0o750);
    assert_eq!(mode("handlers/handler/d"), 0o750);
    for name in host.names("handlers/handler/d") {
        assert_eq!(mode(&format!("handlers/handler/d/{name}")), 0o640, "{name}");
    }
}

#[test]
fn pkg_11_same_name_twice() {
    let twice = [ZipEntry::stored("a", b"one"), ZipEntry::stored("a", b"two")];
    assert_refused("PKG-11", "pkg.duplicate", &with(twice));
    let folders = [ZipEntry::folder("a/"), ZipEntry::folder("a/")];
    assert_refused("PKG-11", "pkg.duplicate", &with(folders));
}

#[test]
fn pkg_12_names_that_differ_in_case() {
    assert_refused(
        "PKG-12",
        "pkg.duplicate",
        &with([ZipEntry::stored("handlermanifest.JSON", b"[]")]),
    );
    let folders = [ZipEntry::stored("lib/a", b""), ZipEntry::stored("Lib/b", b"")];
    assert_refused("PKG-12", "pkg.duplicate", &with(folders));
}

#[test]
fn pkg_13_file_and_folder_at_once() {
    let below = [ZipEntry::stored("a", b""), ZipEntry::stored("a/b", b"")];
    assert_refused("PKG-13", "pkg.conflict", &with(below.clone()));
    assert_refused("PKG-13", "pkg.conflict", &with(below.into_iter().rev()));
    assert_refused(
        "PKG-13",
        "pkg.conflict",
        &with([ZipEntry::folder("a/"), ZipEntry::stored("a", b"")]),
    );
}
