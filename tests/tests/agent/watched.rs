//! `status --watch` and `logs --follow`, where nobody sits before a terminal.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use hostler_tests::hostler;
use serde_json::{Value, json};

use crate::machine::{Agent, HANDLER, Machine, enable, until};

fn watch(machine: &Machine, arguments: &[&str]) -> Agent {
    let mut command = Command::new(hostler());
    command
        .env_clear()
        .args(arguments)
        .arg("--root")
        .arg(machine.path("root"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    Agent::of(child)
}

/// A line for what has changed, and none for what has not.
#[test]
fn changes_are_lines() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the handler", || {
        machine.report()["aggregateStatus"]["handlerAggregateStatus"][0]["status"] == "Ready"
    });
    machine.wait_until_carried_out(1);
    let mut watching = watch(&machine, &["status", "--watch"]);
    let mut as_json = watch(&machine, &["status", "--watch", "--json"]);
    let mut lines = watching.lines().map(|line| {
        let line = line.unwrap();
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z'), "{line}");
        rest.replace(machine.source().to_str().unwrap(), "[SOURCE]")
            .replace(&agent.id().to_string(), "[PROCESS]")
    });
    let mut objects = as_json
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let first: Vec<String> = lines.by_ref().take(3).collect();
    insta::assert_snapshot!(first.join("\n"), @"
    ok Contoso.Demo 1.0.0 Ready (Enabled) success (0): 1.0.0 is enabled with settings 0
    ok [SOURCE]/goal.json 1 carried out
    ok agent [PROCESS] running
    ");
    assert_eq!(objects.by_ref().take(3).last().unwrap()["kind"], "agent");
    // What a handler writes is shown next, and acts on no terminal.
    let status = json!([{"status": {"status": "error", "code": 7, "operation": "Enable",
        "formattedMessage": {"lang": "en-US", "message": "gone\u{1b}[2J"}}}]);
    let file = machine.path("root/handlers/Contoso.Demo-1.0.0/status/0.status");
    // All of it at once.
    let aside = machine.path("aside");
    fs::write(&aside, status.to_string()).unwrap();
    fs::rename(aside, file).unwrap();
    assert_eq!(
        lines.next().unwrap(),
        r"!! Contoso.Demo 1.0.0 Ready (Enabled) error (0): gone\x1b[2J"
    );
    let changed = objects.next().unwrap();
    assert_eq!((&changed["name"], &changed["well"]), (&json!(HANDLER), &json!(false)));
    machine.put(&json!({"extensionGoalStates": []}).to_string());
    let gone = lines
        .by_ref()
        .find(|line| line.contains(HANDLER) && line.contains("gone"));
    assert_eq!(gone.unwrap(), "ok Contoso.Demo 1.0.0 gone");
    agent.stop();
}

/// What is written later follows, of all files or of one, in lines that nothing in them can pass for.
#[test]
fn logs_are_followed() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the handler", || machine.ran() == "i0 e0");
    let log = machine.path("root/logs").join(HANDLER).join("own.log");
    fs::write(&log, "before\n").unwrap();
    let arguments = ["logs", HANDLER, "--follow", "--file", "own.log"];
    let mut plain = watch(&machine, &arguments);
    let mut as_json = watch(&machine, &[&arguments[..], &["--json"]].concat());
    let (mut plain, mut objects) = (plain.lines(), as_json.lines());
    assert_eq!(plain.next().unwrap().unwrap(), "==> own.log, 7 bytes <==");
    assert_eq!(plain.next().unwrap().unwrap(), "own.log | before");
    assert_eq!(
        objects.next().unwrap().unwrap(),
        r#"{"file":"own.log","line":"before"}"#
    );
    let mut more = fs::File::options().append(true).open(&log).unwrap();
    more.write_all(b"after \x1b[2J\n").unwrap();
    assert_eq!(plain.next().unwrap().unwrap(), r"own.log | after \x1b[2J");
    assert_eq!(
        objects.next().unwrap().unwrap(),
        r#"{"file":"own.log","line":"after \u001b[2J"}"#
    );
    let ran = machine.hostler(&["logs", HANDLER, "--file", "none.log"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.stderr_text().contains("has no log `none.log`"));
    agent.stop();
}
