//! File calls by the standard library.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

pub(crate) use std::fs::{read, remove_file as remove, rename, write};

/// A file that is added to at its end.
#[derive(Debug)]
pub(crate) struct Appended(File);

impl Appended {
    /// Opens or makes the file; also its length in bytes.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, u64)> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        Ok((Self(file), length))
    }

    /// Adds `bytes`.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}
