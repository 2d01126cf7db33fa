//! What depends on an extension whose service is still at work (contract 8.3).

use std::fs;

use hostler_tests::{goal_state, goal_state_entry, publish};
use serde_json::{Value, json};

use crate::machine::{Agent, HANDLER, Machine, until};

const DEPENDENT: &str = "Contoso.Dependent";

/// Enables [`HANDLER`], whose enable leaves it `transitioning` and whose service stays, and then [`DEPENDENT`].
fn start(machine: &Machine) -> Agent {
    publish(&machine.source(), DEPENDENT, &[("1.0.0", json!({}))]);
    let policy = "[[rule]]\nname = \"stays\"\npublisher = \"Contoso\"\nservice = true\n";
    fs::write(machine.path("policy.toml"), policy).unwrap();
    let entry = |name: &str, level: u32, public: &Value| {
        let mut entry = goal_state_entry(name, "1.0.0", "enabled", 0, public);
        entry["dependsOn"] = json!([{ "dependencyLevel": level }]);
        entry
    };
    machine.put(&goal_state(&[
        entry(HANDLER, 1, &json!({})),
        entry(DEPENDENT, 2, &json!({})),
    ]));
    machine.follow(&["--policy", machine.path("policy.toml").to_str().unwrap()])
}

fn machine() -> Machine {
    Machine::new(&json!({"enable": {"status": status("transitioning")}, "service": {"stdin": true}}))
}

fn status(word: &str) -> Value {
    json!([{
        "version": 1.0,
        "timestampUTC": "2026-01-01T00:00:00Z",
        "status": {"operation": "work", "status": word, "code": 0, "formattedMessage": {"lang": "en", "message": word}},
    }])
}

/// What the handler's service would write.
fn says(machine: &Machine, word: &str) {
    let file = machine
        .path("root/handlers")
        .join(format!("{HANDLER}-1.0.0/status/0.status"));
    let aside = file.with_extension("aside");
    fs::write(&aside, status(word).to_string()).unwrap();
    fs::rename(aside, file).unwrap();
}

fn entry(machine: &Machine, name: &str) -> Value {
    let report = machine.report();
    let entries = report["aggregateStatus"]["handlerAggregateStatus"].as_array();
    let mut entries = entries.into_iter().flatten();
    entries
        .find(|entry| entry["handlerName"] == name)
        .cloned()
        .unwrap_or_default()
}

fn is_waited_for(machine: &Machine) {
    until("it is at work", || {
        let entry = entry(machine, HANDLER);
        entry["runtimeSettingsStatus"]["settingsStatus"]["status"]["status"] == "transitioning"
            && entry["hostler"]["service"]["state"] == "running"
    });
    // Reports go on while it is waited for.
    for _ in 0..10 {
        machine.wait_for_a_report();
    }
    assert!(entry(machine, DEPENDENT).is_null(), "nothing of it was begun");
    assert!(
        !machine
            .path("root/handlers")
            .join(format!("{DEPENDENT}-1.0.0"))
            .exists()
    );
}

#[test]
fn it_waits_until_the_service_says_that_it_is_done() {
    let machine = machine();
    let agent = start(&machine);
    is_waited_for(&machine);
    says(&machine, "success");
    until("what depends on it is enabled", || {
        entry(&machine, DEPENDENT)["status"] == "Ready"
    });
    agent.stop();
}

#[test]
fn it_is_skipped_when_the_service_says_that_it_failed() {
    let machine = machine();
    let agent = start(&machine);
    is_waited_for(&machine);
    says(&machine, "error");
    until("what depends on it is skipped", || {
        entry(&machine, DEPENDENT)["code"] == -1
    });
    let said = entry(&machine, DEPENDENT)["formattedMessage"]["message"].clone();
    let said = said.as_str().unwrap();
    let words = format!("Dependent Extension {HANDLER} did not succeed. Status was error");
    assert!(said.contains(&words), "{said}");
    agent.stop();
}

/// An agent that is asked to end while it waits does not wait on; the next one begins with the goal state anew.
#[test]
fn it_is_not_waited_for_by_who_is_to_end() {
    let machine = machine();
    let agent = start(&machine);
    is_waited_for(&machine);
    agent.stop();
    assert!(
        !machine
            .path("root/handlers")
            .join(format!("{DEPENDENT}-1.0.0"))
            .exists()
    );
    let agent = machine.follow(&["--policy", machine.path("policy.toml").to_str().unwrap()]);
    until("it is at work again", || {
        entry(&machine, HANDLER)["hostler"]["service"]["state"] == "running"
    });
    says(&machine, "success");
    until("what depends on it is enabled", || {
        entry(&machine, DEPENDENT)["status"] == "Ready"
    });
    agent.stop();
}
