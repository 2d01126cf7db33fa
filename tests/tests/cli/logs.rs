//! What `logs` tells people.

use serde_json::json;

use crate::offered::DEMO;
use crate::workbench::{Said, Workbench};

/// The output without how long commands took, how large files are, and what the recorder wrote down.
fn log(said: &Said) -> String {
    let mut lines = Vec::new();
    let mut of_recorder = false;
    for line in said.all().lines() {
        if let Some(head) = line.strip_prefix("==> ") {
            of_recorder = head.starts_with("record.jsonl");
            let head: Vec<&str> = head
                .split(", ")
                .filter(|part| !part.starts_with(|c: char| c.is_ascii_digit()))
                .collect();
            lines.push(format!("==> {}", head.join(", ")));
        } else if !of_recorder {
            // The time, and the variables, which are tested elsewhere.
            let line = line.split(" with environment variables: ").next().unwrap_or_default();
            let after = line
                .split_once(" | ")
                .and_then(|(file, said)| Some((file, said.split_once("Z INFO ")?.1)));
            lines.push(after.map_or_else(
                || line.to_owned(),
                |(file, rest)| format!("{file} | [TIME] INFO {rest}"),
            ));
        }
    }
    lines.join("\n")
}

/// Nothing that a handler says acts on the terminal.
#[test]
fn a_handler_with_escapes_in_its_output() {
    let bench = Workbench::new();
    let hostile = "\u{1b}[2J\u{1b}]0;title\u{7}red \u{1b}[31m\u{202e}desrever\r==> forged <==\nsecond\n";
    let entries = [bench.offer(DEMO, &json!({"enable": {"stdout": hostile, "stderr": "plain\n"}}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    bench.write("root/logs/Contoso.Demo/own.log", format!("one\n{hostile}"));
    let said = bench.look("logs", &[DEMO]);
    insta::assert_snapshot!(log(&said), @r"
    exit code 0
    --- stdout
    ==> install 1.0.0, exit code 0
    ==> enable 1.0.0, exit code 0
    stdout | \x1b[2J\x1b]0;title\x07red \x1b[31m\u{202e}desrever\r==> forged <==
    stdout | second
    stderr | plain
    ==> CommandExecution.log
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Initializing extension Contoso.Demo-1.0.0
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Target handler state: enabled, current handler state: NotInstalled
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Update settings file: 0.settings
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Executing command: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Command: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install\n[stdout]\n[stderr]
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Executing command: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm enable
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Command: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm enable\n[stdout]\n\x1b[2J\x1b]0;title\x07red \x1b[31m\u{202e}desrever\r==> forged <==\nsecond\n[stderr]\nplain
    ==> own.log
    own.log | one
    own.log | \x1b[2J\x1b]0;title\x07red \x1b[31m\u{202e}desrever\r==> forged <==
    own.log | second
    ==> record.jsonl
    ");
    let acts = |byte: &u8| byte.is_ascii_control() && *byte != b'\n';
    assert!(!said.ran.stdout.iter().any(acts), "{}", said.stdout());
}

#[test]
fn a_handler_that_failed() {
    let bench = Workbench::new();
    let entries = [bench.offer(DEMO, &json!({"install": {"exit": 4, "stderr": "no room\n"}}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 1);
    insta::assert_snapshot!(log(&bench.look("logs", &[DEMO])), @"
    exit code 0
    --- stdout
    ==> install 1.0.0, exit code 4
    stderr | no room
    ==> CommandExecution.log
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Initializing extension Contoso.Demo-1.0.0
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Target handler state: enabled, current handler state: NotInstalled
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Update settings file: 0.settings
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Executing command: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Command failed: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install, exit code 4
    ==> record.jsonl
    ");
    // The name of its folder does as well.
    let said = bench.look("logs", &["Contoso.Demo-1.0.0", "--lines", "1"]);
    insta::assert_snapshot!(log(&said), @"
    exit code 0
    --- stdout
    ==> install 1.0.0, exit code 4
    stderr | no room
    ==> CommandExecution.log
    CommandExecution.log | [TIME] INFO ExtHandler [Contoso.Demo-1.0.0] Command failed: [HERE]/root/handlers/Contoso.Demo-1.0.0/recorder.wasm install, exit code 4
    ==> record.jsonl
    ");
}

#[test]
fn as_json() {
    let bench = Workbench::new();
    let entries = [bench.offer(DEMO, &json!({"enable": {"stdout": "\u{1b}[2J"}}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    bench.write("root/logs/Contoso.Demo/own.log", "one\ntwo\nthree\n");
    let said = bench.look("logs", &[DEMO, "--json", "--lines", "2"]).json();
    assert_eq!(said["handler"], DEMO);
    assert_eq!(said["commands"][1]["stdout"]["bytes"], 4);
    let own = json!({"name": "own.log", "bytes": 14, "lines": ["two", "three"]});
    assert!(said["files"].as_array().unwrap().contains(&own), "{said:#}");
}

/// Logs outlive the handler (contract 2).
#[test]
fn after_its_uninstall() {
    let bench = Workbench::new();
    let mut entries = [bench.offer(DEMO, &json!({}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    entries[0]["state"] = json!("uninstall");
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    let said = bench.look("logs", &[DEMO]);
    assert_eq!(said.exit, 0);
    assert!(said.stdout().contains("recorder.wasm uninstall"), "{}", said.all());
}

#[test]
fn a_handler_that_nobody_knows() {
    let bench = Workbench::new();
    insta::assert_snapshot!(bench.look("logs", &[DEMO]).all(), @"
    exit code 2
    --- stderr
    error: nothing of a handler Contoso.Demo is here [handler.identity]
      at HANDLER
      `hostler status` shows which handlers there are
    ");
    let entries = [bench.offer(DEMO, &json!({}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    insta::assert_snapshot!(bench.look("logs", &["Contoso.Other"]).all(), @"
    exit code 2
    --- stderr
    error: nothing of a handler Contoso.Other is here [handler.identity]
      at HANDLER
      `hostler status` shows which handlers there are
    ");
    insta::assert_snapshot!(bench.look("logs", &["Contoso.Other", "--json"]).all(), @r#"
    exit code 2
    --- stdout
    {
      "findings": [
        {
          "code": "handler.identity",
          "severity": "refusal",
          "where": "HANDLER",
          "what": "nothing of a handler Contoso.Other is here",
          "hint": "`hostler status` shows which handlers there are"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(bench.look("logs", &["../../etc"]).all(), @"
    exit code 2
    --- stderr
    error: `../../etc` is not a handler name: a character in it is not allowed in a folder name here [handler.identity]
      at HANDLER
      write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello
    ");
    insta::assert_snapshot!(bench.look("logs", &["\u{1b}[2J"]).all(), @r"
    exit code 2
    --- stderr
    error: `\x1b[2J` is not a handler name: a character in it is not allowed in a folder name here [handler.identity]
      at HANDLER
      write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello
    ");
}
