//! Copies of what hosts fetch: to a folder, from there to another place, checked on the way.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::registration::{manifest_name, package};
use crate::server::{Repository, files};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

fn run(arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_hostler-repository"))
        .args(arguments)
        .output();
    command.unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn rep_15_what_is_copied_is_whole_or_not_copied() {
    let repository = Repository::start(&[]);
    let key = repository.command(&["index", "key", "new"]).trim().to_owned();
    repository.register("1.0.0", &package("one"), INTERNAL);
    repository.register("1.0.1", &package("two"), INTERNAL);
    let store = repository.path("data/store");
    let (out, mirror) = (repository.path("out"), repository.path("mirror"));
    let export = |key: &str| run(&["export", text(&store), text(&out), "--key", key]);
    let done = export(&key);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success() && said.contains("2 copied, 0 there already, 0 removed"),
        "{said}{done:?}"
    );
    assert_eq!(
        files(&out),
        [
            "Contoso.Linux_Demo_local_manifest.xml",
            "Contoso.Linux__Demo__1.0.0",
            "Contoso.Linux__Demo__1.0.1",
            "hostler-index.json"
        ]
    );
    // Once more there is nothing to do; a version that is gone goes from the copy.
    let accepted = repository.call("DELETE", "/services/extensions/Contoso.Linux/Demo/1.0.1", "");
    repository.ended(accepted.header("x-ms-request-id").unwrap());
    let said = String::from_utf8(export(&key).stdout).unwrap();
    assert!(said.contains("0 copied, 1 there already, 1 removed"), "{said}");
    // Another key.
    let refused = export(&"ab".repeat(32));
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    // From the medium to a mirror: a package, then a manifest, that is not what it was.
    let import = || run(&["import", text(&out), text(&mirror), "--key", &key]);
    let whole = fs::read(out.join("Contoso.Linux__Demo__1.0.0")).unwrap();
    fs::write(out.join("Contoso.Linux__Demo__1.0.0"), &whole[1..]).unwrap();
    let refused = import();
    assert_ne!(refused.status.code(), Some(0), "{refused:?}");
    assert_eq!(files(&mirror), [""; 0], "what names a package comes after it");
    fs::write(out.join("Contoso.Linux__Demo__1.0.0"), &whole).unwrap();
    let manifest = fs::read_to_string(out.join(manifest_name("local"))).unwrap();
    fs::write(out.join(manifest_name("local")), manifest.replace("1.0.0<", "1.0.9<")).unwrap();
    let refused = import();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    fs::write(out.join(manifest_name("local")), manifest).unwrap();
    let done = import();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(files(&mirror), files(&out));
}
