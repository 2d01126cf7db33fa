//! FSX-17: a handler that takes its own folders apart harms nobody but itself, and the next command has them again.

use std::fs;

use hostler_tests::Isolation;
use serde_json::{Value, json};

use crate::packages::Package;
use crate::seen::start;

/// The verbs that are tried here and in no table.
pub(crate) const VERBS: [&str; 1] = ["wreck"];

#[test]
fn folders_that_a_handler_wrecked_are_there_again() {
    for isolation in Isolation::ALL {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let keep = ["--json", "--keep", root.to_str().unwrap()];
        let run = |verb: &str| {
            let options = [&keep, isolation.arguments()].concat();
            let (ran, canary) = start(&Package::Hostile.path(), verb, &json!({}), &options);
            assert_eq!(canary, Vec::<String>::new(), "{verb}");
            let entry = ran.json()["aggregateStatus"]["handlerAggregateStatus"][0].clone();
            assert_eq!(entry["status"], "Ready", "{verb}: {entry}");
            entry
        };
        run("names");
        let wrecked = run("wreck");
        let commands = wrecked["hostler"]["commands"].as_array().unwrap();
        let text = commands.last().unwrap()["stdout"]["text"].as_str().unwrap();
        let told: Value = serde_json::from_str(text).unwrap();
        let removed = told["removed"].as_array().map_or(0, Vec::len);
        assert!(removed > 20, "there was little to wreck: {told}");
        assert_eq!(told["roots"], json!([]), "a folder that was given was taken away");
        assert_eq!(
            told["planted"], true,
            "nothing was put in the place of a folder: {told}"
        );
        let events = root.join("logs/Hostler.Samples.Hostile/events");
        assert!(
            fs::metadata(&events).unwrap().is_file(),
            "so the next command finds a file there"
        );

        let again = run("list");
        assert!(events.is_dir());
        let status = &again["runtimeSettingsStatus"]["settingsStatus"]["status"]["status"];
        assert_eq!(status, "success", "{again}");
    }
}
