//! Running a case and saying all that is not as it must be.

use serde_json::{Map, Value, json};

use crate::case::{Case, Step};
use crate::machine::Machine;
use crate::pattern::mismatches;
use crate::record::{Mark, Record};
use crate::same::{differences, document};

/// Most characters of a stream that a message shows.
const SHOWN: usize = 3000;

/// Runs the case `name` to its first step in which something is wrong.
///
/// # Panics
/// When something is.
pub(crate) fn hold(name: &str) {
    let case = Case::read(name);
    let mut machine = Machine::new(&case.packages, &case.source);
    let mut mark = Mark::default();
    for (index, step) in case.steps.iter().enumerate() {
        machine.prepare(step);
        // What a change did to the records is not what the step did.
        mark.advance(&machine.root());
        let problems = attempt(&machine, step, &mut mark);
        let number = index + 1;
        assert!(
            problems.is_empty(),
            "{name}, step {number} of {} ({}):\n  {}\n",
            case.steps.len(),
            step.about,
            problems.join("\n  ")
        );
    }
}

/// Takes one step and says what is wrong.
fn attempt(machine: &Machine, step: &Step, mark: &mut Mark) -> Vec<String> {
    let (ran, report) = if step.only_status {
        (machine.status(), None)
    } else {
        machine.apply(step)
    };
    let records = mark.advance(&machine.root());
    let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
    let stderr = ran.stderr_text();
    let mut problems = Vec::new();
    if ran.status.code() != Some(step.exit) {
        problems.push(format!(
            "it ended with {}, not with exit code {}",
            ran.status, step.exit
        ));
    }
    // Not on standard output: a report carries what handlers say when they crash.
    if stderr.contains("internal error") || stderr.contains("panicked at") {
        problems.push("hostler crashed".to_owned());
    }
    let names: Vec<&str> = records.iter().map(|record| &*record.name).collect();
    if names != step.ran {
        problems.push(format!("the commands that ran are {names:?}, not {:?}", step.ran));
    }
    problems.extend(records_hold(machine, step, &records));
    // What `status` says is what stands at the end, whether or not there was something to apply.
    let status = document(&machine.status().stdout);
    if !step.only_status {
        // A goal state that cannot be had is none to report on; `status` goes on saying what it said.
        if step
            .goal_state
            .as_ref()
            .is_none_or(|goal_state| goal_state.named.is_none())
        {
            problems.extend(differences("status", &status, "--report", &report.unwrap_or_default()));
            problems.extend(differences("status", &status, "--json", &document(&ran.stdout)));
        }
    }
    let status = machine.without_paths(status);
    problems.extend(reported_holds(step, &status));
    for (path, pattern) in &step.files {
        problems.extend(file_holds(path, pattern, machine.look_at(path).as_ref()));
    }
    let everything = format!("{stdout}{stderr}{status}");
    let seen = step.never.iter().filter(|words| everything.contains(*words));
    problems.extend(seen.map(|words| format!("`{words}` is in what was printed or reported")));
    if !problems.is_empty() {
        for (stream, text) in [("stdout", &*stdout), ("stderr", &*stderr)] {
            let shown: String = text.chars().take(SHOWN).collect();
            problems.push(format!("{stream}: {shown}"));
        }
    }
    problems
}

/// What is wrong with what commands wrote down.
fn records_hold(machine: &Machine, step: &Step, records: &[Record]) -> Vec<String> {
    let mut patterns: Vec<(&String, Value)> = step.records.iter().map(|(name, p)| (name, p.clone())).collect();
    for (name, variables) in &step.variables {
        let pattern: Map<String, Value> = variables
            .iter()
            .map(|(variable, value)| match value {
                Value::Null => (variable.clone(), json!({"$absent": true})),
                value => (variable.clone(), value.clone()),
            })
            .collect();
        patterns.push((name, json!({ "variables": pattern })));
    }
    let mut problems = Vec::new();
    for (name, pattern) in patterns {
        let of_it: Vec<&Record> = records.iter().filter(|record| record.name == *name).collect();
        match of_it.as_slice() {
            [record] => {
                let line = machine.without_paths(record.line.clone());
                problems.extend(mismatches(name, &pattern, Some(&line)));
            }
            none_or_many => problems.push(format!("{name} ran {} times, not once", none_or_many.len())),
        }
    }
    problems
}

/// What is wrong with the report.
fn reported_holds(step: &Step, report: &Value) -> Vec<String> {
    let entries = report["aggregateStatus"]["handlerAggregateStatus"].as_array();
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    let name = |entry: &Value| {
        let handler = entry["handlerName"].as_str().unwrap_or_default();
        match entry["runtimeSettingsStatus"]["extensionName"].as_str() {
            Some(extension) => format!("{handler}/{extension}"),
            None => handler.to_owned(),
        }
    };
    let mut problems = Vec::new();
    for (handler, pattern) in &step.reported {
        let of_it: Vec<&Value> = entries.iter().filter(|entry| name(entry) == *handler).collect();
        match of_it.as_slice() {
            [entry] => problems.extend(mismatches(handler, pattern, Some(entry))),
            none_or_many => problems.push(format!("{handler} is reported {} times, not once", none_or_many.len())),
        }
    }
    let others = entries
        .iter()
        .map(name)
        .filter(|name| !step.reported.contains_key(name));
    problems.extend(others.map(|name| format!("{name} is reported, and should not be")));
    if let Some(pattern) = &step.report {
        problems.extend(mismatches("report", pattern, Some(report)));
    }
    problems
}

/// What is wrong with a file or folder.
fn file_holds(path: &str, pattern: &Value, seen: Option<&Value>) -> Vec<String> {
    match (pattern, seen) {
        (Value::Bool(true), None) => vec![format!("{path} is not there")],
        (Value::Bool(false), Some(_)) => vec![format!("{path} is there, and should not be")],
        (Value::Bool(_), _) => vec![],
        (pattern, seen) => mismatches(path, pattern, seen),
    }
}
