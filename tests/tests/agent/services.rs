//! Handlers that stay: their services are started, stopped, and started again.

use std::fs;

use hostler_tests::{goal_state, goal_state_entry};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::machine::{Agent, HANDLER, Machine, enable, is_gone, until};

/// A machine whose handler may stay, and has the service `told`.
fn machine(told: &Value) -> Machine {
    let machine = Machine::new(&json!({"service": told}));
    let policy = "[[rule]]\nname = \"stays\"\npublisher = \"Contoso\"\nservice = true\n";
    fs::write(machine.path("policy.toml"), policy).unwrap();
    machine.put(&enable(0));
    machine
}

fn follow(machine: &Machine) -> Agent {
    machine.follow(&["--policy", machine.path("policy.toml").to_str().unwrap()])
}

fn service(machine: &Machine) -> Value {
    let handlers = machine.report()["aggregateStatus"]["handlerAggregateStatus"].clone();
    handlers[0]["hostler"]["service"].clone()
}

fn is(machine: &Machine, state: &str) -> bool {
    service(machine)["state"] == state
}

fn state(number: i64, state: &str) -> String {
    goal_state(&[goal_state_entry(HANDLER, "1.0.0", state, number, &json!({}))])
}

/// What is recorded of commands and services, in its order.
fn recorded(machine: &Machine) -> Vec<String> {
    let of_them = |event: &String| event.starts_with("service-") || event.starts_with("command-begun");
    machine.audit().into_iter().filter(of_them).collect()
}

#[test]
fn it_runs_after_each_good_enable_and_beside_no_command() {
    let machine = machine(&json!({"stdin": true}));
    let agent = follow(&machine);
    until("it runs", || is(&machine, "running"));
    until("it says so itself", || machine.ran() == "i0 e0 s0");
    machine.put(&enable(1));
    until("it runs with the new settings", || service(&machine)["settings"] == 1);
    until("it was told so itself", || machine.ran() == "i0 e0 s0 e1 s1");
    machine.put(&state(1, "disabled"));
    until("it is stopped", || is(&machine, "stopped"));
    let last = service(&machine)["lastEnd"].clone();
    assert_eq!(
        (&last["told"], &last["end"], &last["code"]),
        (
            &json!(true),
            &json!({"kind": "exited", "code": 0, "message": null}),
            &json!(null)
        )
    );
    machine.put(&state(1, "uninstall"));
    until("it is gone", || {
        machine.ran().ends_with('u') || machine.ran().contains(" u1")
    });
    agent.stop();
    let [command, began, ended] = ["command-begun", "service-started", "service-ended"];
    assert_eq!(
        recorded(&machine),
        [
            command,
            command,
            began,
            ended,
            command,
            began,
            ended,
            command,
            "command-begun"
        ]
    );
}

#[test]
fn one_that_falls_is_started_again_and_its_last_words_are_reported() {
    let machine = machine(&json!({"stderr": "the last words", "trap": true}));
    let agent = follow(&machine);
    until("it fell and was started again", || {
        service(&machine)["falls"].as_u64() >= Some(2)
    });
    let now = service(&machine);
    assert_eq!(now["code"], json!(null));
    let last = &now["lastEnd"];
    assert_eq!(
        (&last["told"], &last["code"]),
        (&json!(false), &json!("trap.unreachable"))
    );
    let words = last["stderr"]["text"].as_str().unwrap();
    assert!(words.contains("the last words"), "{words}");
    assert!(now["starts"].as_u64() >= Some(2), "{now}");
    let handler = machine.report()["aggregateStatus"]["handlerAggregateStatus"][0].clone();
    assert_eq!(handler["status"], "Ready", "until it is given up on");
    agent.stop();
}

/// A service that does not listen is ended, and the agent stops all the same.
#[test]
fn one_that_does_not_stop_is_ended() {
    let machine = machine(&json!({"loop": true}));
    let mut agent = follow(&machine);
    until("it runs", || is(&machine, "running"));
    let process = service(&machine)["process"].as_u64().unwrap();
    agent.tell(Signal::TERM);
    assert_eq!(agent.end().code(), Some(0));
    assert!(is_gone(process));
    assert_eq!(recorded(&machine).last().unwrap(), "service-ended-by-host");
    assert_eq!(machine.audit().last().unwrap(), "agent-stopped", "in order");
}

/// Its process is gone with the agent's, and the next agent starts it after the enable of every start.
#[test]
fn it_goes_with_an_agent_that_is_killed_and_comes_with_the_next() {
    let machine = machine(&json!({"stdin": true}));
    let agent = follow(&machine);
    until("it runs", || is(&machine, "running") && machine.ran() == "i0 e0 s0");
    let process = service(&machine)["process"].as_u64().unwrap();
    agent.kill();
    until("it is gone", || is_gone(process));
    let agent = follow(&machine);
    until("it runs again", || {
        let now = service(&machine);
        now["state"] == "running" && now["process"].as_u64() != Some(process)
    });
    until("it says so itself", || machine.ran() == "i0 e0 s0 e0 s0");
    agent.stop();
}

/// Somebody kills its process: it is started again.
#[test]
fn one_whose_process_is_killed_is_started_again() {
    let machine = machine(&json!({"stdin": true}));
    let agent = follow(&machine);
    until("it runs", || is(&machine, "running"));
    let process = service(&machine)["process"].as_u64().unwrap();
    let process = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    rustix::process::kill_process(process, Signal::KILL).unwrap();
    until("it runs again", || {
        service(&machine)["starts"] == 2 && is(&machine, "running")
    });
    assert_eq!(service(&machine)["lastEnd"]["code"], "worker.died");
    agent.stop();
}

/// While its service runs, a status may be still going on (design D10).
#[test]
fn a_status_may_go_on_while_it_runs() {
    let going_on = json!([{"version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z", "status": {
        "operation": "Enable", "status": "transitioning", "code": 0,
        "formattedMessage": {"lang": "en-US", "message": "at it"}}}]);
    let machine = Machine::new(&json!({"enable": {"status": going_on}, "service": {"stdin": true}}));
    let policy = "[[rule]]\nname = \"stays\"\npublisher = \"Contoso\"\nservice = true\n";
    fs::write(machine.path("policy.toml"), policy).unwrap();
    machine.put(&enable(0));
    let agent = follow(&machine);
    let status = |report: &Value| {
        let handler = &report["aggregateStatus"]["handlerAggregateStatus"][0];
        handler["runtimeSettingsStatus"]["settingsStatus"]["status"].clone()
    };
    until("a status", || status(&machine.report()).is_object());
    assert_eq!(status(&machine.report())["status"], "transitioning");
    agent.stop();
    let applied = machine.hostler(&[
        "apply",
        machine.file().to_str().unwrap(),
        "--policy",
        machine.path("policy.toml").to_str().unwrap(),
    ]);
    let report = machine.report();
    let handler = &report["aggregateStatus"]["handlerAggregateStatus"][0];
    let status = status(&report);
    assert_eq!(
        (&status["status"], &status["code"]),
        (&json!("error"), &json!(1012)),
        "{applied:?}"
    );
    let findings = handler["hostler"]["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|one| one["code"] == "service.not_kept"),
        "nobody stays after an apply: {findings:?}"
    );
}
