//! What the system says of a file, as far as it is charged for.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, FileType, Stat, fstat, statat};
use rustix::io::Errno;

/// A file, whatever its names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sandbox) struct Key {
    pub(super) device: u64,
    inode: u64,
}

impl Key {
    /// That of an open file.
    ///
    /// # Errors
    ///
    /// When the descriptor says nothing of itself.
    pub(in crate::sandbox) fn of(file: impl AsFd) -> io::Result<Self> {
        Ok(Found::of(file)?.key)
    }
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    Link,
    Other,
}

/// What the system says of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) kind: Kind,
    /// Whether it is a plain file.
    pub(super) is_plain: bool,
    /// Bytes to charge: the apparent size of a file, the length of a link's target, nothing for a folder.
    pub(super) size: u64,
    /// Names that it has.
    pub(super) links: u64,
}

impl Found {
    fn new(stat: &Stat) -> Self {
        let (kind, size) = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => (Kind::Folder, 0),
            FileType::Symlink => (Kind::Link, stat.st_size.cast_unsigned()),
            FileType::RegularFile => (Kind::Other, stat.st_size.cast_unsigned()),
            _ => (Kind::Other, 0),
        };
        Self {
            key: Key {
                device: stat.st_dev,
                inode: stat.st_ino,
            },
            kind,
            is_plain: FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile,
            size,
            // A folder has one name, whatever else the system counts.
            links: if kind == Kind::Folder { 1 } else { stat.st_nlink },
        }
    }

    /// Of an open file.
    pub(super) fn of(file: impl AsFd) -> io::Result<Self> {
        Ok(Self::new(&fstat(file)?))
    }

    /// Of what `name` is in `folder`, a link not followed; `None` when nothing is.
    pub(super) fn at(folder: impl AsFd, name: impl rustix::path::Arg) -> io::Result<Option<Self>> {
        match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Self::new(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
