//! `pack`: the same folder gives the same bytes, whoever packs it, where and when.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::made::{COMPONENT, IDENTITY, manifest, manifest_with};
use crate::workbench::{Said, Workbench};

fn pack(bench: &Workbench, folder: &str, out: &str, options: &[&str]) -> Said {
    let (folder, out) = (bench.path(folder), bench.path(out));
    let arguments = ["pack", folder.to_str().unwrap(), "1.0", "--name", "Hostler.Tests.Made"];
    bench.hostler(&[&arguments[..], &["--out", out.to_str().unwrap()], options].concat())
}

fn packed(bench: &Workbench, out: &str) -> PathBuf {
    bench.path(out).join(format!("{IDENTITY}.zip"))
}

#[test]
fn the_same_bytes_every_time() {
    let bench = Workbench::new();
    bench.folder("one", &manifest());
    bench.write("one/docs/b.txt", "b");
    bench.write("one/docs/a.txt", "a");
    // The same files, made in another order, at another time and with other modes.
    bench.write("two/docs/a.txt", "a");
    bench.write("two/docs/b.txt", "b");
    bench.folder("two", &manifest());
    let component = bench.path("two").join(COMPONENT);
    fs::set_permissions(&component, Permissions::from_mode(0o755)).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options()
        .write(true)
        .open(&component)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    for (folder, out) in [("one", "first"), ("one", "again"), ("two", "other")] {
        assert_eq!(pack(&bench, folder, out, &[]).exit, 0);
    }
    let first = fs::read(packed(&bench, "first")).unwrap();
    assert!(first.starts_with(b"PK"));
    assert_eq!(first, fs::read(packed(&bench, "again")).unwrap());
    assert_eq!(first, fs::read(packed(&bench, "other")).unwrap());
    assert_eq!(bench.run(&packed(&bench, "first"), &[]).exit, 0);
}

#[test]
fn as_text() {
    let bench = Workbench::new();
    bench.folder("one", &manifest_with("colour", json!("blue")));
    bench.write("one/.git/HEAD", "x");
    insta::assert_snapshot!(pack(&bench, "one", "out", &[]).all(), @r"
    exit code 0
    --- stdout
    [HERE]/out/Hostler.Tests.Made-1.0.zip
      521 bytes, 2 entries, SHA-256 [DIGEST]
      left out .git
      run it: hostler run [HERE]/out/Hostler.Tests.Made-1.0.zip
    --- stderr
    warning: nothing reads this key [manifest.unknown_key]
      at HandlerManifest.json: $[0].handlerManifest.colour
      leave it out
    ");
}

#[test]
fn as_json() {
    let bench = Workbench::new();
    bench.folder("one", &manifest());
    let said = pack(&bench, "one", "out", &["--json"]);
    insta::assert_snapshot!(said.all(), @r#"
    exit code 0
    --- stdout
    {
      "path": "[HERE]/out/Hostler.Tests.Made-1.0.zip",
      "digest": "[DIGEST]",
      "bytes": [N],
      "entries": 2,
      "adapted": [],
      "leftOut": [],
      "findings": []
    }
    "#);
    let size = fs::metadata(packed(&bench, "out")).unwrap().len();
    assert_eq!(said.json()["bytes"], size);
}

/// MAN-05 and MAN-08: refused early, and nothing is written.
#[test]
fn a_folder_that_is_refused() {
    let bench = Workbench::new();
    let mut incomplete = manifest();
    incomplete[0]["handlerManifest"]
        .as_object_mut()
        .unwrap()
        .remove("updateCommand");
    bench.folder("incomplete", &incomplete);
    insta::assert_snapshot!(pack(&bench, "incomplete", "out", &[]).all(), @r"
    exit code 3
    --- stderr
    refused: there is no `updateCommand` [manifest.field]
      at HandlerManifest.json: $[0].handlerManifest.updateCommand
      name the component that carries the command out
    ");
    bench.folder("astray", &manifest_with("enableCommand", json!("other.wasm")));
    insta::assert_snapshot!(pack(&bench, "astray", "out", &["--json"]).all(), @r#"
    exit code 3
    --- stdout
    {
      "verdict": "refuse",
      "findings": [
        {
          "code": "manifest.command_target",
          "severity": "refusal",
          "where": "HandlerManifest.json: $[0].handlerManifest.enableCommand",
          "what": "there is no other.wasm in the package",
          "hint": "name a component in the package by its path from the root"
        }
      ]
    }
    "#);
    assert!(!packed(&bench, "out").exists());
}

#[test]
fn a_version_that_is_none() {
    let bench = Workbench::new();
    let folder = bench.folder("one", &manifest());
    let said = bench.hostler(&["pack", folder.to_str().unwrap(), "1.x"]);
    insta::assert_snapshot!(said.all(), @r"
    exit code 3
    --- stderr
    refused: `1.x` is not a version: a part of it is not a number, or too large a one [pack.version]
      at one
      write one to four numbers with dots between them, for example 1.0.0
    ");
}

#[test]
fn a_folder_that_is_not_there() {
    let bench = Workbench::new();
    insta::assert_snapshot!(pack(&bench, "missing", "out", &[]).all(), @r"
    exit code 3
    --- stderr
    refused: it cannot be looked at: No such file or directory (os error 2) [input.open]
      at [HERE]/missing
      name a folder with a HandlerManifest.json in it
    ");
}
