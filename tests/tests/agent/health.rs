//! The health gate of an update that can be taken back, where a service of the new version runs and has the last word.

use std::fs;

use hostler_tests::{goal_state, goal_state_entry, publish};
use serde_json::{Value, json};

use crate::machine::{Agent, HANDLER, Machine, enable, until};

/// A machine with version 1.0.0 enabled by an agent, which takes updates back that are not well within `time`; 1.1.0 says
/// `transitioning` when it is enabled, and has the service `told`.
fn machine(time: &str, told: &Value) -> (Machine, Agent) {
    let machine = Machine::new(&json!({}));
    let new = json!({"enable": {"status": status("transitioning")}, "service": told});
    // One that gained a service would wait for approval.
    let old = json!({"service": {"stdin": true}});
    publish(&machine.source(), HANDLER, &[("1.0.0", old), ("1.1.0", new)]);
    let policy = machine.path("policy.toml");
    let back = format!("on-update-failure = \"roll-back\"\nupdate-health-time = \"{time}\"");
    fs::write(&policy, format!("[[rule]]\nservice = true\n{back}\n")).unwrap();
    machine.put(&enable(0));
    let agent = machine.follow(&["--policy", policy.to_str().unwrap()]);
    until("1.0.0 is enabled", || handler(&machine)["status"] == "Ready");
    machine.put(&goal_state(&[goal_state_entry(
        HANDLER,
        "1.1.0",
        "enabled",
        1,
        &json!({}),
    )]));
    (machine, agent)
}

fn status(word: &str) -> Value {
    json!([{
        "version": 1.0,
        "timestampUTC": "2020-01-01T00:00:00Z",
        "status": {
            "name": "recorder", "operation": "Enable", "status": word, "code": 0,
            "formattedMessage": {"lang": "en-US", "message": "said"},
        },
    }])
}

fn handler(machine: &Machine) -> Value {
    machine.report()["aggregateStatus"]["handlerAggregateStatus"][0].clone()
}

/// Its service ends the transition; without waiting for that the update would have been taken back.
#[test]
fn one_whose_service_comes_up_is_waited_for() {
    let (machine, agent) = machine("100s", &json!({"status": status("success"), "stdin": true}));
    until("1.1.0 is there", || {
        let now = handler(&machine);
        let status = &now["runtimeSettingsStatus"]["settingsStatus"]["status"]["status"];
        now["handlerVersion"] == "1.1.0" && now["status"] == "Ready" && status == "success"
    });
    until("1.0.0 is gone", || {
        !machine.path("root/handlers/Contoso.Demo-1.0.0").exists()
    });
    until("its service runs on", || {
        handler(&machine)["hostler"]["service"]["state"] == "running"
    });
    agent.stop();
    assert!(!machine.audit().contains(&"roll-back-begun".to_owned()));
}

#[test]
fn one_whose_service_does_not_come_up_in_time_is_taken_back() {
    let (machine, agent) = machine("200ms", &json!({"status": "none", "stdin": true}));
    until("1.0.0 is back", || {
        let now = handler(&machine);
        let findings = now["hostler"]["findings"].as_array().cloned().unwrap_or_default();
        let is_back = findings.iter().any(|finding| finding["code"] == "update.rolled_back");
        now["handlerVersion"] == "1.0.0" && now["status"] == "Ready" && is_back
    });
    until("1.1.0 is gone", || {
        !machine.path("root/handlers/Contoso.Demo-1.1.0").exists()
    });
    agent.stop();
    let audit = machine.audit();
    for event in ["roll-back-begun", "roll-back-ended"] {
        assert_eq!(audit.iter().filter(|line| *line == event).count(), 1, "{audit:?}");
    }
}
