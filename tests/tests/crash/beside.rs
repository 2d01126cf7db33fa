//! Two of them on one root (HST-10): one works there at a time, and all can look.

use serde_json::json;

use crate::course::COURSES;
use crate::machine::{HANDLER, Machine};
use crate::standing::codes;

#[test]
fn the_second_apply_is_refused_and_status_and_logs_are_not() {
    let machine = Machine::new(&json!({"enable": {"waits": true}}));
    let wanted = COURSES[0].wanted();
    let mut first = machine.begin(&wanted);
    first.wait_until(|| machine.ran().len() == 2);

    let second = machine.apply(&wanted);
    assert_eq!(second.status.code(), Some(4));
    let root = machine.root().display().to_string();
    let finding = second.json()["findings"][0].clone();
    let what = finding["what"].as_str().unwrap();
    assert_eq!(finding["code"], "host.locked");
    assert!(
        what.starts_with(&format!("{root} is in use by another hostler")),
        "{what}"
    );
    assert!(what.contains(&first.id().to_string()), "it names the process: {what}");
    let status = machine.status();
    assert_eq!(
        status.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&status.stdout)
    );
    let logs = machine.hostler(&["logs", HANDLER, "--root", &root].map(str::to_owned));
    assert_eq!(logs.status.code(), Some(0), "{}", logs.stderr_text());
    let said = String::from_utf8(logs.stdout).unwrap();
    assert!(said.contains("Executing command"), "{said}");

    machine.let_go();
    assert_eq!(first.end(), Some(0), "the first one is not disturbed");
    assert_eq!(machine.ran(), COURSES[0].commands, "the second one ran nothing");
    let third = machine.apply(&wanted);
    assert_eq!(third.status.code(), Some(0));
    assert_eq!(codes(&third.json()), [""; 0], "nothing was interrupted");
}
