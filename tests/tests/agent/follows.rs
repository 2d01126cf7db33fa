//! Which goal states are carried out, and how often.

use std::fs;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::json;

use crate::machine::{HANDLER, Machine, enable, until};

/// Contract 7.1 and 11: each goal state once; after a start the one that is there, once more.
#[test]
fn each_goal_state_once_and_again_after_a_start() {
    let machine = Machine::new(&json!({}));
    let agent = machine.follow(&[]);
    // Nothing is there yet, which is no reason to end.
    until("a report", || machine.agent()["source"]["good"] == json!(false));
    machine.put(&enable(0));
    until("the first", || {
        machine.ran() == "i0 e0" && machine.agent()["source"]["good"] == json!(true)
    });
    machine.put(&enable(1));
    until("the second", || machine.ran() == "i0 e0 e1");
    machine.wait_until_carried_out(2);
    // As long as it takes to look ten times more.
    for _ in 0..10 {
        machine.wait_for_a_report();
    }
    assert_eq!(machine.ran(), "i0 e0 e1");
    let handler = &machine.report()["aggregateStatus"]["handlerAggregateStatus"][0];
    assert_eq!(handler["status"], "Ready");
    assert_eq!(machine.agent()["inForce"]["number"], "1");
    agent.stop();
    assert_eq!(machine.agent()["state"], "stopped");

    let agent = machine.follow(&[]);
    until("enable after the start", || machine.ran() == "i0 e0 e1 e1");
    agent.stop();
    let events = machine.audit();
    let count = |event: &str| events.iter().filter(|line| *line == event).count();
    assert_eq!(
        (count("agent-started"), count("agent-stopped"), count("apply-begun")),
        (2, 2, 3),
        "{events:?}"
    );
}

/// Scenarios A2 and B2: what the loop sees again is not carried out again, also where it went badly; it is reported on.
#[test]
fn what_failed_is_not_tried_again() {
    let machine = Machine::new(&json!({"install": {"exit": 3}}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    let handler = || machine.report()["aggregateStatus"]["handlerAggregateStatus"][0].clone();
    until("the failure", || handler()["code"] == 1007);
    machine.wait_until_carried_out(1);
    let (ran, before) = (machine.ran(), handler());
    for _ in 0..10 {
        machine.wait_for_a_report();
    }
    assert_eq!((machine.ran(), handler()), (ran, before));
    machine.put(&enable(1));
    until("the next one", || machine.ran() == "i0 i1");
    agent.stop();
}

/// HST-18: nobody reads what it says, and it goes on.
#[test]
fn hst_18_nobody_listens() {
    let machine = Machine::new(&json!({}));
    let mut agent = machine.start_in(machine.file().to_str().unwrap(), &[], |command| {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    });
    agent.deafen();
    machine.put(&enable(0));
    until("the handler", || machine.ran() == "i0 e0");
    machine.wait_for_a_report();
    agent.stop();
}

/// A broken document changes nothing, and the report says what is wrong with it.
#[test]
fn a_broken_document_changes_nothing() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the first", || {
        machine.report()["aggregateStatus"]["handlerAggregateStatus"][0]["status"] == "Ready"
    });
    machine.wait_until_carried_out(1);
    let in_force = machine.agent()["inForce"].clone();
    for (text, code) in [
        ("{\"half\":", "vm_settings.json"),
        ("[1, 2]", "vm_settings.schema"),
        ("", "vm_settings.json"),
    ] {
        machine.put(text);
        until(code, || {
            let source = machine.agent()["source"].clone();
            source["good"] == json!(false) && source["findings"][0]["code"] == code
        });
        assert_eq!(machine.agent()["inForce"], in_force, "{text}");
        assert_eq!(
            machine.report()["aggregateStatus"]["handlerAggregateStatus"][0]["status"],
            "Ready"
        );
        // The same as before, not another one.
        machine.put(&enable(0));
        until("good again", || machine.agent()["source"]["good"] == json!(true));
    }
    assert_eq!(machine.ran(), "i0 e0");
    agent.stop();
}

/// In a folder the name that counts highest is followed, as soon as it is whole.
#[test]
fn a_folder_of_goal_states() {
    let machine = Machine::new(&json!({}));
    let write = |name: &str, text: &str| fs::write(machine.source().join(name), text).unwrap();
    write("goal.9.json", &enable(0));
    let agent = machine.start(machine.source().to_str().unwrap(), &[]);
    until("the first", || machine.ran() == "i0 e0");
    write("goal.10.json", "{\"half\":");
    until("a word about it", || {
        machine.agent()["source"]["findings"][0]["code"] == "agent.incomplete"
    });
    assert_eq!(machine.agent()["source"]["good"], true);
    write("goal.10.json", &enable(1));
    until("the second", || machine.ran() == "i0 e0 e1");
    agent.stop();
}

/// HST-10: a second agent, or an `apply`, has no place beside it; looking has.
#[test]
fn hst_10_one_root_has_one_agent() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the handler", || machine.ran() == "i0 e0");
    let file = machine.file();
    for arguments in [
        vec!["agent", "--goal-state", file.to_str().unwrap()],
        vec!["apply", file.to_str().unwrap()],
    ] {
        let ran = machine.hostler(&arguments);
        assert_eq!(ran.status.code(), Some(4), "{arguments:?}");
        let said = ran.stderr_text();
        let process = format!("is in use by another hostler (process {}) [host.locked]", agent.id());
        assert!(said.contains(&process), "{said}");
    }
    until("well", || machine.hostler(&["status"]).status.code() == Some(0));
    assert_eq!(machine.hostler(&["logs", HANDLER]).status.code(), Some(0));
    // HST-14: what is written in the lock keeps nobody out.
    agent.kill();
    let agent = machine.follow(&[]);
    until("enable after the start", || machine.ran() == "i0 e0 e0");
    agent.tell(Signal::INT);
    drop(agent);
}
