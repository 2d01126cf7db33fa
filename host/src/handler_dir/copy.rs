//! Copies a folder in which a handler can write, as it is, to a folder of the host's own, and brings it to the disk.
//!
//! By descriptor, following nothing. Regular files, folders and links are copied, with modes and times; nothing else can be
//! made by a handler. What is more than a handler can have by its limits is not copied.

use std::fs::{File, FileTimes};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fchmod, fstat, mkdirat, openat, readlinkat, symlinkat};
use rustix::io::Errno;

use super::FOLDER;
use crate::limits::LimitName;

/// Nothing is nested deeper than this; a handler that goes beyond twice its limit was stopped.
const MAX_DEPTH: u32 = 64;

/// What may still be copied.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

impl Room {
    /// Room for what a handler can have at most in its data and status folders: a command ends at twice its limit.
    pub(super) fn for_a_handler() -> Self {
        let most = |names: [LimitName; 2]| names.into_iter().map(|name| name.default_value() * 4).sum();
        Self {
            bytes: most([LimitName::DataBytes, LimitName::StatusBytes]),
            files: most([LimitName::DataFiles, LimitName::StatusFiles]),
        }
    }

    fn take_file(&mut self) -> io::Result<()> {
        self.files = self.files.checked_sub(1).ok_or_else(too_much)?;
        Ok(())
    }
}

fn too_much() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "there is more in it than a handler can have by its limits",
    )
}

/// Copies what is in `from` to `to`, an empty folder. All of it is on the disk afterwards.
///
/// # Errors
///
/// What the system says, and more than there is `room` for.
pub(super) fn copy_folder(from: BorrowedFd<'_>, to: BorrowedFd<'_>, room: &mut Room) -> io::Result<()> {
    copy_level(from, to, room, 0)
}

fn copy_level(from: BorrowedFd<'_>, to: BorrowedFd<'_>, room: &mut Room, depth: u32) -> io::Result<()> {
    if depth > MAX_DEPTH {
        return Err(too_much());
    }
    for entry in Dir::read_from(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        room.take_file()?;
        let stat = rustix::fs::statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let below = openat(from, name, FOLDER, Mode::empty())?;
                mkdirat(to, name, Mode::RWXU)?;
                let copy = openat(to, name, FOLDER, Mode::empty())?;
                copy_level(below.as_fd(), copy.as_fd(), room, depth + 1)?;
                finish(copy, &stat)?;
            }
            FileType::Symlink => symlinkat(readlinkat(from, name, Vec::new())?, to, name)?,
            FileType::RegularFile => {
                let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let source = File::from(openat(from, name, flags, Mode::empty())?);
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let mut copy = File::from(openat(to, name, flags, Mode::RUSR | Mode::WUSR)?);
                let copied = io::copy(&mut source.take(room.bytes.saturating_add(1)), &mut copy)?;
                room.bytes = room.bytes.checked_sub(copied).ok_or_else(too_much)?;
                finish(copy.into(), &stat)?;
            }
            _ => return Err(io::Error::from(Errno::OPNOTSUPP)),
        }
    }
    Ok(rustix::fs::fsync(to)?)
}

/// Gives `copy` the mode and the times in `stat`, and brings it to the disk.
fn finish(copy: OwnedFd, stat: &Stat) -> io::Result<()> {
    fchmod(&copy, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    let copy = File::from(copy);
    // A time that cannot be kept is no reason to keep nothing.
    if let Some(modified) = time(stat.st_mtime, stat.st_mtime_nsec) {
        let _ = copy.set_times(FileTimes::new().set_modified(modified));
    }
    copy.sync_all()
}

fn time(seconds: i64, nanoseconds: u64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok()?;
    let nanoseconds = u32::try_from(nanoseconds).ok().filter(|part| *part < 1_000_000_000)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

/// Gives the folder `copy` the mode and the times of `from`.
pub(super) fn like(from: BorrowedFd<'_>, copy: OwnedFd) -> io::Result<()> {
    finish(copy, &fstat(from)?)
}
