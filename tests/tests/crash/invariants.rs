//! What must hold after a life was stopped and went on, wherever that was: each with its name.

use std::fs;

use hostler_tests::Ran;
use serde_json::Value;

use crate::life::{LIFE, Life};
use crate::machine::{HANDLER, Machine};
use crate::standing::{Standing, codes};
use crate::tree::{Tree, differences, tree};

/// An invariant's name, and what breaks it in what was seen.
pub(crate) type Invariant = (&'static str, fn(&Seen<'_>) -> Vec<String>);

/// All of them.
pub(crate) const INVARIANTS: [Invariant; 14] = [
    ("what was left can be looked at", can_be_looked_at),
    ("a report is in its file whole or not at all", report_file_is_whole),
    ("every report is valid", reports_are_valid),
    ("the audit log is whole, before and after", audit_log_is_whole),
    ("a line that was cut off is taken away and said", torn_lines_are_told),
    ("the next apply and all after it end well", all_end_well),
    (
        "nothing is found but what was interrupted",
        only_interruptions_are_found,
    ),
    ("no command is left out, and none that ended runs again", commands_go_on),
    (
        "what comes after it runs its commands and no others",
        later_commands_are_those,
    ),
    ("the handler's data is as it was", data_is_as_it_was),
    ("nothing half-made is left", nothing_half_made_is_left),
    ("the next apply ends where an undisturbed one does", next_is_undisturbed),
    ("the life ends where an undisturbed one does", end_is_undisturbed),
    ("sequence numbers never go back", numbers_never_go_back),
];

/// Those that hold after an `apply` that met a fault and went on as far as it could, too: it may have stopped where a killed
/// one would have gone on, and what it could not do is found.
pub(crate) const AFTER_A_FAULT: [Invariant; 12] = [
    (INVARIANTS[0].0, can_be_looked_at_after_a_fault),
    INVARIANTS[1],
    INVARIANTS[2],
    INVARIANTS[3],
    INVARIANTS[4],
    INVARIANTS[5],
    INVARIANTS[8],
    INVARIANTS[9],
    INVARIANTS[10],
    INVARIANTS[11],
    INVARIANTS[12],
    INVARIANTS[13],
];

/// What a stop left.
pub(crate) struct Stopped {
    /// What `status` says of it; nothing where there was no root yet.
    status: Option<Ran>,
    /// What `hostler audit verify` says of it.
    audit: Value,
    report_file: Option<String>,
    /// Commands that had begun in this stage.
    commands: Vec<String>,
    left: Tree,
}

impl Stopped {
    /// Looks at it, and changes nothing. `before` commands had run before this stage.
    pub(crate) fn look(machine: &Machine, before: usize) -> Self {
        let there = machine.root().exists();
        Self {
            left: tree(&machine.root()),
            commands: machine.ran().split_off(before),
            report_file: fs::read_to_string(machine.root().join("report/status.json")).ok(),
            status: there.then(|| machine.status()),
            audit: if there { machine.audit() } else { Value::Null },
        }
    }
}

/// An `apply` after the stop.
struct After {
    ran: Ran,
    commands: Vec<String>,
}

/// All that was seen of a life that was stopped.
pub(crate) struct Seen<'l> {
    life: &'l Life,
    /// The number of the stage that it was stopped in.
    stage: usize,
    stopped: Stopped,
    /// The stage once more, and then those after it.
    after: Vec<After>,
    next: Standing,
    end: Standing,
    /// What `hostler audit verify` says after the next one, and at the end.
    audit: [Value; 2],
    /// The lines of the audit log.
    lines: Vec<Value>,
    /// The commands' sequence numbers.
    numbers: Vec<i64>,
}

impl<'l> Seen<'l> {
    /// Applies the goal state that it was stopped in, and all after it.
    pub(crate) fn go_on(life: &'l Life, stage: usize, stopped: Stopped) -> Self {
        let machine = &life.machine;
        let apply = |number: usize| {
            let before = machine.ran().len();
            let ran = machine.apply(&LIFE[number].wanted());
            let commands = machine.ran().split_off(before);
            After { ran, commands }
        };
        let mut after = vec![apply(stage)];
        let (next, audit) = (Standing::of(machine), machine.audit());
        after.extend((stage + 1..LIFE.len()).map(apply));
        Self {
            life,
            stage,
            stopped,
            after,
            next,
            end: Standing::of(machine),
            audit: [audit, machine.audit()],
            lines: machine.audit_lines(),
            numbers: machine.sequence_numbers(),
        }
    }

    /// Which of `invariants` do not hold, and why.
    pub(crate) fn broken(&self, invariants: &[Invariant]) -> Vec<String> {
        let broken = invariants
            .iter()
            .flat_map(|(name, breaks)| breaks(self).into_iter().map(move |why| (name, why)));
        broken.map(|(name, why)| format!("{name}: {why}")).collect()
    }

    /// Whether the next one said that a command had been running.
    fn interruption_was_told(&self) -> bool {
        codes(&self.after[0].ran.json())
            .iter()
            .any(|code| code == "handler.interrupted")
    }
}

fn can_be_looked_at(seen: &Seen<'_>) -> Vec<String> {
    let Some(status) = &seen.stopped.status else {
        return vec![];
    };
    match status.status.code() {
        Some(0 | 1) => codes(&status.json())
            .into_iter()
            .filter(|code| code.starts_with("state."))
            .collect(),
        _ => vec![format!(
            "{}: {}",
            status.status,
            String::from_utf8_lossy(&status.stdout)
        )],
    }
}

/// It says of the last goal state that the host failed (exit code 4), and reports all the same.
fn can_be_looked_at_after_a_fault(seen: &Seen<'_>) -> Vec<String> {
    let looked = seen.stopped.status.iter();
    let reports = |status: &&Ran| status.json()["aggregateStatus"].is_object();
    let bad = looked.filter(|status| !(matches!(status.status.code(), Some(0 | 1)) || reports(status)));
    bad.map(|status| format!("{}: {}", status.status, String::from_utf8_lossy(&status.stdout)))
        .collect()
}

fn report_file_is_whole(seen: &Seen<'_>) -> Vec<String> {
    let text = seen.stopped.report_file.iter();
    text.filter(|text| serde_json::from_str::<Value>(text).is_err())
        .cloned()
        .collect()
}

/// Contract 9.1: what a reader goes by is there, and of a kind that it knows.
fn reports_are_valid(seen: &Seen<'_>) -> Vec<String> {
    let stopped = seen.stopped.status.iter().map(Ran::json);
    let all = stopped.chain(seen.after.iter().map(|after| after.ran.json()));
    all.flat_map(|report| report_faults(&report)).collect()
}

fn report_faults(report: &Value) -> Vec<String> {
    let agent = &report["aggregateStatus"]["guestAgentStatus"]["status"];
    let mut faults = Vec::new();
    if report["version"] != "1.1" || !report["timestampUTC"].is_string() || agent != "Ready" {
        faults.push(format!("{report:#}"));
    }
    let handlers = report["aggregateStatus"]["handlerAggregateStatus"].as_array();
    for handler in handlers.into_iter().flatten() {
        let known = ["Ready", "NotReady", "Installing", "Unresponsive"];
        let says = handler["status"].as_str().unwrap_or_default();
        let named = handler["handlerName"] == HANDLER && handler["handlerVersion"].is_string();
        if !known.contains(&says) || !named || !handler["code"].is_number() {
            faults.push(format!("{handler:#}"));
        }
    }
    faults
}

fn audit_log_is_whole(seen: &Seen<'_>) -> Vec<String> {
    let all = [&seen.stopped.audit, &seen.audit[0], &seen.audit[1]];
    let broken = all
        .into_iter()
        .filter(|verdict| !verdict.is_null() && verdict["whole"] != true);
    broken.map(|verdict| format!("{verdict:#}")).collect()
}

fn torn_lines_are_told(seen: &Seen<'_>) -> Vec<String> {
    let mut faults: Vec<String> = seen
        .audit
        .iter()
        .filter(|said| said["unfinished"] != 0)
        .map(Value::to_string)
        .collect();
    let torn = seen.stopped.audit["unfinished"].as_u64().unwrap_or_default();
    let told = |line: &Value| line["event"] == "torn-line-removed" && line["bytes"] == torn;
    if torn > 0 && !seen.lines.iter().any(told) {
        faults.push(format!("{torn} bytes of a line went, and nothing says so"));
    }
    faults
}

fn all_end_well(seen: &Seen<'_>) -> Vec<String> {
    let bad = seen.after.iter().filter(|after| after.ran.status.code() != Some(0));
    bad.map(|after| format!("{}: {}", after.ran.status, String::from_utf8_lossy(&after.ran.stdout)))
        .collect()
}

fn only_interruptions_are_found(seen: &Seen<'_>) -> Vec<String> {
    let next = codes(&seen.after[0].ran.json())
        .into_iter()
        .filter(|code| code != "handler.interrupted");
    let later = seen.after.iter().skip(1).flat_map(|after| codes(&after.ran.json()));
    next.chain(later).collect()
}

/// Contract 11. A command that was recorded as begun and not as ended may run again, and the report says so; but enable,
/// which each apply of its goal state runs, all run once.
fn commands_go_on(seen: &Seen<'_>) -> Vec<String> {
    let stage = &LIFE[seen.stage];
    let (before, after) = (&seen.stopped.commands, &seen.after[0].commands);
    let done = before.len();
    let prefix = stage.commands.get(..done).is_some_and(|commands| commands == before);
    let last = match stage.ends_enabled() {
        true => stage.commands.len() - 1,
        false => stage.commands.len(),
    };
    let mut starts = vec![done.min(last)];
    if seen.interruption_was_told() {
        starts.push(done.saturating_sub(1));
    }
    if prefix && starts.iter().any(|start| stage.commands[*start..] == **after) {
        return vec![];
    }
    vec![format!("of {:?}, {before:?} ran and then {after:?}", stage.commands)]
}

fn later_commands_are_those(seen: &Seen<'_>) -> Vec<String> {
    let later = LIFE.iter().skip(seen.stage + 1).zip(seen.after.iter().skip(1));
    later
        .filter(|(stage, after)| stage.commands != after.commands)
        .map(|(stage, after)| format!("{}: {:?}", stage.name, after.commands))
        .collect()
}

/// Data comes with the first command and goes with the last; in between nothing of the host's touches it.
fn data_is_as_it_was(seen: &Seen<'_>) -> Vec<String> {
    let data = |tree: &Tree| -> Tree {
        let inside = tree.iter().filter(|(name, _)| name.starts_with("data/"));
        inside.map(|(name, entry)| (name.clone(), entry.clone())).collect()
    };
    let of = |stage: usize| data(seen.life.undisturbed[stage].folders());
    let mut faults = differences(&of(seen.stage), &data(seen.next.folders()));
    if (1..LIFE.len() - 1).contains(&seen.stage) {
        faults.extend(differences(&of(seen.stage), &data(&seen.stopped.left)));
    }
    faults
}

/// No folder or file under a name that is only for what is being made.
fn nothing_half_made_is_left(seen: &Seen<'_>) -> Vec<String> {
    let half_made = |name: &&String| {
        let file = name.rsplit('/').next().unwrap_or_default();
        let handler = name
            .strip_prefix("handlers/")
            .is_some_and(|rest| !rest.starts_with(HANDLER));
        let aside = file.contains(".damaged-") || (file.starts_with('.') && file.ends_with(".tmp"));
        name.starts_with("staging/") || handler || aside
    };
    let all = [&seen.next, &seen.end]
        .into_iter()
        .flat_map(|standing| standing.folders().keys());
    all.filter(half_made).cloned().collect()
}

fn next_is_undisturbed(seen: &Seen<'_>) -> Vec<String> {
    seen.next.problems(&seen.life.undisturbed[seen.stage])
}

fn end_is_undisturbed(seen: &Seen<'_>) -> Vec<String> {
    seen.end.problems(&seen.life.undisturbed[LIFE.len() - 1])
}

/// Those of settings, as the commands are told of them, and those of the audit log.
fn numbers_never_go_back(seen: &Seen<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    if !seen.numbers.is_sorted() {
        faults.push(format!("commands had {:?}", seen.numbers));
    }
    let lines: Vec<i64> = seen.lines.iter().filter_map(|line| line["sequence"].as_i64()).collect();
    if lines.windows(2).any(|pair| pair[1] != pair[0] + 1) {
        faults.push(format!("the lines of the audit log have {lines:?}"));
    }
    faults
}
