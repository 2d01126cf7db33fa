//! Why the host's state cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use super::database::SCHEMA_VERSION;
use crate::root::RootError;

/// Why the host's state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder cannot be used.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The database cannot be opened, read or written.
    #[error("{} cannot be {what}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What was tried, as a participle.
        what: &'static str,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// It is no database, or not a whole one.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// A later hostler wrote it.
    #[error("{} was written by a later hostler (form {found}; this one knows {SCHEMA_VERSION})", path.display())]
    Later {
        /// The database.
        path: PathBuf,
        /// Its form.
        found: i64,
    },
    /// A record cannot be written as JSON.
    #[error("a record cannot be written")]
    Form(#[source] serde_json::Error),
    /// A handler's record is whole and of a shape that this version does not know.
    #[error("the record of {handler} in {} cannot be read: another hostler wrote it", path.display())]
    Shape {
        /// The database.
        path: PathBuf,
        /// Whose record.
        handler: String,
        /// Where it differs.
        source: serde_json::Error,
    },
    /// The async runtime or the file system failed.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl StateError {
    /// What the system said about `path`.
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io {
            path: path.clone(),
            source,
        }
    }

    /// What SQLite said while `path` was to be `what`, a participle.
    pub(super) fn database(path: &Path, what: &'static str) -> impl Fn(sqlx::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Database {
            path: path.clone(),
            what,
            source,
        }
    }
}
