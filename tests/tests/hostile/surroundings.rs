//! What surrounds the host: nothing of its environment and its standard input gets to a handler or changes a run.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use hostler_tests::{Isolation, Secret};
use serde_json::{Value, json};

use crate::files::documented_variables;
use crate::packages::Package;
use crate::seen::start_in;

/// Variables that change what a program does, or that are none of a handler's business.
const VARIABLES: [&str; 14] = [
    "PATH",
    "USER",
    "LANG",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "RUST_LIB_BACKTRACE",
    "RUST_MIN_STACK",
    "WASMTIME_BACKTRACE_DETAILS",
    "WASMTIME_LOG",
    "WASMTIME_NEW_CLI",
    "LD_LIBRARY_PATH",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_GUEST_AGENT_EXTENSION_PATH",
    "ConfigSequenceNumber",
];

/// Runs `verb` in a process that `set_up` has changed, and gives the handler's entry in the report.
fn entry(verb: &str, isolation: Isolation, set_up: impl FnOnce(&mut Command)) -> Value {
    let options = [&["--json", "--commands", "enable"], isolation.arguments()].concat();
    let (ran, _) = start_in(&Package::Hostile.path(), verb, &json!({}), &options, set_up);
    let entry = ran.json().pointer("/aggregateStatus/handlerAggregateStatus/0").cloned();
    entry.unwrap_or_else(|| panic!("{verb}: no handler in the report: {}", ran.json()))
}

/// Sets every variable to something that can be found again.
fn polluted(command: &mut Command) {
    let secret = Secret::of("environment");
    for name in VARIABLES {
        command.env(name, secret.text());
    }
    command
        .env("WASMTIME_BACKTRACE_DETAILS", "1")
        .env("RUST_BACKTRACE", "full");
}

fn enable(entry: &Value) -> &Value {
    &entry["hostler"]["commands"][0]
}

/// GST-16: the environment is the contract's, whatever the host's is.
#[test]
fn nothing_of_the_hosts_environment_is_passed_on() {
    for isolation in Isolation::ALL {
        let entry = entry("environment", *isolation, polluted);
        let text = enable(&entry)["stdout"]["text"].as_str().unwrap_or_default();
        let variables: Value = serde_json::from_str(text).expect("the handler prints JSON");
        assert_eq!(documented_variables(&variables), Ok(()), "{}", isolation.name());
        let found = Secret::of("environment").found_in(entry.to_string().as_bytes());
        assert_eq!(found, None, "{}", isolation.name());
    }
}

/// CMP-18: variables that would change the engine or the host change nothing, not even the words of a trap.
#[test]
fn the_hosts_environment_changes_nothing() {
    for isolation in Isolation::ALL {
        for verb in ["panic", "list"] {
            let same = |entry: &Value| {
                let of = enable(entry);
                json!([
                    of["end"],
                    of["exitCode"],
                    of["code"],
                    of["stderr"],
                    entry["status"],
                    entry["code"]
                ])
            };
            let plain = same(&entry(verb, *isolation, |_| {}));
            assert_eq!(
                same(&entry(verb, *isolation, polluted)),
                plain,
                "{} {verb}",
                isolation.name()
            );
        }
    }
}

/// GST-17: a handler's standard input is at its end, whatever the host's has.
#[test]
fn nothing_of_the_hosts_input_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    File::create(&path).unwrap().write_all(&[b'x'; 4096]).unwrap();
    for isolation in Isolation::ALL {
        let entry = entry("stdin", *isolation, |command| {
            command.stdin(File::open(&path).unwrap());
        });
        let text = enable(&entry)["stdout"]["text"].as_str().unwrap_or_default();
        let read: Value = serde_json::from_str(text).expect("the handler prints JSON");
        assert_eq!(
            (&read["bytes"], &read["error"]),
            (&json!(0), &Value::Null),
            "{}",
            isolation.name()
        );
    }
}
