//! How it stops, and what the next one makes of it.

use rustix::process::Signal;
use serde_json::json;

use crate::machine::{Machine, enable, is_gone, until};

/// HST-15: a command that runs comes to its end, and nothing begins after it.
#[test]
fn hst_15_the_command_that_runs_ends() {
    for signal in [Signal::TERM, Signal::INT] {
        let machine = Machine::new(&json!({"install": {"waits": true}}));
        machine.put(&enable(0));
        let mut agent = machine.follow(&[]);
        until("install", || machine.ran() == "i0");
        agent.tell(signal);
        until("it stops", || machine.agent()["state"] == "stopping");
        // It is said a moment before it holds.
        machine.wait_for_a_report();
        machine.wait_for_a_report();
        machine.let_go();
        assert_eq!(agent.end().code(), Some(0));
        assert_eq!(machine.ran(), "i0", "nothing after it");
        assert!(machine.audit().contains(&"agent-stopped".to_owned()));
        let agent = machine.follow(&[]);
        until("it went on", || machine.ran() == "i0 e0");
        agent.stop();
    }
}

/// GST-19: a command that never ends does not keep it, and its process goes with it; the next start takes it up.
#[test]
fn gst_19_a_command_without_an_end() {
    let machine = Machine::new(&json!({"enable": {"loop": true}}));
    machine.put(&enable(0));
    let mut agent = machine.follow(&["--grace", "200ms"]);
    until("enable", || machine.ran() == "i0 e0");
    until("a report of it", || {
        machine.report()["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["underWay"]["command"] == "enable"
    });
    let workers = children(agent.id());
    assert!(!workers.is_empty());
    agent.tell(Signal::TERM);
    assert_eq!(agent.end().code(), Some(0));
    until("the workers' end", || workers.iter().all(|id| is_gone(*id)));
    assert_eq!(machine.agent()["state"], "stopping", "it did not stop in order");
    let table = String::from_utf8(machine.hostler(&["status"]).stdout).unwrap();
    assert!(table.contains("is gone and did not stop in order"), "{table}");
    // Time enough to begin, on a machine that is busy.
    let agent = machine.follow(&["--limit", "cmd.deadline=5s"]);
    until("enable once more, to its deadline", || {
        let handler = machine.report()["aggregateStatus"]["handlerAggregateStatus"][0].clone();
        machine.ran() == "i0 e0 e0" && handler["code"] == 1011
    });
    agent.stop();
}

/// Asked twice, it does not wait for the command.
#[test]
fn a_second_signal_is_at_once() {
    let machine = Machine::new(&json!({"enable": {"loop": true}}));
    machine.put(&enable(0));
    let mut agent = machine.follow(&["--grace", "60min"]);
    until("enable", || machine.ran() == "i0 e0");
    agent.tell(Signal::TERM);
    until("it stops", || machine.agent()["state"] == "stopping");
    agent.tell(Signal::TERM);
    assert_eq!(agent.end().code(), Some(0));
}

/// A long command delays no report.
#[test]
fn reports_go_on_beside_a_command() {
    let machine = Machine::new(&json!({"enable": {"loop": true}}));
    machine.put(&enable(0));
    let agent = machine.follow(&["--grace", "0"]);
    until("enable", || machine.ran() == "i0 e0");
    for _ in 0..5 {
        machine.wait_for_a_report();
    }
    drop(agent);
}

/// The processes that `id` has started.
fn children(id: u32) -> Vec<u64> {
    let mut found = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{id}/task")).unwrap().flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().map(|id| id.parse::<u64>().unwrap()));
    }
    found
}
