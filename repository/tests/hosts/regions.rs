//! Several regions: each has its copy, one that is away is waited for, a new one catches up.

use std::fs;

use crate::registration::package;
use crate::server::{Repository, wait};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

fn slice(regions: &str) -> String {
    format!("<IsInternalExtension>false</IsInternalExtension><Regions>{regions}</Regions>")
}

/// check_15_9.
#[test]
fn a_version_is_public_in_its_slice_and_nowhere_else() {
    let stores = tempfile::tempdir().unwrap();
    let west = format!("West US={}", stores.path().join("west").display());
    let north = format!("North Europe={}", stores.path().join("north").display());
    let repository = Repository::start(&["--region", &west, "--region", &north]);
    let offered = |region: &str| repository.offered(region).first().map(|(_, public)| *public);
    repository.register("1.0.0", &package("one"), INTERNAL);
    assert_eq!((offered("westus"), offered("northeurope")), (Some(false), Some(false)));
    repository.change("1.0.0", &slice("West US"));
    assert_eq!((offered("westus"), offered("northeurope")), (Some(true), Some(false)));
    repository.change("1.0.0", &slice("West US;North Europe"));
    assert_eq!((offered("westus"), offered("northeurope")), (Some(true), Some(true)));
    repository.change("1.0.0", &slice(""));
    assert_eq!((offered("westus"), offered("northeurope")), (Some(true), Some(true)));
}

#[test]
fn a_region_that_is_away_is_waited_for() {
    let stores = tempfile::tempdir().unwrap();
    let (west, north) = (stores.path().join("west"), stores.path().join("north"));
    let regions = [
        format!("West US={}", west.display()),
        format!("North Europe={}", north.display()),
    ];
    let repository = Repository::start(&["--region", &regions[0], "--region", &regions[1]]);
    // A file in the place of a folder: nothing can be written below it.
    fs::write(north.join("published"), "in the way").unwrap();
    let bytes = package("one");
    let operation = repository.accept("1.0.0", &bytes, INTERNAL);
    let status = |region: &str| {
        let path = "/services/extensions/Contoso.Linux/Demo/1.0.0/replicationstatus";
        let text = repository.call("GET", path, "").text();
        let at = text.split("<Location>").find(|part| part.starts_with(region))?;
        let status = at.split_once("<Status>")?.1.split_once('<')?.0;
        Some(status.to_owned())
    };
    wait("the copy of the region that is there", || {
        (status("West US")? == "Completed").then_some(())
    });
    wait("the failure of the other one", || {
        (status("North Europe")? == "Failed").then_some(())
    });
    // Nobody is offered what is not everywhere.
    assert_eq!(
        repository
            .published("westus", "Contoso.Linux_Demo_westus_manifest.xml")
            .status,
        404
    );
    fs::remove_file(north.join("published")).unwrap();
    let ended = repository.ended(&operation);
    assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    for region in ["westus", "northeurope"] {
        assert_eq!(repository.offered(region), [("1.0.0".to_owned(), false)]);
        assert_eq!(repository.published(region, "Contoso.Linux__Demo__1.0.0").body, bytes);
    }
}

#[test]
fn a_region_that_comes_later_gets_what_is_there() {
    let stores = tempfile::tempdir().unwrap();
    let west = format!("West US={}", stores.path().join("west").display());
    let north = format!("North Europe={}", stores.path().join("north").display());
    let mut repository = Repository::start(&["--region", &west]);
    repository.register("1.0.0", &package("one"), INTERNAL);
    repository.kill();
    repository.add_arguments(&["--region", &north]);
    repository.run();
    let name = "Contoso.Linux_Demo_northeurope_manifest.xml";
    wait("the manifest of the new region", || {
        let answer = repository.published("northeurope", name);
        (answer.status == 200 && answer.text().contains("1.0.0")).then_some(())
    });
    assert_eq!(
        repository.published("northeurope", "Contoso.Linux__Demo__1.0.0").body,
        package("one")
    );
}
