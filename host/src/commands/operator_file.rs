//! A file by which an operator decides what this host trusts: one that nobody else can change.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use hostler_contract::{Code, Finding, Place, Refused};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::failure::Failure;
use super::place::{cannot_read, not_readable};

/// Why a file does not count.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTaken {
    /// The system says so.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is a folder, a pipe or the like.
    #[error("it is not a regular file")]
    NotAFile,
    /// Somebody else could change it.
    #[error("{0}")]
    Unsafe(&'static str),
}

/// At most one byte more than `max` of the file at `path`.
///
/// # Errors
///
/// [`NotTaken`].
pub(super) fn look(path: &Path, max: usize) -> Result<Vec<u8>, NotTaken> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).map_err(std::io::Error::from)?);
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(NotTaken::NotAFile);
    }
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != 0 && found.uid() != user {
        return Err(NotTaken::Unsafe("it belongs to another user"));
    }
    if found.mode() & 0o022 != 0 {
        return Err(NotTaken::Unsafe("others can write in it"));
    }
    let mut bytes = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As [`look`].
///
/// # Errors
///
/// A refusal; one with `code` where somebody else could change it.
pub(super) fn read(path: &Path, max: usize, code: Code) -> Result<Vec<u8>, Failure> {
    look(path, max).map_err(|why| match why {
        NotTaken::Unsafe(what) => {
            let hint = "give it to root or to yourself, and take the write permission of group and others away";
            let file = path.display().to_string();
            Refused::new(Finding::refusal(code, &file, Place::Whole, what, hint)).into()
        }
        NotTaken::Unreadable(error) => cannot_read(path, error),
        NotTaken::NotAFile => not_readable(path, why.to_string()),
    })
}
