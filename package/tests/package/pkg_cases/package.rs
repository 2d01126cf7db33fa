//! From a file to a published package: how it is opened, its manifest, and its commands.

use std::{
    collections::BTreeMap,
    fs,
    sync::atomic::{AtomicBool, Ordering},
};

use hostler_package::{Durability, EntryKind, Package, PackageDigest, PackageError, PackageLimits};
use hostler_tests::{ZipEntry, ZipForge};

use crate::support::{
    COMPONENT, Host, assert_refused, codes_of, good_entries, manifest, manifest_with_service, soon, with,
};

const MIB: u32 = 1024 * 1024;

#[test]
fn a_good_package_is_imported() {
    let host = Host::new();
    let more = [
        ZipEntry::folder("lib/"),
        ZipEntry::deflated("lib/é.txt", b"text").streamed(),
        ZipEntry::stored("empty", b""),
    ];
    let package = host.import_bytes(&with(more).build()).unwrap();
    assert_eq!(
        host.names("handlers/handler"),
        ["HandlerManifest.json", "empty", "handler.wasm", "lib"]
    );
    assert_eq!(fs::read(host.path("handlers/handler/lib/é.txt")).unwrap(), b"text");
    assert_eq!(host.names("staging"), [""; 0]);
    assert_eq!(package.components(), ["handler.wasm"]);
    let opened = Package::from_bytes("p.zip", with([]).build(), &PackageLimits::default()).unwrap();
    assert_eq!(opened.warnings, []);
    assert_eq!(package.component("handler.wasm").unwrap(), COMPONENT);
}

#[test]
fn pkg_32_manifest_elsewhere() {
    let component = ZipEntry::stored("handler.wasm", COMPONENT);
    let text = manifest("handler.wasm");
    let below = |folder: &str| ZipEntry::stored(format!("{folder}/HandlerManifest.json"), text.as_bytes());
    for entries in [vec![], vec![below("a")], vec![below("a"), below("b")]] {
        let forge = ZipForge::of([component.clone()].into_iter().chain(entries));
        assert_refused("PKG-32", "manifest.missing", &forge);
    }
    // Another one in a folder is a file like any other, even where it is met first.
    let broken = ZipEntry::stored("a/HandlerManifest.json", b"{");
    let host = Host::new();
    host.import_bytes(&ZipForge::of([broken].into_iter().chain(good_entries())).build())
        .unwrap();
}

#[test]
fn pkg_33_wrong_digest() {
    let bytes = with([]).build();
    let package = Package::from_bytes("p.zip", bytes.clone(), &PackageLimits::default())
        .unwrap()
        .value;
    assert!(package.expect_digest(PackageDigest::of(&bytes)).is_ok());
    let refused = package.expect_digest(PackageDigest::of(b"other")).unwrap_err();
    assert_eq!(codes_of(&refused), ["pkg.digest"]);
    // One bit is enough, wherever it is.
    for part in 0..64 {
        let mut flipped = bytes.clone();
        let at = part * flipped.len() / 64;
        flipped[at] ^= 1 << (part % 8);
        let refused = package.expect_digest(PackageDigest::of(&flipped)).unwrap_err();
        assert_eq!(codes_of(&refused), ["pkg.digest"], "bit {} of byte {at}", part % 8);
    }
}

#[test]
fn pkg_34_file_replaced_while_it_is_read() {
    let host = Host::new();
    let contents: BTreeMap<PackageDigest, &[u8]> = [&b"first"[..], b"second, and longer"]
        .into_iter()
        .enumerate()
        .map(|(n, content)| {
            let bytes = with([ZipEntry::stored("which", content)]).build();
            fs::write(host.path(&format!("{n}.zip")), &bytes).unwrap();
            (PackageDigest::of(&bytes), content)
        })
        .collect();
    let path = host.path("package.zip");
    fs::copy(host.path("0.zip"), &path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in [0, 1].into_iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                fs::copy(host.path(&format!("{n}.zip")), host.path("next.zip")).unwrap();
                fs::rename(host.path("next.zip"), &path).unwrap();
            }
        });
        for _ in 0..200 {
            let package = Package::open(&path, &PackageLimits::default()).unwrap().value;
            assert_eq!(package.archive().content("which").unwrap(), contents[&package.digest()]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn pkg_35_path_is_no_regular_file() {
    let host = Host::new();
    fs::write(host.path("real.zip"), with([]).build()).unwrap();
    std::os::unix::fs::symlink(host.path("real.zip"), host.path("link")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, host.path("pipe"), rustix::fs::Mode::RUSR).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(host.path("socket")).unwrap();
    // A pipe that was waited for would be waited for without an end, as the zeros would come.
    for path in ["link", "pipe", "socket", "staging", "/dev/zero", "/dev/null"] {
        match host.import(&host.path(path)) {
            Err(PackageError::Refused(refused)) => {
                assert_eq!(codes_of(&refused), ["pkg.open"], "{path}");
                host.assert_untouched(&refused);
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    let missing = Package::open(&host.path("missing"), &PackageLimits::default());
    assert!(matches!(missing, Err(PackageError::Io { .. })));
}

#[test]
fn pkg_35_file_larger_than_its_limit() {
    let host = Host::new();
    let path = host.path("sparse.zip");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    soon(|| match host.import(&path) {
        Err(PackageError::Refused(refused)) => assert_eq!(codes_of(&refused), ["pkg.size"]),
        other => panic!("{other:?}"),
    });
}

#[test]
fn pkg_38_a_published_package_is_not_replaced() {
    let host = Host::new();
    host.import_bytes(&with([]).build()).unwrap();
    let other = with([ZipEntry::stored("other", b"")]).build();
    let package = Package::from_bytes("p.zip", other, &PackageLimits::default())
        .unwrap()
        .value;
    let open = |name| fs::File::open(host.path(name)).unwrap();
    let staged = package
        .stage(std::os::fd::AsFd::as_fd(&open("staging")), Durability::OnDisk)
        .unwrap();
    let published = staged.publish(std::os::fd::AsFd::as_fd(&open("handlers")), "handler");
    assert!(
        matches!(published, Err(hostler_package::StageError::Exists(_))),
        "{published:?}"
    );
    assert_eq!(host.names("staging"), [""; 0]);
    assert_eq!(host.names("handlers/handler"), ["HandlerManifest.json", "handler.wasm"]);
}

#[test]
fn man_08_targets_that_are_no_components() {
    let package = |target: Vec<ZipEntry>| {
        let manifest = ZipEntry::stored("HandlerManifest.json", manifest("bin/handler").as_bytes());
        ZipForge::of([manifest].into_iter().chain(target))
    };
    for (code, content) in [
        ("manifest.command_target", &b"text"[..]),
        ("manifest.command_target", b""),
        ("manifest.command_target", b"#!/bin/sh\n"),
        ("wasm.not_component", b"\0asm\x01\0\0\0"),
        ("wasm.format", b"(component)"),
        ("wasm.format", b"\0asm\x0d\0"),
        ("wasm.native", b"\x7fELF\x02\x01\x01\0"),
    ] {
        assert_refused("MAN-08", code, &package(vec![ZipEntry::stored("bin/handler", content)]));
    }
    assert_refused("MAN-08", "manifest.command_target", &package(vec![]));
    assert_refused(
        "MAN-08",
        "manifest.command_target",
        &package(vec![ZipEntry::folder("bin/handler/")]),
    );
}

/// MAN-08 of what runs on after `enable`: it is looked at as the other components are.
#[test]
fn man_08_a_service_that_is_no_component() {
    let package = |service: &str, entries: Vec<ZipEntry>| {
        let text = manifest_with_service("handler.wasm", service);
        let entries = [ZipEntry::stored("handler.wasm", COMPONENT)].into_iter().chain(entries);
        ZipForge::of(
            [ZipEntry::stored("HandlerManifest.json", text.as_bytes())]
                .into_iter()
                .chain(entries),
        )
    };
    for (code, content) in [
        ("manifest.command_target", &b"text"[..]),
        ("wasm.not_component", b"\0asm\x01\0\0\0"),
        ("wasm.native", b"\x7fELF\x02\x01\x01\0"),
    ] {
        let forge = package("service.wasm", vec![ZipEntry::stored("service.wasm", content)]);
        assert_refused("MAN-08", code, &forge);
    }
    let missing = Package::from_bytes(
        "p.zip",
        package("service.wasm", vec![]).build(),
        &PackageLimits::default(),
    );
    let place = "HandlerManifest.json: $[0].sandbox.serviceCommand";
    assert_eq!(missing.unwrap_err().first().location(), place);

    for (service, beside, names) in [
        (
            "service.wasm",
            vec![ZipEntry::stored("service.wasm", COMPONENT)],
            &["handler.wasm", "service.wasm"][..],
        ),
        ("handler.wasm", vec![], &["handler.wasm"]),
    ] {
        let bytes = package(service, beside).build();
        let package = Package::from_bytes("p.zip", bytes, &PackageLimits::default())
            .unwrap()
            .value;
        assert_eq!(package.service_target(), Some(service));
        assert_eq!(package.components(), names);
    }
}

#[test]
fn man_07_commands_that_need_a_shell() {
    let text = manifest("handler.wasm").replace("handler.wasm enable", "handler.wasm enable; reboot");
    let forge = ZipForge::of([
        ZipEntry::stored("HandlerManifest.json", text.as_bytes()),
        ZipEntry::stored("handler.wasm", COMPONENT),
    ]);
    assert_refused("MAN-07", "manifest.command", &forge);
}

#[test]
fn cmp_15_component_larger_than_its_limit() {
    let limits = PackageLimits {
        wasm_bytes: 7,
        ..PackageLimits::default()
    };
    let refused = Package::from_bytes("p.zip", with([]).build(), &limits).unwrap_err();
    assert_eq!(codes_of(&refused), ["wasm.size"]);
}

#[test]
fn entries_are_listed_with_kind_and_size() {
    let bytes = with([ZipEntry::folder("d/"), ZipEntry::zeros("d/z", MIB)]).build();
    let package = Package::from_bytes("p.zip", bytes, &PackageLimits::default())
        .unwrap()
        .value;
    let entry = |name| package.archive().entry(name).map(|e| (e.kind(), e.size()));
    assert_eq!(entry("d"), Some((EntryKind::Directory, 0)));
    assert_eq!(entry("d/z"), Some((EntryKind::File, u64::from(MIB))));
    assert_eq!(entry("d/"), None);
}
