//! Records by kind, and changes of them.

use serde::Serialize;

use super::StateError;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A handler's versions and their states, by the handler's name.
    Handler,
    /// What is reported of a handler, by its name.
    Report,
    /// The goal state that was processed last, under the empty key.
    GoalState,
    /// Where the audit log ends, under the empty key.
    Audit,
    /// The last index seen of a region of a repository ([`SeenIndex`](crate::repository::SeenIndex)), by its key.
    Index,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Report => "report",
            Self::GoalState => "goal-state",
            Self::Audit => "audit",
            Self::Index => "index",
        }
    }
}

/// One change of the store.
#[derive(Debug, Clone)]
pub struct Write {
    pub(super) kind: Kind,
    pub(super) key: String,
    /// `None` removes the record.
    pub(super) body: Option<String>,
}

impl Write {
    /// Puts `record` in the place of what is there.
    ///
    /// # Errors
    ///
    /// [`StateError::Form`] for a record that cannot be written as JSON.
    pub fn put(kind: Kind, key: &str, record: &impl Serialize) -> Result<Self, StateError> {
        let body = serde_json::to_string(record).map_err(StateError::Form)?;
        Ok(Self {
            kind,
            key: key.to_owned(),
            body: Some(body),
        })
    }

    /// Removes the record, if there is one.
    pub fn remove(kind: Kind, key: &str) -> Self {
        Self {
            kind,
            key: key.to_owned(),
            body: None,
        }
    }
}
