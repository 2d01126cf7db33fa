//! `kill -9` of `apply` at random moments of an install, an update and an uninstall: the next `apply` ends where an
//! undisturbed one does (contract 11; HST-01, HST-02, HST-03, and HST-14: the lock of the killed one holds nobody up).

use std::env;
use std::time::Duration;

use serde_json::json;

use crate::after::problems;
use crate::course::{COURSES, Course};
use crate::machine::Machine;
use crate::random::Random;
use crate::standing::Standing;

/// How many kills hit, over all courses; `HOSTLER_KILLS` says another number.
const KILLS: usize = 51;

/// How long each command takes, so that about half of the kills hit one.
const DELAY_MS: u64 = 40;

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

/// Kills `course` again and again.
fn hold(course: &Course) {
    let (seed, mut random) = Random::seeded();
    let kills = env::var("HOSTLER_KILLS").map_or(KILLS, |text| text.parse().expect("HOSTLER_KILLS is a number"));
    let kills = kills.div_ceil(COURSES.len());
    let wait = json!({"delayMs": DELAY_MS});
    let files = json!({"delayMs": DELAY_MS, "data": {"a": "1", "b": "2"}});
    let machine =
        Machine::new(&json!({"install": files, "enable": wait, "update": wait, "disable": wait, "uninstall": wait}));
    course.prepare(&machine);
    let ran = machine.apply(&course.wanted());
    assert_eq!(ran.status.code(), Some(0), "{}: undisturbed", course.name);
    let undisturbed = Standing::of(&machine);

    // Moments are spread over the time that an undisturbed run takes on this machine, as busy as it is.
    let mut longest = ran.wall;
    let mut hit = 0;
    for attempt in 1.. {
        if hit == kills {
            break;
        }
        assert!(
            attempt <= 5 * kills,
            "{}: only {hit} kills of {attempt} hit",
            course.name
        );
        let part = random.part();
        if kill_after(course, &machine, longest.mul_f64(part)) {
            hit += 1;
        } else {
            // It ran faster than the one that was measured.
            longest = longest.mul_f64(0.9);
        }
        let problems = problems(course, &machine, &undisturbed);
        assert!(
            problems.is_empty(),
            "{}, attempt {attempt} with HOSTLER_SEED={seed}, killed after {part:.3} of {longest:?}:\n  {}",
            course.name,
            problems.join("\n  ")
        );
    }
}

/// Begins `course` anew and kills it after `moment`; whether that was before its end.
fn kill_after(course: &Course, machine: &Machine, moment: Duration) -> bool {
    machine.put_back();
    let running = machine.begin(&course.wanted());
    // Nothing is waited for: the moment itself is what is tried.
    std::thread::sleep(moment);
    running.kill()
}
