//! The line that every command leaves.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use crate::place::{Place, names};

/// Appends what `command` sees to `record.jsonl` in the log folder, which outlives the handler.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn append(place: &Place, command: &str, arguments: &[String]) -> Result<(), String> {
    let path = place.log.join("record.jsonl");
    let line = format!("{}\n", line(place, command, arguments));
    // In one call, so that a line is there whole or not at all.
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn line(place: &Place, command: &str, arguments: &[String]) -> Value {
    let variables: Map<String, Value> = std::env::vars()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    let settings = place.settings().unwrap_or_else(|why| Some(Value::String(why)));
    json!({
        // Nanoseconds since 1970: brings the lines of several handlers into order.
        "at": now(),
        "command": command,
        "version": place.version,
        "arguments": arguments,
        "variables": variables,
        "settings": settings,
        "here": names(Path::new(".")),
        "config": names(&place.config),
        "status": names(&place.status),
        "data": place.data.as_deref().map(names),
    })
}

fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
