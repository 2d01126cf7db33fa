//! What happens to the handler while it is interrupted: install, update, uninstall.

use hostler_tests::goal_state_entry;
use serde_json::{Value, json};

use crate::machine::{HANDLER, Machine};

/// A goal state, what was applied before it, and the commands that it takes.
pub(crate) struct Course {
    pub(crate) name: &'static str,
    before: Option<Wish>,
    wanted: Wish,
    /// The commands, in their order.
    pub(crate) commands: &'static [&'static str],
}

/// Version, state and sequence number.
type Wish = (&'static str, &'static str, i64);

const FIRST: Wish = ("1.0.0", "enabled", 0);
const SECOND: Wish = ("1.1.0", "enabled", 1);

/// The three courses.
pub(crate) const COURSES: [Course; 3] = [
    Course {
        name: "install",
        before: None,
        wanted: FIRST,
        commands: &["i@1.0.0", "e@1.0.0"],
    },
    Course {
        name: "update",
        before: Some(FIRST),
        wanted: SECOND,
        commands: &["d@1.0.0", "u@1.1.0", "x@1.0.0", "i@1.1.0", "e@1.1.0"],
    },
    Course {
        name: "uninstall",
        before: Some(FIRST),
        wanted: ("1.0.0", "uninstall", 0),
        commands: &["d@1.0.0", "x@1.0.0"],
    },
];

impl Course {
    /// Brings `machine` to where this course begins, and keeps it there.
    pub(crate) fn prepare(&self, machine: &Machine) {
        if let Some(before) = self.before {
            let ran = machine.hostler_let_go(&machine.apply_arguments(&[entry(before)]), 1);
            assert_eq!(ran.status.code(), Some(0), "{}", ran.stderr_text());
        }
        machine.keep();
    }

    /// The goal state's entries.
    pub(crate) fn wanted(&self) -> [Value; 1] {
        [entry(self.wanted)]
    }

    /// How many commands ran before it begins.
    pub(crate) fn ran_before(&self) -> usize {
        self.before.map_or(0, |_| COURSES[0].commands.len())
    }

    /// Whether the handler is to be there afterwards.
    pub(crate) fn ends_enabled(&self) -> bool {
        self.wanted.1 == "enabled"
    }

    /// What is wrong with the commands that ran in an interrupted run and in the one after it (contract 11): the second
    /// goes on with the command that was running or the one after it, so that none is left out, and none runs again that
    /// had ended. Enable alone runs once more where all was done.
    pub(crate) fn fault(&self, interrupted: &[String], after: &[String]) -> Option<String> {
        let done = interrupted.len();
        let prefix = self.commands.get(..done) == Some(&*strs(interrupted));
        let last = self.commands.len() - 1;
        let starts = match self.ends_enabled() {
            true => [done.saturating_sub(1).min(last), done.min(last)],
            false => [done.saturating_sub(1), done],
        };
        let goes_on = starts.iter().any(|start| self.commands[*start..] == *strs(after));
        (!prefix || !goes_on).then(|| {
            format!(
                "the commands are {:?}; {interrupted:?} ran and then {after:?}",
                self.commands
            )
        })
    }
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn entry((version, state, number): Wish) -> Value {
    goal_state_entry(HANDLER, version, state, number, &json!({}))
}

#[test]
fn only_what_goes_on_is_no_fault() {
    let course = |index: usize, interrupted: &[&str], after: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        COURSES[index].fault(&owned(interrupted), &owned(after)).is_none()
    };
    let (d, u, x, i, e) = ("d@1.0.0", "u@1.1.0", "x@1.0.0", "i@1.1.0", "e@1.1.0");
    assert!(course(1, &[], &[d, u, x, i, e]));
    assert!(course(1, &[d, u], &[u, x, i, e]));
    assert!(course(1, &[d, u], &[x, i, e]));
    assert!(course(1, &[d, u, x, i, e], &[e]));
    assert!(course(2, &[d, x], &[]));
    assert!(!course(1, &[d, u, x], &[u, x, i, e]), "update twice");
    assert!(!course(1, &[d, u], &[i, e]), "uninstall left out");
    assert!(!course(1, &[d, u, x, i, e], &[]), "enable runs always");
    assert!(!course(1, &[d, x], &[i, e]), "update left out");
    assert!(!course(0, &["i@1.0.0"], &[]));
}
