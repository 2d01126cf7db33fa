//! What hosts fetch: what the records say, readable from the moment on in which it is named.

use hostler_package::PackageDigest;

use crate::registration::{EXTENSION, manifest_name, package};
use crate::server::Repository;

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";
const PUBLIC: &str = "<IsInternalExtension>false</IsInternalExtension>";

#[test]
fn a_host_finds_a_version_and_its_package() {
    let repository = Repository::start(&[]);
    let bytes = package("one");
    repository.register("1.0.0", &bytes, INTERNAL);
    let manifest = repository.manifest("local");
    let version = manifest.versions.first().unwrap();
    assert_eq!(version.uris, [format!("{}__{}__1.0.0", EXTENSION.0, EXTENSION.1)]);
    assert_eq!(version.size, Some(bytes.len() as u64));
    assert_eq!(version.sha256, Some(*PackageDigest::of(&bytes).as_bytes()));
    let fetched = repository.published("local", &version.uris[0]);
    assert_eq!(fetched.body, bytes);
    // Who asks again is told that it is the same.
    let path = format!("/published/local/{}", manifest_name("local"));
    let first = repository.anyone().get(&path);
    let tag = first.header("ETag").unwrap();
    let again = repository.anyone().send("GET", &path, &[("If-None-Match", tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = repository.anyone().send("HEAD", &path, &[], b"");
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("Content-Length"),
        Some(first.body.len().to_string().as_str())
    );
}

/// check_15_8: what is public stays, what is internal goes, and hosts see both.
#[test]
fn a_public_version_stays_and_an_internal_one_goes() {
    let repository = Repository::start(&[]);
    repository.register("1.0.0", &package("one"), PUBLIC);
    repository.register("1.0.1", &package("two"), PUBLIC);
    let both = [("1.0.0".to_owned(), true), ("1.0.1".to_owned(), true)];
    assert_eq!(repository.offered("local"), both);
    let path = format!("/services/extensions/{}/{}/1.0.1.0", EXTENSION.0, EXTENSION.1);
    let refused = repository.call("DELETE", &path, "");
    assert_eq!(refused.status, 400, "{}", refused.text());
    repository.change("1.0.1", INTERNAL);
    assert_eq!(
        repository.offered("local"),
        [("1.0.0".to_owned(), true), ("1.0.1".to_owned(), false)]
    );
    let accepted = repository.call("DELETE", &path, "");
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
    assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    assert_eq!(repository.offered("local"), both[..1]);
    let gone = format!("{}__{}__1.0.1", EXTENSION.0, EXTENSION.1);
    assert_eq!(repository.published("local", &gone).status, 404);
    // The last one leaves a manifest without versions, for hosts that still ask.
    repository.change("1.0.0", INTERNAL);
    let path = path.replace("1.0.1.0", "1.0");
    let accepted = repository.call("DELETE", &path, "");
    repository.ended(accepted.header("x-ms-request-id").unwrap());
    assert_eq!(repository.offered("local"), []);
}

/// REP-15: what is in the store is damaged; the server does not pass it off as the package when it is registered, and a
/// host's digest finds it later.
#[test]
fn rep_15_a_damaged_package_is_found_before_it_is_published() {
    let mut repository = Repository::start(&[]);
    let bytes = package("one");
    assert_eq!(repository.upload("demo-1.0.0.zip", &bytes).status, 201);
    let hex = PackageDigest::of(&bytes).to_string();
    let kept = repository.path("data/store/packages/sha256").join(&hex[..2]).join(&hex);
    std::fs::write(&kept, &bytes[..bytes.len() - 1]).unwrap();
    // The same upload once more puts it right.
    assert_eq!(repository.upload("demo-1.0.0.zip", &bytes).status, 201);
    assert_eq!(std::fs::read(&kept).unwrap(), bytes);
    repository.register("1.0.0", &bytes, INTERNAL);
    // After a crash nothing else is there than before.
    repository.kill();
    repository.run();
    assert_eq!(repository.offered("local"), [("1.0.0".to_owned(), false)]);
}
