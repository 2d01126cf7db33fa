//! Writes a file of the host's own: whole or not at all, also when the machine stops in the middle.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Mode, OFlags, fsync, openat, renameat, unlinkat};

/// Writes `parts`, one after the other, as the file `name` in `folder`, in the place of what was there.
///
/// Written aside, brought to the disk, then moved into place: a reader sees the old file or the new one.
///
/// # Errors
///
/// What the system says; then nothing has changed.
pub(crate) fn write_whole(folder: impl AsFd, name: &str, parts: &[&[u8]], mode: Mode) -> io::Result<()> {
    let folder = folder.as_fd();
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let temporary = format!(".{name}.{}.tmp", hex::encode(random));
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, &temporary, flags, mode)?);
    let written = parts
        .iter()
        .try_for_each(|part| file.write_all(part))
        .and_then(|()| file.sync_all())
        .and_then(|()| renameat(folder, &temporary, folder, name).map_err(io::Error::from))
        .and_then(|()| fsync(folder).map_err(io::Error::from));
    if written.is_err() {
        // The error that matters is the one that is returned.
        let _ = unlinkat(folder, &temporary, AtFlags::empty());
    }
    written
}
