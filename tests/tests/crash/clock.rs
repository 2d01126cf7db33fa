//! A wall clock that jumps by years while a life is lived (HST-08): deadlines are kept by another clock, and nothing else hangs
//! on it.
//!
//! The clock is changed for hostler alone: it is kept from the page by which programs read it without the system, and what
//! the system says is changed on the way.

use hostler_tests::not_run;
use nix::libc;
use serde_json::Value;

use crate::life::{LIFE, Life, apply_and_say};
use crate::standing::Standing;
use crate::tracer::{Call, Order, Thread, Watch, can_trace};

const YEAR: i64 = 365 * 24 * 3600;

/// How far the clock is off in each stage, by years: where the stage begins, after some looks at it, and after some more.
const JUMPS: [[i64; 3]; 5] = [[0, 10, -10], [-10, -10, -10], [10, 10, 10], [10, -10, 0], [-10, 0, 10]];

/// After how many looks it jumps.
const LOOKS: usize = 3;

/// An entry of what the system tells a program that begins, and one that means nothing.
const VDSO: u64 = libc::AT_SYSINFO_EHDR;
const IGNORED: u64 = libc::AT_IGNORE;

/// Changes what the clock says.
struct Jumping {
    years: [i64; 3],
    looks: usize,
}

impl Watch for Jumping {
    /// Takes the page away by which the clock is read without a call: it is told of at the end of the stack.
    fn begins(&mut self, thread: &Thread) {
        let mut at = thread.stack() + 8 * (2 + thread.word(thread.stack()));
        // The environment, up to an empty entry.
        while thread.word(at) != 0 {
            at += 8;
        }
        at += 8;
        while thread.word(at) != libc::AT_NULL {
            if thread.word(at) == VDSO {
                thread.set_word(at, IGNORED);
            }
            at += 16;
        }
    }

    fn before(&mut self, _: &Thread, _: &Call) -> Order {
        Order::GoOn
    }

    fn after(&mut self, thread: &Thread, call: &Call, result: i64) -> Order {
        let [first, second, ..] = call.arguments;
        let seconds = match call.number {
            libc::SYS_clock_gettime if [0, 5].contains(&first) => second,
            libc::SYS_gettimeofday => first,
            _ => return Order::GoOn,
        };
        if result == 0 && seconds != 0 {
            let years = self.years[(self.looks / LOOKS).min(2)];
            let wrong = thread.word(seconds).cast_signed() + years * YEAR;
            thread.set_word(seconds, wrong.cast_unsigned());
            self.looks += 1;
        }
        Order::GoOn
    }
}

#[test]
fn hst_08_a_life_under_a_clock_that_jumps_ends_as_any_other() {
    if !can_trace() {
        return not_run("ptrace");
    }
    let (life, _) = Life::undisturbed(|_| Jumping {
        years: [0; 3],
        looks: 0,
    });
    let machine = &life.machine;
    life.put_back(0);
    let mut faults = Vec::new();
    let mut years = Vec::new();
    for (index, (stage, jumps)) in LIFE.iter().zip(JUMPS).enumerate() {
        let mut clock = Jumping { years: jumps, looks: 0 };
        let before = machine.ran().len();
        let (code, said) = apply_and_say(machine, stage, &mut clock);
        assert_eq!(code, Some(0), "{}: {said}", stage.name);
        assert!(
            clock.looks > 2 * LOOKS,
            "{}: it looked at the clock {} times",
            stage.name,
            clock.looks
        );
        assert_eq!(machine.ran().split_off(before), stage.commands, "{}", stage.name);
        let report: Value = serde_json::from_str(&said).unwrap();
        years.push(report["timestampUTC"].as_str().unwrap()[..4].parse::<i64>().unwrap());
        let standing = Standing::of(machine);
        let found = standing.problems(&life.undisturbed[index]);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", stage.name)));
    }
    faults.extend(machine.audit_faults());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let apart: Vec<i64> = years.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected: Vec<i64> = JUMPS.windows(2).map(|pair| pair[1][2] - pair[0][2]).collect();
    let close = apart
        .iter()
        .zip(&expected)
        .all(|(apart, expected)| (apart - expected).abs() <= 1);
    assert!(close, "hostler saw the clock jump: {years:?}");
}
