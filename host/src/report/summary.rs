//! What `hostler apply` did, for people: a few lines for each handler, and a last line that says whether anything changed.

use std::fmt::Write as _;

use hostler_contract::{Command, Finding, Severity, escape, escape_bounded};

use super::account::finding_lines;
use super::addition::CommandReport;
use super::document::HandlerEntry;
use super::isolation::isolation_lines;
use super::root_report::{Removal, RemovedReport, RootReport};

/// Longest line of a message that is shown, in bytes.
const LINE_BYTES: usize = 400;

/// Most lines of a message that are shown.
const LINES: usize = 6;

/// Up to how many handlers everything is said of each; beyond, one that is well is one line.
const WHOLE: usize = 10;

/// The account of what the last goal state did, in lines that end with a line feed: what is well first, and what is not at
/// the end, where it is seen. What was refused of the goal state itself is left to [`refusals`].
pub fn summary(root_report: &RootReport) -> String {
    let mut text = String::new();
    let Some(goal_state) = &root_report.goal_state else {
        return "No goal state was ever applied here.\n".to_owned();
    };
    // Else what is known of the handlers is older than this goal state.
    if goal_state.carried_out {
        if let Some(isolation) = &goal_state.isolation {
            text += &isolation_lines(isolation);
        }
        let (bad, good): (Vec<_>, Vec<_>) = root_report.entries.iter().partition(|entry| entry.failed().is_some());
        for entry in good {
            if root_report.entries.len() > WHOLE {
                let _ = writeln!(text, "{} {}: {}", entry.name, escape(&entry.version), ran(entry));
            } else {
                write_entry(&mut text, entry);
            }
        }
        for removed in &goal_state.removed {
            write_removed(&mut text, removed);
        }
        for entry in bad {
            write_entry(&mut text, entry);
        }
    }
    for finding in warnings(&goal_state.findings) {
        text += &finding_lines(finding);
    }
    if goal_state.carried_out {
        let _ = writeln!(text, "{}", last_line(root_report, &goal_state.removed));
    } else {
        text += "Nothing was done.\n";
    }
    text
}

/// What was refused of the goal state itself.
pub fn refusals(root_report: &RootReport) -> String {
    let findings = root_report
        .goal_state
        .iter()
        .flat_map(|goal_state| &goal_state.findings);
    findings
        .filter(|finding| finding.severity() == Severity::Refusal)
        .map(finding_lines)
        .collect()
}

fn warnings(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Warning)
}

/// What was done about a handler, in a few words.
fn ran(entry: &HandlerEntry) -> String {
    let commands = &entry.addition.commands;
    match commands.as_slice() {
        [] => "nothing".to_owned(),
        [only] if only.command == Command::Enable => {
            let failed = if only.exit_code == 0 { "" } else { " (failed)" };
            let how = match (entry.addition.changed, entry.addition.settings_written) {
                (false, _) => "it was in place, with these settings",
                (true, true) => "it was in place, and its settings are new",
                (true, false) => "it was in place, and not enabled",
            };
            format!("enable{failed}: {how}")
        }
        several => words(several),
    }
}

fn write_entry(text: &mut String, entry: &HandlerEntry) {
    let _ = writeln!(text, "{} {}", entry.name, escape(&entry.version));
    let _ = writeln!(text, "  ran       {}", ran(entry));
    let verdict = &entry.verdict;
    write_message(
        text,
        &format!("  handler   {}, code {}", escape(&verdict.status), verdict.code),
        verdict.message.as_deref(),
    );
    if let Some((name, status)) = &entry.extension {
        match status {
            Some(status) => {
                let head = format!("  status    {}: {}", name.status_file(), status.kind);
                write_message(text, &head, status.message.as_deref());
                for part in status.substatus.iter().take(LINES) {
                    let name = part.name.as_str().unwrap_or_default();
                    let message = part.message.as_deref().unwrap_or_default();
                    let _ = writeln!(
                        text,
                        "              {}: {}: {}",
                        escape_bounded(name, 80),
                        part.kind,
                        escape_bounded(message, LINE_BYTES)
                    );
                }
                let unseen = status.substatus.len().saturating_sub(LINES);
                if unseen > 0 {
                    let _ = writeln!(text, "              ... {unseen} parts more");
                }
            }
            None => {
                let _ = writeln!(text, "  status    {}: nothing to say", name.status_file());
            }
        }
    }
    for finding in &entry.addition.findings {
        for line in finding_lines(finding).lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
}

fn write_removed(text: &mut String, removed: &RemovedReport) {
    let how = match removed.how {
        Removal::Uninstalled => "uninstalled, with its data",
        Removal::Vanished => "not in the goal state any more: no command ran, its data stays",
    };
    let _ = writeln!(text, "{} is gone: {how}", removed.handler);
    if !removed.commands.is_empty() {
        let _ = writeln!(text, "  ran       {}", words(&removed.commands));
    }
    for finding in &removed.findings {
        for line in finding_lines(finding).lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
}

/// `disable 1.0.0, update 1.1.0 (failed)`
fn words(commands: &[CommandReport]) -> String {
    let word = |command: &CommandReport| {
        let failed = if command.exit_code == 0 { "" } else { " (failed)" };
        format!("{} {}{failed}", command.command, command.version)
    };
    commands.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn write_message(text: &mut String, head: &str, message: Option<&str>) {
    let mut lines = message
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| escape_bounded(line, LINE_BYTES));
    let first = lines.next().unwrap_or_default();
    let _ = writeln!(text, "{head}: {first}");
    for line in lines.take(LINES) {
        // Marked, since some of them are the handler's words: no line of the host's begins like this.
        let _ = writeln!(text, "            | {line}");
    }
}

fn last_line(root_report: &RootReport, removed: &[RemovedReport]) -> String {
    let count = root_report.entries.len();
    let bad: Vec<&str> = root_report
        .entries
        .iter()
        .filter(|entry| entry.failed().is_some())
        .map(|entry| entry.name.as_str())
        .collect();
    let handlers = if count == 1 {
        "1 handler".to_owned()
    } else {
        format!("{count} handlers")
    };
    let entries = || root_report.entries.iter().map(|entry| &entry.addition);
    let ran = entries().any(|addition| !addition.commands.is_empty());
    let changed = !removed.is_empty() || entries().any(|addition| addition.changed);
    let whole = root_report
        .goal_state
        .as_ref()
        .and_then(|goal_state| goal_state.outcome.as_ref());
    let state = match (bad.as_slice(), whole.is_some_and(|outcome| outcome.code != 0)) {
        ([], false) => "all well".to_owned(),
        ([], true) => "all well but the goal state itself".to_owned(),
        (some, _) => format!("not well: {}", some.join(", ")),
    };
    let what = match (changed, ran) {
        (true, _) => "",
        (false, true) => "; nothing changed but what enable wrote",
        (false, false) => "; nothing ran",
    };
    format!("{handlers}, {} removed; {state}{what}.", removed.len())
}
