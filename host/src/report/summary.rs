//! What `hostler apply` did, for people: a few lines for each handler, and a last line that says whether anything changed.

use std::fmt::Write as _;

use hostler_contract::{Command, escape, escape_bounded};

use super::account::finding_lines;
use super::addition::CommandReport;
use super::document::HandlerEntry;
use super::machine::{Machine, RemovedReport};

/// Longest line of a message that is shown, in bytes.
const LINE_BYTES: usize = 400;

/// Most lines of a message that are shown.
const LINES: usize = 6;

/// The account of what the last goal state did, in lines that end with a line feed.
pub fn summary(machine: &Machine) -> String {
    let mut text = String::new();
    let Some(goal_state) = &machine.goal_state else {
        return "No goal state was ever applied here.\n".to_owned();
    };
    // Else what is known of them is older than this goal state.
    if goal_state.carried_out {
        for entry in &machine.entries {
            write_entry(&mut text, entry);
        }
    }
    for removed in &goal_state.removed {
        write_removed(&mut text, removed);
    }
    for finding in &goal_state.findings {
        text += &finding_lines(finding);
    }
    if let Some(outcome) = goal_state.outcome.as_ref().filter(|outcome| outcome.code != 0) {
        let _ = writeln!(text, "goal state: {}, code {}", escape(&outcome.message), outcome.code);
    }
    if goal_state.carried_out {
        let _ = writeln!(text, "{}", last_line(machine, &goal_state.removed));
    } else {
        text += "Nothing was done.\n";
    }
    text
}

fn write_entry(text: &mut String, entry: &HandlerEntry) {
    let _ = writeln!(text, "{} {}", entry.name, escape(&entry.version));
    let commands = &entry.addition.commands;
    let only_again = matches!(commands.as_slice(), [only] if only.command == Command::Enable);
    let how = match (commands.is_empty(), only_again, entry.addition.settings_written) {
        (true, ..) => "nothing",
        (_, true, false) => "enable: it was in place, with these settings",
        (_, true, true) => "enable: it was in place, and its settings are new",
        _ => "",
    };
    let ran = if how.is_empty() {
        words(commands)
    } else {
        how.to_owned()
    };
    let _ = writeln!(text, "  ran       {ran}");
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
                for part in &status.substatus {
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
    let _ = writeln!(text, "{} is gone: {}", removed.handler, removed.how);
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

fn last_line(machine: &Machine, removed: &[RemovedReport]) -> String {
    let count = machine.entries.len();
    let bad = machine.entries.iter().filter(|entry| entry.failed().is_some()).count();
    let handlers = if count == 1 {
        "1 handler".to_owned()
    } else {
        format!("{count} handlers")
    };
    let changed = !removed.is_empty()
        || machine.entries.iter().any(|entry| {
            let commands = &entry.addition.commands;
            entry.addition.settings_written || commands.iter().any(|command| command.command != Command::Enable)
        });
    let whole = machine
        .goal_state
        .as_ref()
        .and_then(|goal_state| goal_state.outcome.as_ref());
    let bad_whole = usize::from(whole.is_some_and(|outcome| outcome.code != 0));
    let what = match (bad + bad_whole, changed) {
        (0, true) => "all well",
        (0, false) => "all well; nothing changed but what enable wrote",
        (_, true) => "not all well",
        (_, false) => "not all well; nothing changed but what enable wrote",
    };
    let failed = if bad == 0 {
        String::new()
    } else {
        format!(", {bad} of them not well")
    };
    format!("{handlers}{failed}, {} removed: {what}.", removed.len())
}
