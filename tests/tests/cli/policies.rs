//! Policies: what `inspect` makes of them, what is refused because of them, and files that are none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::{Value, json};

use crate::made::{COMPONENT, done, manifest, manifest_entry, with};
use crate::workbench::{Said, Workbench};

/// Writes the policy `text`, in which `[HERE]` is the bench's folder, with a mode that is fit for one.
fn policy(bench: &Workbench, text: &str) -> PathBuf {
    let path = bench.write(
        "policy.toml",
        text.replace("[HERE]", &bench.path("").display().to_string()),
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// A package that asks for a folder of the bench, more of it for install, a variable and a full clock.
fn asking(bench: &Workbench) -> PathBuf {
    let folder = |access: &str| json!([{"path": bench.path("shared"), "access": access}]);
    let mut manifest = manifest();
    manifest[0]["sandbox"] = json!({
        "capabilities": {"directories": folder("read"), "environment": ["HOME"], "clock": "full"},
        "commands": {"install": {"capabilities": {"directories": folder("read-write")}}},
    });
    let entries = [
        manifest_entry(manifest.to_string()),
        ZipEntry::stored(COMPONENT, done()),
    ];
    bench.package(&ZipForge::of(entries))
}

const OPEN: &str = r#"
[[rule]]
name = "tests"
publisher = "Hostler.Tests"
environment = ["HOME"]
directories = [{ path = "[HERE]shared", access = "read-write", bytes = "1MiB" }]
"#;

const NARROW: &str = r#"
[[rule]]
name = "read only"
publisher = "Hostler.Tests"
clock = "coarse"
limits = { "cmd.cpu" = "10s" }
directories = [{ path = "[HERE]shared", access = "read" }]
"#;

fn inspect(text: Option<&str>, options: &[&str]) -> Said {
    let bench = Workbench::new();
    let package = asking(&bench);
    let file = text.map(|text| policy(&bench, text));
    let mut arguments = vec!["inspect", package.to_str().unwrap()];
    if let Some(file) = &file {
        arguments.extend(["--policy", file.to_str().unwrap()]);
    }
    bench.hostler(&[&arguments, options].concat())
}

/// From the line about what is asked for on.
fn decision(said: &Said) -> String {
    let all = said.all();
    let (first, rest) = all.split_once('\n').unwrap();
    let (_, shown) = rest.split_once("  asks for ").unwrap_or(("", rest));
    format!("{first}\n  asks for {shown}")
}

#[test]
fn inspect_shows_what_is_asked_allowed_and_given() {
    insta::assert_snapshot!(decision(&inspect(Some(OPEN), &[])), @"");
}

#[test]
fn inspect_shows_what_is_refused_and_what_would_allow_it() {
    insta::assert_snapshot!(decision(&inspect(Some(NARROW), &[])), @"");
    insta::assert_snapshot!(decision(&inspect(None, &[])), @"");
}

#[test]
fn inspect_as_json() {
    let document = inspect(Some(OPEN), &["--json"]).json();
    assert_eq!(document["verdict"], "accept", "{document}");
    assert_eq!(document["policy"], json!({"file": "policy.toml", "rule": "tests"}));
    let grants = &document["commands"][0]["grants"];
    assert_eq!(grants.as_array().map(Vec::len), Some(3), "{grants}");
    let folder = &grants[0];
    assert_eq!(folder["capability"], "directories");
    assert_eq!(folder["rule"], "tests");
    assert!(folder["asked"].as_str().unwrap().starts_with("read-write "), "{folder}");
    assert!(
        folder["allowed"]
            .as_str()
            .unwrap()
            .ends_with("bytes 1048576, files 256"),
        "{folder}"
    );
    let refused = inspect(Some(NARROW), &["--json"]).json();
    assert_eq!(refused["verdict"], "refuse");
    assert_eq!(
        refused["commands"][0]["limits"],
        json!([]),
        "nothing is in force for it"
    );
    let enable = &refused["commands"][1]["grants"][0];
    assert!(
        enable["effective"].as_str().unwrap().ends_with(": read"),
        "what it asks for: {enable}"
    );
}

#[test]
fn run_shows_the_granted_folder_and_what_was_added() {
    let bench = Workbench::new();
    let package = asking(&bench);
    let file = policy(&bench, OPEN);
    let options = ["--policy", file.to_str().unwrap()];
    let gone = bench.run(&package, &options);
    assert_eq!(
        (gone.exit, gone.codes_of_refusal()),
        (3, vec!["grant.directory".to_owned()])
    );
    fs::create_dir(bench.path("shared")).unwrap();
    let said = bench.run(&package, &options).all();
    let granted: Vec<&str> = said.lines().filter(|line| line.contains("shared")).collect();
    insta::assert_snapshot!(granted.join("\n"), @"");
}

/// Neither the root nor what contains it, by whatever the policy says.
#[test]
fn the_root_is_never_granted() {
    let bench = Workbench::new();
    for folder in ["root", "root/state", ""] {
        let path = bench.path(folder);
        let path = path.to_str().unwrap().trim_end_matches('/');
        let mut manifest = manifest();
        manifest[0]["sandbox"] = json!({"capabilities": {"directories": [{"path": path, "access": "read"}]}});
        let package = bench.package(&ZipForge::of([
            manifest_entry(manifest.to_string()),
            ZipEntry::stored(COMPONENT, done()),
        ]));
        let allows = format!("[[rule]]\ndirectories = [{{ path = \"{path}\", access = \"read\" }}]\n");
        let file = policy(&bench, &allows);
        let said = bench.run(&package, &["--policy", file.to_str().unwrap()]);
        assert_eq!(
            (said.exit, said.codes_of_refusal()),
            (3, vec!["grant.never".to_owned()]),
            "{folder}"
        );
    }
}

#[test]
fn files_that_are_no_policies() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let package = package.to_str().unwrap();
    let said = |path: &Path| {
        let said = bench
            .hostler(&["inspect", package, "--policy", path.to_str().unwrap()])
            .all();
        said.replace(&*bench.path("").display().to_string(), "[HERE]")
    };
    let missing = said(&bench.path("none.toml"));
    let mistyped = said(&policy(&bench, "[[rule]]\ntype = \"Demo\"\nenviroment = [\"A\"]\n"));
    let open = policy(&bench, "");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    let writable = said(&open);
    let folder = said(&bench.path(""));
    insta::assert_snapshot!([missing, mistyped, writable, folder].join("\n"), @"");
}

/// Every example of the documentation is a policy.
#[test]
fn the_examples_are_policies() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/running.md")).unwrap();
    let examples: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(example, _)| example))
        .collect();
    assert!(examples.len() >= 4, "{} examples", examples.len());
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    for example in examples {
        let file = policy(&bench, example);
        let said = bench.hostler(&["inspect", package.to_str().unwrap(), "--policy", file.to_str().unwrap()]);
        let is_refused = said.all().contains("[grant.handler]");
        assert!(
            said.exit == 0 || (said.exit == 3 && is_refused),
            "{example}\n{}",
            said.all()
        );
    }
}

#[test]
fn approve_refuses_what_nobody_waits_for() {
    let bench = Workbench::new();
    let root = bench.path("root");
    let approve = |handler: &str, options: &[&str]| {
        let arguments = ["approve", handler, "00", "--root", root.to_str().unwrap()];
        bench.hostler(&[&arguments, options].concat())
    };
    assert_eq!(approve("nobody", &[]).exit, 2);
    let nowhere = approve("Contoso.Demo", &["--json"]);
    assert_eq!(
        (nowhere.exit, nowhere.codes()),
        (3, vec!["grant.not_awaited".to_owned()])
    );
    let entry: Value = bench.offer("Contoso.Demo", &json!({}));
    assert_eq!(bench.apply(&[entry], &[]).exit, 0);
    insta::assert_snapshot!(approve("Contoso.Demo", &[]).all(), @"");
}
