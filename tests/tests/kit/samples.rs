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
    for (name, folder) in [
        ("Hostler.Samples.Hello", "hello"),
        ("Hostler.Samples.FileConfig", "file-config"),
    ] {
        let stage = Stage::new();
        let settings = example(folder);
        let ran = stage.test(&package(name), &["--json", "--settings", settings.to_str().unwrap()]);
        let result = ran.json();
        assert!(ran.status.success(), "{name}: {result:#}");
        assert!(rules(&result, "held").len() >= 30, "{name}");
        assert_eq!(rules(&result, "not-applicable"), ["heartbeat.written"], "{name}");
    }
}

/// The package `name` unpacked into a folder of `stage`, with `from` replaced by `to` in its manifest.
pub(crate) fn unpacked(stage: &Stage, name: &str, from: &str, to: &str) -> PathBuf {
    let folder = stage.path("unpacked");
    fs::create_dir(&folder).unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(package(name)).unwrap()).unwrap();
    archive.extract(&folder).unwrap();
    let manifest = folder.join("HandlerManifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(text.contains(from));
    fs::write(&manifest, text.replace(from, to)).unwrap();
    folder
}

/// Its service writes the heartbeat; it asks for a folder that a policy has to allow.
#[test]
fn a_sample_with_a_service_passes_where_a_policy_allows_it() {
    let stage = Stage::new();
    let watched = stage.path("watched");
    fs::create_dir_all(&watched).unwrap();
    fs::write(watched.join("app.conf"), "port = 80\n").unwrap();
    let (watched, policy, settings) = (
        watched.to_str().unwrap(),
        stage.path("policy.toml"),
        stage.path("watch.settings"),
    );
    let folder = unpacked(&stage, "Hostler.Samples.FileWatch", "/srv/watched", watched);
    fs::write(
        &settings,
        format!(r#"{{"files": ["{watched}/app.conf"], "everySeconds": 1}}"#),
    )
    .unwrap();
    let allowed = format!(
        "[[rule]]\nname = \"watch\"\nservice = true\ndirectories = [{{path = \"{watched}\", access = \"read\"}}]\n"
    );
    fs::write(&policy, allowed).unwrap();
    let options = ["--json", "--settings", settings.to_str().unwrap()];
    let ran = stage.test(&folder, &options);
    assert_eq!(ran.status.code(), Some(3), "{}", ran.stderr_text());
    assert_eq!(ran.json()["findings"][0]["code"], "manifest.capability");

    let ran = stage.test(
        &folder,
        &[&options[..], &["--policy", policy.to_str().unwrap()]].concat(),
    );
    let result = ran.json();
    assert!(ran.status.success(), "{result:#}{}", ran.stderr_text());
    assert!(rules(&result, "held").contains(&"heartbeat.written".to_owned()));
    assert_eq!(rules(&result, "not-applicable"), Vec::<String>::new());
}

#[test]
fn the_one_that_attacks_is_named_with_what_it_breaks() {
    let stage = Stage::new();
    for (settings, broken, seen) in [
        (
            r#"{}"#,
            vec!["status.time", "disk.full"],
            "`timestampUTC` is `2020-01-01T00:00:00Z`",
        ),
        (r#"{"verb": "unreachable"}"#, vec!["enable.runs"], "it ended by a trap"),
        (
            r#"{"verb": "sleep"}"#,
            vec!["enable.runs"],
            "it was stopped: limit cmd.deadline",
        ),
        (r#"{"verb": "exit"}"#, vec!["enable.runs"], "exit code 7"),
        (
            r#"{"verb": "status-none"}"#,
            vec!["status.written"],
            "there is no status file",
        ),
        (
            r#"{"verb": "status-write", "text": "[{"}"#,
            vec!["status.schema"],
            "status:1:2: not JSON",
        ),
        (
            r#"{"verb": "directory-status"}"#,
            vec!["status.written"],
            "in the place of the status file is a folder",
        ),
    ] {
        let file = stage.path("verb.settings");
        fs::write(&file, settings).unwrap();
        let options = [
            "--json",
            "--limit",
            "cmd.deadline=10s",
            "--settings",
            file.to_str().unwrap(),
        ];
        let ran = stage.test(&package("Hostler.Samples.Hostile"), &options);
        let result = ran.json();
        // It writes its status in place: whether it is stopped while that is empty is chance.
        let mut found = rules(&result, "broken");
        found.retain(|rule| rule != "stopped.enable");
        assert_eq!(
            (ran.status.code(), found),
            (Some(1), broken.iter().map(ToString::to_string).collect()),
            "{settings}"
        );
        let first = result["rules"]
            .as_array()
            .unwrap()
            .iter()
            .find(|rule| rule["verdict"] == "broken")
            .unwrap();
        assert!(first["seen"].as_str().unwrap().contains(seen), "{settings}: {first}");
    }
}
