//! `hostler audit` for people.

use std::fmt::Write as _;

use hostler_contract::{escape, escape_bounded};
use serde_json::{Map, Value};

use crate::audit::LogVerdict;

/// Longest value that is shown, in bytes.
const VALUE_BYTES: usize = 400;

/// Members that have a place of their own, or that say nothing to people.
const PLACED: [&str; 5] = ["sequence", "time", "event", "handler", "previous"];

/// One line of the log, with its line feed: number, time, event, whose, and what else there is. Everything is escaped, also
/// where somebody has put something else into the log.
pub fn audit_line(members: &Map<String, Value>) -> String {
    let text = |name: &str| members.get(name).map_or_else(|| "-".to_owned(), shown);
    let mut line = format!("{:>6}  {}  {}", text("sequence"), text("time"), text("event"));
    if members.contains_key("handler") {
        let _ = write!(line, "  {}", text("handler"));
    }
    for (name, value) in members.iter().filter(|(name, _)| !PLACED.contains(&name.as_str())) {
        let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !nothing {
            let _ = write!(line, "  {}={}", escape_bounded(name, 64), shown(value));
        }
    }
    line + "\n"
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => escape_bounded(text, VALUE_BYTES),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(shown).collect::<Vec<_>>().join(",")
        }
        other => escape_bounded(&other.to_string(), VALUE_BYTES),
    }
}

/// What became of looking over a log.
pub fn audit_verdict(verdict: &LogVerdict) -> String {
    let files = match verdict.files {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    let mut text = String::new();
    for fault in &verdict.faults {
        let at = match fault.line {
            0 => "audit".to_owned(),
            line => format!("{}:{line}", fault.file),
        };
        let _ = writeln!(text, "{at}: {} [{}]", escape(&fault.what), fault.code);
    }
    if verdict.more_faults > 0 {
        let _ = writeln!(text, "and {} more", verdict.more_faults);
    }
    let whole = if verdict.whole { "whole" } else { "not whole" };
    let _ = match (verdict.first, verdict.last) {
        (Some(first), Some(last)) => {
            let _ = writeln!(text, "{whole}: lines {first} to {} in {files}", last.sequence);
            writeln!(text, "ends with {last}")
        }
        _ => writeln!(text, "{whole}: no line in {files}"),
    };
    if verdict.unfinished > 0 {
        let bytes = verdict.unfinished;
        let _ = writeln!(
            text,
            "{bytes} bytes follow of a line that is being written, or was when hostler was stopped"
        );
    }
    text
}
