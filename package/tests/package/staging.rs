//! Staging: the host's own files appear together with the package's, or not at all.

use std::{fs, io::Write as _, os::fd::AsFd as _};

use hostler_package::{Durability, Package, PackageLimits, StageError, Staged, clear};
use hostler_tests::ZipEntry;
use rustix::fs::{Mode, OFlags};

use crate::support::{Host, with};

fn stage(host: &Host) -> Staged {
    let bytes = with([ZipEntry::stored("a/b/c", b"x")]).build();
    let package = Package::from_bytes("p.zip", bytes, &PackageLimits::default())
        .unwrap()
        .value;
    let staging = fs::File::open(host.path("staging")).unwrap();
    package.stage(staging.as_fd(), Durability::OnDisk).unwrap()
}

#[test]
fn what_is_not_published_is_removed() {
    let host = Host::new();
    let staged = stage(&host);
    assert_eq!(host.names("staging").len(), 1);
    drop(staged);
    assert_eq!(host.names("staging"), [""; 0]);
}

#[test]
fn files_of_the_host_appear_with_the_package() {
    let host = Host::new();
    let staged = stage(&host);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let fd = rustix::fs::openat(staged.folder(), "HandlerEnvironment.json", flags, Mode::RUSR).unwrap();
    fs::File::from(fd).write_all(b"[]").unwrap();
    let handlers = fs::File::open(host.path("handlers")).unwrap();
    let folder = staged.publish(handlers.as_fd(), "Contoso.Hello-1.0").unwrap();
    assert_eq!(
        host.names("handlers/Contoso.Hello-1.0"),
        ["HandlerEnvironment.json", "HandlerManifest.json", "a", "handler.wasm"]
    );
    assert!(rustix::fs::statat(&folder, "a/b/c", rustix::fs::AtFlags::empty()).is_ok());
    assert_eq!(host.names("staging"), [""; 0]);
}

#[test]
fn only_one_name_is_published() {
    let host = Host::new();
    let handlers = fs::File::open(host.path("handlers")).unwrap();
    for name in ["", ".", "..", "a/b", "/etc", "a\0b"] {
        let published = stage(&host).publish(handlers.as_fd(), name);
        assert!(matches!(published, Err(StageError::Name(_))), "{name:?}: {published:?}");
    }
    assert_eq!(host.names("staging"), [""; 0]);
    assert_eq!(host.names("handlers"), [""; 0]);
}

#[test]
fn leftovers_of_a_killed_host_are_removed() {
    let host = Host::new();
    // What a killed host leaves: a staged package whose `drop` never ran.
    std::mem::forget(stage(&host));
    assert_eq!(host.names("staging").len(), 1);
    let staging = fs::File::open(host.path("staging")).unwrap();
    clear(staging.as_fd()).unwrap();
    assert_eq!(host.names("staging"), [""; 0]);
}

#[test]
fn a_staging_folder_that_is_gone_is_an_error() {
    let host = Host::new();
    let staging = fs::File::open(host.path("staging")).unwrap();
    fs::remove_dir(host.path("staging")).unwrap();
    let package = Package::from_bytes("p.zip", with([]).build(), &PackageLimits::default())
        .unwrap()
        .value;
    assert!(matches!(
        package.stage(staging.as_fd(), Durability::OnDisk),
        Err(StageError::Io { .. })
    ));
}
