//! Workers that lie (CMP-16): programs that end without a word, say what is no message, or say too much. What they were
//! to do is refused, and nothing is kept of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use hostler_contract::Source;
use hostler_host::sandbox::{CodeCache, End};
use tempfile::TempDir;

use crate::components::{Does, invocation, sandbox, sandbox_of};

/// A program that does what `script` says with its standard input, which is its channel.
fn forged(script: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker");
    // By another process: one that a test beside this one starts just now would hold the file open for a moment, and what
    // is open for writing cannot be run.
    let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod 700 \"$0\"";
    let written = Command::new("sh").args(["-c", write]).arg(&path).arg(script).status();
    assert!(written.unwrap().success());
    (folder, path)
}

/// Says a frame: lengths as three bytes in octal each, and the message.
fn say(message: &str) -> String {
    let length = message.len();
    assert!(length < 256);
    format!(r"printf '\{length:03o}\000\000\000\000\000\000\000\000\000\000\000%s' '{message}' >&0")
}

fn hello() -> String {
    let build = hostler_host::sandbox::BUILD;
    say(&format!(r#"{{"build":"{build}","landlock":7,"seccomp":"on"}}"#))
}

/// Waits until its job is there, so that what it says next is an answer.
const WAIT: &str = "dd bs=1 count=12 <&0 >/dev/null 2>&1";

#[test]
fn a_worker_that_does_not_greet_is_none() {
    for script in [
        "exit 0",
        "exit 3",
        "head -c 100 /dev/zero >&0; sleep 100",
        "printf 'garbage, garbage' >&0",
    ] {
        let (_folder, program) = forged(script);
        let sandbox = sandbox_of(&program);
        assert!(sandbox.isolation().is_err(), "{script}");
        let refused = sandbox
            .code(Source::new("a.wasm", &Does::Nothing.bytes()), None)
            .unwrap_err();
        assert_eq!(refused.first().code().name(), "compile.worker", "{script}");
    }
}

#[test]
fn an_answer_that_is_none_refuses_the_component_and_keeps_nothing() {
    let answers = [
        "exit 0".to_owned(),
        "head -c 4000 /dev/urandom >&0".to_owned(),
        // Four gigabytes are announced.
        r"printf '\377\377\377\377\377\377\377\377\377\377\377\377' >&0; sleep 100".to_owned(),
        say("{}"),
        say(r#"{"compiled":{"lifecycle":null,"run":null,"imports":[]}}"#),
        say(r#"{"refused":[]}"#),
        say(r#"{"failed":"\u001b[2J"}"#),
        say(r#"{"ran":{}}"#),
    ];
    for answer in answers {
        let (folder, program) = forged(&format!("{}\n{WAIT}\n{answer}", hello()));
        let cache = CodeCache::open(&folder.path().join("cache")).unwrap();
        let sandbox = sandbox_of(&program);
        let refused = sandbox
            .code(Source::new("a.wasm", &Does::Nothing.bytes()), Some(&cache))
            .unwrap_err();
        assert_eq!(refused.first().code().name(), "compile.worker", "{answer}");
        let text = refused.to_string();
        assert!(text.len() < 4096 && !text.chars().any(char::is_control), "{text:?}");
        let kept: Vec<_> = fs::read_dir(folder.path().join("cache"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(kept, ["key"], "{answer}");
    }
}

#[test]
fn an_outcome_that_cannot_be_is_none() {
    let code = Does::Nothing.code(&sandbox());
    let outcome = |end: &str| {
        format!(
            r#"{{"ran":{{"end":{end},"stdout":{{"bytes":[],"dropped":0}},"stderr":{{"bytes":[],"dropped":0}},"duration":{{"secs":0,"nanos":0}},"usage":[]}}}}"#
        )
    };
    let success = outcome(r#"{"kind":"exited","code":0,"message":null}"#);
    let answers = [
        "exit 0".to_owned(),
        "head -c 4000 /dev/urandom >&0".to_owned(),
        // It does not say what was used of which limit.
        say(&success),
        say(&outcome(r#"{"kind":"exited","code":256}"#)),
    ];
    for answer in answers {
        let (_folder, program) = forged(&format!("{}\n{WAIT}\n{answer}", hello()));
        let outcome = sandbox_of(&program).run(&code, &invocation(300_000), vec![]);
        assert!(
            matches!(outcome.end, End::WorkerDied { .. }),
            "{answer}: {:?}",
            outcome.end
        );
    }
    // One that does not answer at all is ended.
    let (_folder, program) = forged(&format!("{}\n{WAIT}\nsleep 100", hello()));
    let outcome = sandbox_of(&program).run(&code, &invocation(100), vec![]);
    assert!(matches!(outcome.end, End::TimedOut(_)), "{:?}", outcome.end);
}
