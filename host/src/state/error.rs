//! Why the host's state cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use super::database::FORM;
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
    /// A later hostler wrote it.
    #[error("{} was written by a later hostler (form {found}; this one knows {FORM})", path.display())]
    Later {
        /// The database.
        path: PathBuf,
        /// Its form.
        found: i64,
    },
    /// A record cannot be written as JSON.
    #[error("a record cannot be written: {0}")]
    Form(String),
    /// The async runtime or the file system failed.
    #[error("the host's state cannot be used")]
    Io(#[from] io::Error),
}

impl StateError {
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
