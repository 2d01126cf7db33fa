//! The program itself: its command line, and its real exit codes.

use std::process::Command as Process;

use hostler_sdk::{Command, Context, Failure, Handler, NoSettings, StatusKind, Success, harness::Harness};

/// Only lays out the folders; what runs is the program.
#[derive(Default)]
struct Folders;

impl Handler for Folders {
    type Settings = NoSettings;

    fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
        Ok(().into())
    }
}

const HELLO: &str = env!("CARGO_BIN_EXE_hello");

#[test]
fn the_example_settings_are_carried_out() {
    let mut harness = Harness::<Folders>::new();
    harness.with_settings_file(7, include_str!("../example.settings"));
    let ran = harness.run_program(HELLO, Command::Enable);
    assert_eq!((ran.exit_code, ran.failure), (0, None));
    assert_eq!(ran.status.unwrap().message.message, "Hello, Ada");
    assert_eq!(ran.files["mrseq"], "7");
}

#[test]
fn a_failure_ends_with_its_own_exit_code() {
    let mut harness = Harness::<Folders>::new();
    let ran = harness
        .with_settings(r#"{"name": ""}"#)
        .run_program(HELLO, Command::Enable);
    assert_eq!(ran.exit_code, 2);
    assert_eq!(ran.status.unwrap().kind, StatusKind::Error);
    assert!(
        ran.failure
            .unwrap()
            .starts_with("enable failed: the setting `name` is blank")
    );
    assert_eq!(ran.files.get("mrseq"), None);
}

#[test]
fn another_word_than_the_five_commands_is_wrong_usage() {
    for arguments in [&[][..], &["Enable"], &["reset"]] {
        let output = Process::new(HELLO).args(arguments).env_clear().output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
    }
}

#[test]
fn without_surroundings_it_says_what_is_missing() {
    let folder = std::env::temp_dir();
    let output = Process::new(HELLO)
        .arg("enable")
        .env_clear()
        .current_dir(&folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(66));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ConfigSequenceNumber is not set"));
}
