//! Why the audit log cannot be used.

use std::io;

use crate::root::RootError;
use crate::state::StateError;

/// Why the audit log cannot be used. What would have to stand in it is not done then.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The folder cannot be made or opened.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The state cannot take note of where the log ends.
    #[error(transparent)]
    State(#[from] StateError),
    /// A file of it cannot be read or written.
    #[error("audit/{file} cannot be {what}")]
    File {
        /// Its name.
        file: String,
        /// What was tried, as a participle.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An event that does not fit on a line, which is a mistake of ours.
    #[error("an event does not fit on a line of the audit log")]
    TooLong,
    /// A line was not brought to the disk, and nobody knows which of the lines before it were.
    #[error("the audit log was given up after an error: {0}")]
    GivenUp(String),
}

impl AuditError {
    /// What the system said when `file` was to be `what`, a participle.
    pub(super) fn file(file: &str, what: &'static str) -> impl FnOnce(io::Error) -> Self + use<> {
        let file = file.to_owned();
        move |source| Self::File { file, what, source }
    }
}
