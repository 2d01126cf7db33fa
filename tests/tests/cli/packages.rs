//! Packages that are refused, through `run --keep`: exit code 3, the code of the case, and nothing half-installed.
//!
//! Each case in full is a test of the package crate; here is what a user sees of a sample of them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use hostler_tests::{Snapshot, ZipEntry, ZipForge, make_canary};

use crate::made::{COMPONENT, IDENTITY, done, with};
use crate::workbench::{SOON, Said, Workbench};

fn file(name: impl AsRef<[u8]>) -> ZipEntry {
    ZipEntry::stored(name, b"evil")
}

/// Bad archives: the case, the code, the archive.
fn bad() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let good = with([]).build();
    let broken = ZipEntry {
        sizes: (1, 4, 4),
        ..file("last")
    };
    let other_name = ZipEntry {
        local_name: Some(b"other".to_vec()),
        ..file("name")
    };
    let truncated = good.get(..good.len() / 2).unwrap_or_default().to_vec();
    let forge = |entries: Vec<ZipEntry>| with(entries).build();
    let miscounted = ZipForge {
        count: Some(1),
        ..with([])
    };
    let many = (0..5000).map(|n| file(format!("f{n}")));
    vec![
        ("PKG-01", "pkg.name", forge(vec![file("../evil")])),
        ("PKG-02", "pkg.name", forge(vec![file("a/../../evil")])),
        ("PKG-03", "pkg.name", forge(vec![file("/etc/evil")])),
        ("PKG-04", "pkg.name", forge(vec![file("..\\evil")])),
        ("PKG-05", "pkg.name", forge(vec![file("HandlerManifest.json\0.txt")])),
        ("PKG-06", "pkg.type", forge(vec![file("link").mode(0o12_0777)])),
        (
            "PKG-08",
            "pkg.type",
            forge(vec![file("status/0.status").mode(0o01_0644)]),
        ),
        ("PKG-09", "pkg.type", forge(vec![file("device").mode(0o02_0666)])),
        ("PKG-11", "pkg.duplicate", forge(vec![file("a"), file("a")])),
        ("PKG-12", "pkg.duplicate", forge(vec![file("handlermanifest.JSON")])),
        ("PKG-13", "pkg.conflict", forge(vec![file("a"), file("a/b")])),
        ("PKG-14", "pkg.crc", forge(vec![file("first"), broken])),
        ("PKG-16", "pkg.format", truncated),
        ("PKG-17", "pkg.format", [b"#!/bin/sh\n", &*good].concat()),
        ("PKG-18", "pkg.format", [&*good, b"more"].concat()),
        ("PKG-19", "pkg.ratio", forge(vec![ZipEntry::zeros("bomb", 60 << 20)])),
        ("PKG-21", "pkg.entries", forge(many.collect())),
        ("PKG-22", "pkg.name", forge(vec![file([b'a'; 65_000])])),
        ("PKG-23", "pkg.depth", forge(vec![file(["a"; 5_000].join("/"))])),
        ("PKG-24", "pkg.inconsistent", forge(vec![other_name])),
        ("PKG-26", "pkg.inconsistent", miscounted.build()),
        ("PKG-28", "pkg.name", forge(vec![file(b"\xff\xfe")])),
        ("PKG-29", "pkg.name", forge(vec![file("\x1b[31mred\nline")])),
        ("PKG-31", "pkg.reserved", forge(vec![file("config/0.settings")])),
        (
            "PKG-32",
            "manifest.missing",
            ZipForge::of([ZipEntry::stored(COMPONENT, done())]).build(),
        ),
        ("PKG-37", "pkg.name", forge(vec![file("a//b")])),
        ("PKG-37", "pkg.name", forge(vec![file("./a")])),
    ]
}

#[track_caller]
fn assert_refused(case: &str, code: &str, said: &Said) {
    assert_eq!(said.exit, 3, "{case}: {}", said.all());
    assert!(
        said.codes().iter().any(|found| found == code),
        "{case}: {:?}, not {code}",
        said.codes()
    );
    assert!(said.ran.wall < SOON, "{case}: {:?}", said.ran.wall);
    assert!(said.ran.peak_rss < 96 << 20, "{case}: {} MiB", said.ran.peak_rss >> 20);
}

#[test]
fn nothing_is_half_installed() {
    for (case, code, bytes) in bad() {
        let bench = Workbench::new();
        let outside = make_canary(&bench.path(""));
        let before = Snapshot::of(&outside);
        let package = bench.write(&format!("{IDENTITY}.zip"), bytes);
        let first = bench.run(&package, &["--json"]);
        assert_refused(case, code, &first);
        bench.assert_nothing_installed(case);
        assert_eq!(
            first.all(),
            bench.run(&package, &["--json"]).all(),
            "{case}: not the same verdict twice"
        );
        assert_eq!(before.differences(&Snapshot::of(&outside)), [""; 0], "{case}");
    }
}

/// What is in place goes on working: a bad package of the same name changes nothing of it.
#[test]
fn what_is_in_place_stays() {
    let bench = Workbench::new();
    let good = bench.package(&with([]));
    assert_eq!(bench.run(&good, &[]).exit, 0);
    let before = Snapshot::of(&bench.handler(IDENTITY));
    for (case, code, bytes) in bad().into_iter().step_by(4) {
        let package = bench.write(&format!("{IDENTITY}.zip"), bytes);
        assert_refused(case, code, &bench.run(&package, &["--json"]));
        assert_eq!(
            before.differences(&Snapshot::of(&bench.handler(IDENTITY))),
            [""; 0],
            "{case}"
        );
    }
    let good = bench.package(&with([]));
    assert_eq!(bench.run(&good, &[]).exit, 0);
}

/// PKG-38: other bytes under a version that is there already.
#[test]
fn another_package_of_the_same_version() {
    let bench = Workbench::new();
    assert_eq!(bench.run(&bench.package(&with([])), &[]).exit, 0);
    let before = Snapshot::of(&bench.handler(IDENTITY));
    let other = bench.package(&with([file("more")]));
    insta::assert_snapshot!(bench.run(&other, &[]).all(), @r"
    exit code 3
    --- stderr
    refused: [HERE]/root/handlers/Hostler.Tests.Made-1.0 holds another package of the same version [host.conflict]
      at --keep
      give the package a higher version, or name another root
    ");
    assert_eq!(before.differences(&Snapshot::of(&bench.handler(IDENTITY))), [""; 0]);
}

#[test]
fn a_name_that_would_act_on_the_terminal() {
    let bench = Workbench::new();
    let package = bench.package(&with([file("\x1b[31mred\nline")]));
    insta::assert_snapshot!(bench.run(&package, &[]).all(), @r"
    exit code 3
    --- stderr
    refused: its name has characters that cannot be seen [pkg.name]
      at Hostler.Tests.Made-1.0.zip: entry \x1b[31mred\nline
      use visible characters and plain spaces only
    ");
}

#[test]
fn several_faults_at_once() {
    let bench = Workbench::new();
    let package = bench.package(&with([file("../evil"), file("link").mode(0o12_0777), file("status/x")]));
    insta::assert_snapshot!(bench.run(&package, &[]).all(), @r"
    exit code 3
    --- stderr
    refused: its name has `..` as a part [pkg.name]
      at Hostler.Tests.Made-1.0.zip: entry ../evil
      write the path as it is, without going round
    refused: it is a symbolic link (mode 120000, made on system 3) [pkg.type]
      at Hostler.Tests.Made-1.0.zip: entry link
      pack regular files and directories only
    refused: `status` in a handler's folder belongs to the host [pkg.reserved]
      at Hostler.Tests.Made-1.0.zip: entry status/x
      leave it out; the host makes it where it is needed
    ");
}

/// PKG-35: what is not a regular file is refused at once, by every command that takes a package.
#[test]
fn paths_that_name_no_regular_file() {
    let bench = Workbench::new();
    let real = bench.write("real.zip", with([]).build());
    let [pipe, folder, link] = ["A.Pipe-1.0.zip", "A.Folder-1.0.zip", "A.Link-1.0.zip"].map(|name| bench.path(name));
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    fs::create_dir(&folder).unwrap();
    symlink(real, &link).unwrap();
    for path in [
        &*pipe,
        &*folder,
        &*link,
        Path::new("/dev/zero"),
        &*bench.path("A.Missing-1.0.zip"),
    ] {
        for command in ["run", "inspect"] {
            let arguments = [command, path.to_str().unwrap(), "--handler", IDENTITY, "--json"];
            assert_refused("PKG-35", "pkg.open", &bench.hostler(&arguments));
        }
    }
    for path in [&pipe, &link] {
        assert_refused(
            "PKG-35",
            "pkg.open",
            &bench.hostler(&["check", path.to_str().unwrap(), "--json"]),
        );
    }
}

/// What only the compiler finds is found before anything is in place, too (CMP-04).
#[test]
fn a_component_that_does_not_validate() {
    let bench = Workbench::new();
    let mut bytes = done().to_vec();
    bytes.truncate(bytes.len() - 3);
    let manifest = crate::made::manifest_entry(crate::made::manifest().to_string());
    let package = bench.package(&ZipForge::of([manifest, ZipEntry::stored(COMPONENT, &bytes)]));
    let said = bench.run(&package, &["--json"]);
    assert_eq!(
        (said.exit, said.codes()),
        (3, vec!["wasm.invalid".to_owned()]),
        "{}",
        said.all()
    );
    bench.assert_nothing_installed("CMP-04");
}
