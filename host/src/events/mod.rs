//! Collects what handlers leave in their events folders (contract 9.5) into one file of the root, `report/events.jsonl`.
//!
//! The agent sends events to the cloud; here they are kept, one line of JSON for each with the names that the agent sends
//! them under. A handler writes that folder, so nothing in it is followed or trusted, and all of it goes after a pass.
//! Lines are on the disk before what they came from is removed: a host that is stopped in between takes it once more.

mod folder;
mod line;
mod log;

use std::collections::BTreeMap;
use std::io;

use hostler_contract::{Code, HandlerName};
use rustix::fs::{CWD, Dir, Mode, OFlags, openat};
use rustix::io::Errno;
use time::OffsetDateTime;

use crate::handler_dir::known_values;
use crate::root::{Root, RootError};
use line::Line;
use log::EventLog;

/// Most events of one handler that are taken in one pass (contract 9.5).
const MAX_EVENTS: usize = 360;

/// What one pass took.
#[derive(Debug, Default)]
pub struct Collected {
    /// Events that were kept.
    pub events: usize,
    /// What was dropped, by the reason.
    pub dropped: BTreeMap<Code, usize>,
    /// Handlers whose folder could not be read or emptied, and why.
    pub failed: Vec<(HandlerName, io::Error)>,
}

/// Why nothing could be kept; then nothing was removed that was not kept.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The root cannot be used.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The file of events, or the folder of logs.
    #[error("events cannot be collected")]
    Io(#[from] io::Error),
}

/// Takes all events that lie below `root`, which is locked. That it cannot is nothing that its caller fails for: it is
/// logged.
pub fn collect(root: &Root) {
    match collect_events(root, OffsetDateTime::now_utc()) {
        Ok(collected) => {
            for (handler, error) in &collected.failed {
                tracing::warn!(%handler, %error, "its events cannot be collected");
            }
            tracing::debug!(events = collected.events, dropped = ?collected.dropped, "events collected");
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "events cannot be collected"),
    }
}

/// Takes all events that lie below `root`, which is locked: to be called every 300 s by who watches a root, and once by who
/// applies a single goal state.
///
/// # Errors
///
/// [`EventsError`]. What is wrong with one handler's folder stops no other ([`Collected::failed`]).
pub fn collect_events(root: &Root, now: OffsetDateTime) -> Result<Collected, EventsError> {
    let mut collected = Collected::default();
    let mut log = EventLog::new(root);
    for name in handlers(root)? {
        match folder::open(root, &name) {
            Ok(None) => {}
            Ok(Some(events)) => {
                let taken = match folder::take(&events, &known_values(root, &name)) {
                    Ok(taken) => taken,
                    Err(error) => {
                        collected.failed.push((name, error));
                        continue;
                    }
                };
                let mut lines: Vec<Line> = taken
                    .events
                    .iter()
                    .map(|event| Line::of_event(&name, event, now))
                    .collect();
                lines.extend(Line::of_drops(&name, &taken.dropped, now));
                log.append(&lines)?;
                collected.events += taken.events.len();
                for (code, count) in taken.dropped {
                    *collected.dropped.entry(code).or_default() += count;
                }
                if let Err(error) = folder::empty(&events) {
                    collected.failed.push((name, error));
                }
            }
            Err(error) => collected.failed.push((name, error)),
        }
    }
    Ok(collected)
}

/// The handlers that have a folder of logs, also those that are gone.
fn handlers(root: &Root) -> io::Result<Vec<HandlerName>> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let logs = match openat(CWD, root.path().join("logs"), flags, Mode::empty()) {
        Ok(logs) => logs,
        Err(Errno::NOENT) => return Ok(vec![]),
        Err(error) => return Err(error.into()),
    };
    let mut names = Vec::new();
    for entry in Dir::read_from(&logs)? {
        let entry = entry?;
        let name = entry.file_name().to_str().ok();
        names.extend(name.and_then(|name| HandlerName::parse(name).ok()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
