//! REP-20, check_15_7: killed anywhere between accepting a registration and its end, a version is
//! there as a whole afterwards, in every region, or not at all; and the operation ends.

use std::thread;
use std::time::Duration;

use crate::registration::package;
use crate::server::Repository;

/// After how many milliseconds the server is killed. Where that finds it differs from run to run; what has to hold does not.
const AFTER: [u64; 8] = [0, 2, 5, 10, 20, 40, 80, 160];

#[test]
fn rep_20_a_server_that_is_killed_goes_on_from_there() {
    let stores = tempfile::tempdir().unwrap();
    let west = format!("West US={}", stores.path().join("west").display());
    let north = format!("North Europe={}", stores.path().join("north").display());
    let mut repository = Repository::start(&["--region", &west, "--region", &north]);
    for (number, after) in AFTER.into_iter().enumerate() {
        let version = format!("1.0.{number}");
        let bytes = package(&"x".repeat(200_000 + number));
        let operation = repository.accept(&version, &bytes, "<IsInternalExtension>true</IsInternalExtension>");
        thread::sleep(Duration::from_millis(after));
        repository.kill();
        // What hosts could have read straight from the stores in that moment.
        for (folder, region) in [("west", "westus"), ("north", "northeurope")] {
            let published = stores.path().join(folder).join("published").join(region);
            names_only_what_is_there(&published, region);
        }
        repository.run();
        let ended = repository.ended(&operation);
        assert!(ended.contains("<Status>Succeeded</Status>"), "{after} ms: {ended}");
        for region in ["westus", "northeurope"] {
            let offered = repository.offered(region);
            assert_eq!(offered.last(), Some(&(version.clone(), false)), "{after} ms, {region}");
            assert_eq!(
                repository
                    .published(region, &format!("Contoso.Linux__Demo__{version}"))
                    .body,
                bytes
            );
        }
    }
}

/// Every version that a manifest in `folder` names can be read there, whole.
fn names_only_what_is_there(folder: &std::path::Path, region: &str) {
    let manifest = folder.join(crate::registration::manifest_name(region));
    let Ok(bytes) = std::fs::read(&manifest) else {
        return;
    };
    let source = hostler_contract::Source::new("manifest", &bytes);
    let read = hostler_contract::VersionManifest::parse(source).unwrap().value;
    for version in read.versions {
        let package = std::fs::read(folder.join(&version.uris[0])).unwrap();
        let digest = hostler_package::PackageDigest::of(&package);
        assert_eq!(version.sha256.as_ref(), Some(digest.as_bytes()), "{}", version.version);
    }
}
