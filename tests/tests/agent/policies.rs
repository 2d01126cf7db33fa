//! The policy, read again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use serde_json::json;

use crate::machine::{Machine, enable, until};

/// SIGHUP: a policy that differs is in force at once; a broken one changes nothing, and that is said.
#[test]
fn a_policy_that_is_read_again() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let policy = machine.path("policy.toml");
    let write = |text: &str| {
        fs::write(&policy, text).unwrap();
        fs::set_permissions(&policy, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let rule = "[[rule]]\nname = \"one\"\npublisher = \"Contoso\"\n";
    write(&rule.replace("one", "another"));
    let agent = machine.follow(&["--policy", policy.to_str().unwrap()]);
    until("the handler", || machine.ran() == "i0 e0");
    let following = || machine.agent()["policy"].clone();

    write("[[rule]\n");
    agent.tell(Signal::HUP);
    until("a word about it", || following()["good"] == json!(false));
    assert_eq!(following()["findings"][0]["code"], "policy.toml");
    write(rule);
    agent.tell(Signal::HUP);
    until("good again", || following()["good"] == json!(true));
    until("carried out under it", || machine.ran() == "i0 e0 e0");
    agent.stop();
    let events = machine.audit();
    let count = |event: &str| events.iter().filter(|line| *line == event).count();
    assert_eq!(
        (count("policy-loaded"), count("policy-kept policy.toml")),
        (2, 1),
        "{events:?}"
    );
}

/// Without a policy there is nothing to read, and it goes on.
#[test]
fn no_policy_to_read() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let agent = machine.follow(&[]);
    until("the handler", || machine.ran() == "i0 e0");
    agent.tell(Signal::HUP);
    machine.put(&enable(1));
    until("the next goal state", || machine.ran() == "i0 e0 e1");
    agent.stop();
}
