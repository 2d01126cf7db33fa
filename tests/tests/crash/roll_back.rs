//! `kill -9` of `apply` while an update is taken back: the next one goes on with that, whatever it is told.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hostler_tests::{goal_state_entry, hostler, publish};
use serde_json::{Value, json};

use crate::machine::{HANDLER, Machine, PATIENCE};

const POLICY: &str = "[[rule]]\non-update-failure = \"roll-back\"\n";

#[test]
fn killed_on_the_way_back() {
    let machine = Machine::new(&json!({}));
    let slow = json!({"install": {"waits": true, "data": {"count": "1"}}});
    let fails = json!({"update": {"data": {"count": "8", "new": ""}}, "enable": {"exit": 3}});
    publish(&machine.source(), HANDLER, &[("1.0.0", slow), ("1.1.0", fails)]);
    let policy = machine.source().join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let arguments = |version: &str, number| {
        let mut arguments =
            machine.apply_arguments(&[goal_state_entry(HANDLER, version, "enabled", number, &json!({}))]);
        arguments.extend(["--policy".to_owned(), policy.display().to_string()]);
        arguments
    };
    let ran = machine.hostler_let_go(&arguments("1.0.0", 0), 1);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr_text());
    let data = machine.root().join("data").join(HANDLER);
    fs::write(data.join("count"), "7").unwrap();

    machine.hold_back();
    let update = arguments("1.1.0", 1);
    let mut command = Command::new(hostler());
    command.args(&update).env_clear().stdin(Stdio::null());
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let there = [
        "i@1.0.0", "e@1.0.0", "d@1.0.0", "u@1.1.0", "x@1.0.0", "i@1.1.0", "e@1.1.0", "i@1.0.0",
    ];
    let began = Instant::now();
    let count = || fs::read_to_string(data.join("count")).unwrap_or_default();
    while machine.ran().len() < there.len() || count() != "1" {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {:?}", machine.ran());
        std::thread::sleep(Duration::from_millis(1));
    }
    running.kill().unwrap();
    assert_eq!(running.wait().unwrap().code(), None, "it ended before it was killed");
    assert_eq!(machine.ran(), there);
    machine.let_go();

    let next = machine.hostler(&update);
    assert_eq!(next.status.code(), Some(0), "{}", next.stderr_text());
    assert_eq!(machine.ran()[there.len()..], ["i@1.0.0", "e@1.0.0"]);
    assert_eq!(count(), "7");
    assert!(!data.join("new").exists());
    for gone in ["handlers/Contoso.Demo-1.1.0", "state/kept/Contoso.Demo"] {
        assert!(!machine.root().join(gone).exists(), "{gone}");
    }
    let handler = &next.json()["aggregateStatus"]["handlerAggregateStatus"][0];
    assert_eq!(
        (&handler["handlerVersion"], &handler["status"]),
        (&json!("1.0.0"), &json!("Ready"))
    );
    let findings = handler["hostler"]["findings"].as_array().unwrap();
    let codes: Vec<&Value> = findings.iter().map(|finding| &finding["code"]).collect();
    assert_eq!(codes, ["handler.interrupted", "update.rolled_back"]);
    assert_eq!(machine.audit_faults(), Vec::<String>::new());
}
