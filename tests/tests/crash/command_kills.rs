//! `kill -9` of `apply` while a command runs, for each command: the next one runs it again, goes on from there, and says
//! what had happened (contract 11).

use serde_json::{Value, json};

use crate::course::{COURSES, Course};
use crate::machine::Machine;
use crate::standing::Standing;

#[test]
fn install() {
    hold(&COURSES[0], 0, "install of 1.0.0");
}

#[test]
fn enable() {
    hold(&COURSES[0], 1, "enable of 1.0.0");
}

#[test]
fn disable_of_the_old_version() {
    hold(&COURSES[1], 0, "disable of 1.0.0");
}

#[test]
fn update() {
    hold(&COURSES[1], 1, "update of 1.1.0");
}

#[test]
fn uninstall_of_the_old_version() {
    hold(&COURSES[1], 2, "uninstall of 1.0.0");
}

#[test]
fn install_of_the_new_version() {
    hold(&COURSES[1], 3, "install of 1.1.0");
}

#[test]
fn enable_of_the_new_version() {
    hold(&COURSES[1], 4, "enable of 1.1.0");
}

#[test]
fn disable_before_uninstall() {
    hold(&COURSES[2], 0, "disable of 1.0.0");
}

#[test]
fn uninstall() {
    hold(&COURSES[2], 1, "uninstall of 1.0.0");
}

/// Kills `course` while its command number `index` runs, which findings call `named`.
fn hold(course: &Course, index: usize, named: &str) {
    let mut behaviour = json!({"install": {"data": {"a": "1"}}});
    let command = named.split(' ').next().unwrap();
    // One of the same name that ran before it has the word already.
    behaviour[command]["waits"] = json!(true);
    let machine = &Machine::new(&behaviour);
    course.prepare(machine);
    let wanted = course.wanted();
    let before = course.ran_before();
    let ran = machine.hostler_let_go(&machine.apply_arguments(&wanted), before + index + 1);
    assert_eq!(ran.status.code(), Some(0), "undisturbed: {}", ran.stderr_text());
    let undisturbed = Standing::of(machine);

    machine.put_back();
    machine.hold_back();
    let mut running = machine.begin(&wanted);
    running.wait_until(|| machine.ran().len() > before + index);
    assert!(running.kill(), "it ended before it was killed");
    machine.let_go();
    let interrupted = machine.ran().split_off(before);
    assert_eq!(
        interrupted,
        &course.commands[..=index],
        "it was killed while {named} ran"
    );

    let next = machine.apply(&wanted);
    assert_eq!(next.status.code(), Some(0), "{}", String::from_utf8_lossy(&next.stdout));
    let after = machine.ran().split_off(before + interrupted.len());
    assert_eq!(
        after,
        &course.commands[index..],
        "the command runs again, and what comes after it"
    );
    let problems = Standing::of(machine).problems(&undisturbed);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let report = next.json();
    let findings = match course.ends_enabled() {
        true => &report["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["findings"],
        false => &report["hostler"]["removed"][0]["findings"],
    };
    let told: Vec<(&Value, &Value)> = findings
        .as_array()
        .into_iter()
        .flatten()
        .map(|finding| (&finding["code"], &finding["what"]))
        .collect();
    let said = json!(format!("hostler was stopped while {named} ran"));
    assert_eq!(told, [(&json!("handler.interrupted"), &said)]);
}
