//! What was seen of each file, from one look to the next and from one run of the service to the next.

use std::{collections::BTreeMap, fmt};

use hostler_sdk::{Failure, Service};
use serde::{Deserialize, Serialize};

use crate::{STATE, look::Seen};

/// What was seen of one file. One that could not be read since is as it was before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct History {
    /// What it was at the last look; `None` before the first.
    seen: Option<Seen>,
    /// How often it was found changed.
    changes: u64,
    /// What changed last.
    last: Option<Change>,
    /// Whether `seen` is not kept yet.
    #[serde(skip)]
    is_new: bool,
}

/// One change.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    what: String,
    /// When it was noticed, in UTC.
    at: String,
}

impl History {
    /// Adds what was seen at the time `at`; what changed since the last look. The first look finds no change.
    pub(crate) fn add(&mut self, seen: &Seen, at: String) -> Option<&str> {
        if self.seen.as_ref() == Some(seen) {
            return None;
        }
        let what = self.seen.as_ref().and_then(|before| before.change_to(seen));
        self.seen = Some(seen.clone());
        self.is_new = true;
        let change = Change { what: what?, at };
        self.changes += 1;
        Some(&self.last.insert(change).what)
    }
}

/// As the end of a sentence about the file; nothing where nothing changed.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.last {
            Some(Change { what, at }) => write!(f, "; changes: {}, last at {at}: {what}", self.changes),
            None => Ok(()),
        }
    }
}

/// The histories of all files, by path.
#[derive(Debug, Default)]
pub(crate) struct Histories(BTreeMap<String, History>);

impl Histories {
    /// What earlier runs of the service kept. If that makes no sense, nothing is known of the files.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(crate) fn read(service: &mut Service<'_>) -> Result<Self, Failure> {
        let Some(json) = service.state(STATE)? else {
            return Ok(Self::default());
        };
        Ok(Self(serde_json::from_slice(&json).unwrap_or_else(|error| {
            service.warning(&format!("what was seen before is lost, {STATE}: {error}"));
            BTreeMap::new()
        })))
    }

    /// Keeps them for the next run.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub(crate) fn keep(&mut self, service: &mut Service<'_>) -> Result<(), Failure> {
        service.keep_state(STATE, &serde_json::to_vec(&self.0)?)?;
        for history in self.0.values_mut() {
            history.is_new = false;
        }
        Ok(())
    }

    /// Whether there is something to keep.
    pub(crate) fn are_new(&self) -> bool {
        self.0.values().any(|history| history.is_new)
    }

    /// Forgets files that are not among `files`.
    pub(crate) fn keep_only(&mut self, files: &[String]) {
        self.0.retain(|path, _| files.contains(path));
    }

    /// That of the file at `path`.
    pub(crate) fn of(&mut self, path: &str) -> &mut History {
        self.0.entry(path.to_owned()).or_default()
    }

    /// How many changes there were, of all files.
    pub(crate) fn changes(&self) -> u64 {
        self.0.values().map(|history| history.changes).sum()
    }
}
