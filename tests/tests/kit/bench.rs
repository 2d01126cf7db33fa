//! `hostler run` at the author's bench: what a package really needs, and what a change changed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hostler_tests::package;
use serde_json::{Value, json};

use crate::samples::unpacked;
use crate::stage::Stage;

/// Packs `folder`.
fn packed(stage: &Stage, folder: &Path) -> PathBuf {
    let arguments = ["pack", folder.to_str().unwrap(), "1.0", "--name", "Tested.Learned"];
    let ran = stage.hostler(&arguments);
    assert!(ran.status.success(), "{}", ran.stderr_text());
    stage.path("build/Tested.Learned-1.0.zip")
}

/// The attacking sample, which reads and writes what it is told to, with `sandbox` in its manifest.
fn asking(stage: &Stage, sandbox: &Value) -> PathBuf {
    let folder = unpacked(stage, "Hostler.Samples.Hostile", "}", "}");
    let manifest = folder.join("HandlerManifest.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    document[0]["sandbox"] = sandbox.clone();
    fs::write(&manifest, document.to_string()).unwrap();
    packed(stage, &folder)
}

#[test]
fn the_smallest_sandbox_is_what_was_needed() {
    let stage = Stage::new();
    let home = fs::canonicalize(stage.path("")).unwrap();
    for folder in ["read", "write", "never"] {
        fs::create_dir(home.join(folder)).unwrap();
        fs::write(home.join(folder).join("file"), "four").unwrap();
    }
    let folder = |name: &str, access: &str| json!({ "path": home.join(name), "access": access });
    let sandbox = json!({
        "capabilities": {
            "directories": [folder("read", "read-write"), folder("never", "read")],
            "environment": ["HTTP_PROXY"],
            "clock": "full",
        },
        "commands": { "install": { "capabilities": { "directories": [folder("write", "read-write")] } } },
    });
    let package = asking(&stage, &sandbox);
    let settings = stage.path("0.settings");
    let told = json!({ "verb": "read", "folder": home.join("read"), "name": "file" });
    fs::write(&settings, told.to_string()).unwrap();
    let settings = settings.to_str().unwrap();
    let arguments = ["run", package.to_str().unwrap(), "--learn", "--settings", settings];
    let ran = stage.hostler(&[&arguments[..], &["--json"]].concat());
    assert!(
        ran.status.success(),
        "{}{}",
        ran.stderr_text(),
        String::from_utf8_lossy(&ran.stdout)
    );
    let learned = ran.json();
    let needed = json!({ "capabilities": { "directories": [folder("read", "read")] } });
    assert_eq!(learned["sandbox"], needed, "{learned:#}");
    let unused = [
        format!("to write in {}", home.join("read").display()),
        format!("read {}", home.join("never").display()),
        "the variable HTTP_PROXY".to_owned(),
        "full clocks".to_owned(),
        format!("read-write {}", home.join("write").display()),
    ];
    let mut said: Vec<&str> = learned["unused"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut unused: Vec<&str> = unused.iter().map(String::as_str).collect();
    said.sort_unstable();
    unused.sort_unstable();
    assert_eq!(said, unused);

    let ran = stage.hostler(&arguments);
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        text.contains("learned   enough for these commands with these settings:"),
        "{text}"
    );
    assert!(
        text.contains("asked for and not needed: the variable HTTP_PROXY"),
        "{text}"
    );
}

#[test]
fn nothing_is_needed_where_nothing_is_asked_for() {
    let stage = Stage::new();
    let package = package("Hostler.Samples.Hostile");
    let ran = stage.hostler(&["run", package.to_str().unwrap(), "--learn", "--json"]);
    assert_eq!(ran.json(), json!({ "sandbox": {}, "unused": [] }));
    let ran = stage.hostler(&["run", package.to_str().unwrap(), "--learn", "--json", "--keep", "root"]);
    assert_eq!(ran.status.code(), Some(2));
}

/// What the build makes depends on what was there at the build before, so that each run is another.
const BUILD: &str = r#"#!/bin/sh
set -eu
if [ -e broken ]; then echo "cannot be built" >&2; exit 3; fi
echo built >> builds
"#;

#[test]
fn a_project_is_built_and_run_again_when_it_changes() {
    let stage = Stage::new();
    let project = stage.path("project");
    fs::create_dir(&project).unwrap();
    let handler = unpacked(&stage, "Hostler.Samples.Hello", "}", "}");
    fs::rename(handler, project.join("package")).unwrap();
    let build = project.join("build.sh");
    fs::write(&build, BUILD).unwrap();
    fs::set_permissions(&build, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = stage.path("hello.settings");
    fs::write(&settings, r#"{"name": "Ada"}"#).unwrap();
    let (folder, settings) = (project.to_str().unwrap(), settings.to_str().unwrap());
    // A build that writes into its own project is a change of it, so the second run comes by itself.
    let ran = stage.hostler(&["run", "--watch", folder, "--runs", "2", "--settings", settings]);
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{text}{}", ran.stderr_text());
    for line in [
        "* install  exit code 0",
        "* enable  exit code 0",
        "* status 0  success: Hello, Ada",
    ] {
        assert!(text.lines().any(|said| said == line), "{line}: {text}");
    }
    assert!(
        text.lines()
            .any(|said| said.starts_with("+ data/Watched.Handler/mrseq  ")),
        "{text}"
    );
    assert_eq!(text.matches("* enable").count(), 1, "{text}");
    assert!(text.ends_with("= as before\n"), "{text}");
    assert_eq!(fs::read_to_string(project.join("builds")).unwrap(), "built\nbuilt\n");

    fs::write(project.join("broken"), "").unwrap();
    let ran = stage.hostler(&["run", "--watch", folder, "--runs", "1"]);
    assert_eq!(ran.status.code(), Some(4));
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(text.contains("cannot be built"), "{text}");

    let ran = stage.hostler(&["run", "--watch", stage.path("").to_str().unwrap(), "--json"]);
    assert_eq!(
        (ran.status.code(), &ran.json()["findings"][0]["code"]),
        (Some(3), &json!("input.open"))
    );
}
