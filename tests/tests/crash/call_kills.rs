//! `apply` killed at one system call after another (HST-01, HST-02, HST-03), by `strace`: at every rename, and at a part of the
//! writes, removals and calls that bring something to the disk. `HOSTLER_EVERY_CALL=1` takes all of those.

use std::env;
use std::process::{Command, Stdio};

use hostler_tests::{hostler, not_run};
use serde_json::json;

use crate::after::{problems, undisturbed};
use crate::course::{COURSES, Course};
use crate::machine::Machine;
use crate::random::Random;

/// Calls, and how many of them there are for one that is tried.
const CALLS: [(&str, usize); 3] = [
    ("rename,renameat,renameat2", 1),
    ("fsync,fdatasync,unlinkat,mkdirat", 12),
    // SQLite's.
    ("pwrite64,ftruncate,unlink", 16),
];

#[test]
fn install() {
    hold(&COURSES[0]);
}

#[test]
fn update() {
    hold(&COURSES[1]);
}

#[test]
fn uninstall() {
    hold(&COURSES[2]);
}

fn hold(course: &Course) {
    if !strace_works() {
        return not_run("strace that may trace");
    }
    let (seed, mut random) = Random::seeded();
    let machine = Machine::new(&json!({"install": {"data": {"a": "1", "b": "2"}}}));
    course.prepare(&machine);
    let undisturbed = undisturbed(course, &machine);
    let every = env::var_os("HOSTLER_EVERY_CALL").is_some_and(|every| every == "1");
    let mut all = Vec::new();
    for (calls, step) in CALLS {
        let step = if every { 1 } else { step };
        let mut number = 1 + random.below(step);
        let mut killed = 0;
        while kill_at(course, &machine, calls, number) {
            killed += 1;
            let problems = problems(course, &machine, &undisturbed);
            all.extend(
                problems
                    .iter()
                    .map(|problem| format!("{number}. of {calls}: {problem}")),
            );
            number += step;
        }
        assert!(killed > 0, "{}: there is no {calls} to kill at", course.name);
    }
    assert!(
        all.is_empty(),
        "{} with HOSTLER_SEED={seed}:\n{}",
        course.name,
        all.join("\n")
    );
}

/// Begins `course` anew and kills it as one of its threads makes the `number`th of `calls`; whether it comes to that.
fn kill_at(course: &Course, machine: &Machine, calls: &str, number: usize) -> bool {
    machine.put_back();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
    command.arg(format!("trace={calls}")).arg("-e");
    command.arg(format!("inject={calls}:signal=KILL:when={number}"));
    command.arg(hostler()).args(machine.apply_arguments(&course.wanted()));
    let output = command.stdin(Stdio::null()).output().unwrap();
    match output.status.code() {
        // strace ends as what it traces does.
        None => true,
        Some(0) => false,
        Some(_) => panic!("strace: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Whether there is a `strace`, and it may do what it is for.
fn strace_works() -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "true"]);
    let status = command.stdin(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
