//! The project's own handlers: those that are meant well keep the contract, and the one that attacks does not.

use std::fs;
use std::path::{Path, PathBuf};

use hostler_tests::package;

use crate::stage::{Stage, rules};

fn example(folder: &str) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-handlers");
    samples.join(folder).join("example.settings")
}

#[test]
fn samples_pass() {
    for (name, folder) in [("Hostler.Samples.Hello", "hello"), ("Hostler.Samples.FileConfig", "file-config")] {
        let stage = Stage::new();
        let settings = example(folder);
        let ran = stage.test(&package(name), &["--json", "--settings", settings.to_str().unwrap()]);
        let result = ran.json();
        assert!(ran.status.success(), "{name}: {result:#}");
        assert!(rules(&result, "held").len() >= 30, "{name}");
        assert_eq!(rules(&result, "not-applicable"), ["heartbeat.written"], "{name}");
    }
}

/// Its service writes the heartbeat; it asks for a folder that a policy has to allow.
#[test]
fn a_sample_with_a_service_passes_where_a_policy_allows_it() {
    let stage = Stage::new();
    let watched = stage.path("watched");
    fs::create_dir_all(&watched).unwrap();
    // The folder of the package's own wish may not be there on this machine, so the service alone is allowed.
    let policy = stage.path("policy.toml");
    fs::write(&policy, "[[rule]]\nname = \"watch\"\nservice = true\n").unwrap();
    let ran = stage.test(&package("Hostler.Samples.FileWatch"), &["--json", "--policy", policy.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(3), "{}", ran.stderr_text());
    assert_eq!(ran.json()["findings"][0]["code"], "manifest.capability");
}

#[test]
fn the_one_that_attacks_is_named_with_what_it_breaks() {
    let stage = Stage::new();
    let ran = stage.test(&package("Hostler.Samples.Hostile"), &["--json"]);
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(rules(&ran.json(), "broken"), ["status.time", "disk.full"]);
    for (verb, broken) in [
        ("trap-unreachable", vec!["enable.runs", "settings.none"]),
    ] {
        let settings = stage.path("verb.settings");
        fs::write(&settings, format!(r#"{{"verb": "{verb}"}}"#)).unwrap();
        let ran = stage.test(
            &package("Hostler.Samples.Hostile"),
            &["--json", "--settings", settings.to_str().unwrap()],
        );
        assert_eq!(rules(&ran.json(), "broken"), broken, "{verb}");
    }
}
