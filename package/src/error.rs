//! What keeps a package from being read: its own fault, or the host's.

use std::{io, path::PathBuf};

use hostler_contract::Refused;

/// Why a package was not opened.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The package itself is at fault.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The package could not be read; nothing is known about it.
    #[error("cannot read {}", path.display())]
    Io {
        /// The package's path, or the name it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why an entry's content was not given out.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The package has no file of that name; the name is attached.
    #[error("the package has no file {0}")]
    NoSuchFile(String),
    /// The content differs from what was checked when the package was opened. The bytes are the host's own copy,
    /// so this is the host's fault, or its memory's.
    #[error("the content of {entry} changed since it was checked")]
    Changed {
        /// The entry's name.
        entry: String,
        /// What the reader said.
        source: io::Error,
    },
}
