//! Writes a file of the host's own: whole or not at all, also when the machine stops in the middle.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, fsync, openat, renameat_with, unlinkat};

/// Writes `parts`, one after the other, as the file `name` in `folder`, in the place of what was there.
///
/// Written aside, brought to the disk, then moved into place: a reader sees the old file or the new one.
///
/// # Errors
///
/// What the system says; then nothing has changed.
pub(crate) fn write_whole(folder: impl AsFd, name: &str, parts: &[&[u8]], mode: Mode) -> io::Result<()> {
    write(folder.as_fd(), name, parts, mode, RenameFlags::empty())
}

/// As [`write_whole`], unless something of that name is there: then it stays, and the result is false.
///
/// # Errors
///
/// As [`write_whole`].
pub(crate) fn write_new(folder: impl AsFd, name: &str, parts: &[&[u8]], mode: Mode) -> io::Result<bool> {
    match write(folder.as_fd(), name, parts, mode, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write(folder: BorrowedFd<'_>, name: &str, parts: &[&[u8]], mode: Mode, flags: RenameFlags) -> io::Result<()> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let temporary = format!(".{name}.{}.tmp", hex::encode(random));
    let open = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, &temporary, open, mode)?);
    let written = parts
        .iter()
        .try_for_each(|part| file.write_all(part))
        .and_then(|()| file.sync_all())
        .and_then(|()| renameat_with(folder, &temporary, folder, name, flags).map_err(io::Error::from))
        .and_then(|()| fsync(folder).map_err(io::Error::from));
    if written.is_err() {
        // The error that matters is the one that is returned.
        let _ = unlinkat(folder, &temporary, AtFlags::empty());
    }
    written
}
