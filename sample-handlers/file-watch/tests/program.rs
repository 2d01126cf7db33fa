//! The program itself, natively: it runs on for as long as its standard input is open, and ends well when that ends.

use std::{
    fs,
    time::{Duration, Instant},
};

use hostler_sdk::{Command, Context, Failure, Handler, NoSettings, Success, harness::Harness};

/// Only lays out the folders; what runs is the program.
#[derive(Default)]
struct Folders;

impl Handler for Folders {
    type Settings = NoSettings;

    fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
        Ok(().into())
    }
}

const FILE_WATCH: &str = env!("CARGO_BIN_EXE_file_watch");

/// How long a busy machine may take for what is done in a moment.
const LONG: Duration = Duration::from_secs(60);

/// Waits until the status says `message`.
fn until(harness: &Harness<Folders>, message: &str) {
    let begun = Instant::now();
    while harness.status().is_none_or(|status| status.message.message != message) {
        assert!(begun.elapsed() < LONG, "{:?}", harness.status());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_example_settings_are_carried_out() {
    let mut harness = Harness::<Folders>::new();
    harness.with_settings_file(7, include_str!("../example.settings"));
    let ran = harness.run_program(FILE_WATCH, Command::Enable);
    assert_eq!((ran.exit_code, ran.failure), (0, None));
    assert_eq!(ran.status.unwrap().substatus.len(), 2);
}

#[test]
fn it_watches_until_its_input_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "one").unwrap();
    let mut harness = Harness::<Folders>::new();
    harness.with_settings(serde_json::json!({"files": [&file], "everySeconds": 1}));
    let ran = harness.serve_program(FILE_WATCH, |harness| {
        until(harness, "files watched: 1, readable: 1, changes seen: 0");
        fs::write(&file, "two").unwrap();
        until(harness, "files watched: 1, readable: 1, changes seen: 1");
    });
    assert_eq!((ran.exit_code, ran.failure), (0, None));
}

#[test]
fn an_input_that_has_ended_already_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = Harness::<Folders>::new();
    let file = folder.path().join("file");
    harness.with_settings(serde_json::json!({"files": [file], "everySeconds": 3600}));
    let ran = harness.serve_program(FILE_WATCH, |_| {});
    assert_eq!((ran.exit_code, ran.failure), (0, None));
}
