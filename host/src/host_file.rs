//! Writes a file of the host's own: whole or not at all, also when the machine stops in the middle.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};

use hostler_package::Durability;
use rustix::fs::{AtFlags, Dir, Mode, OFlags, RenameFlags, openat, renameat_with, unlinkat};

/// Writes `parts`, one after the other, as the file `name` in `folder`, in the place of what was there.
///
/// Written aside, brought to the disk, then moved into place: a reader sees the old file or the new one.
///
/// # Errors
///
/// What the system says; then nothing has changed.
pub(crate) fn write_whole(folder: impl AsFd, name: &str, parts: &[&[u8]], mode: Mode) -> io::Result<()> {
    write_whole_as(folder, name, parts, mode, Durability::OnDisk)
}

/// As [`write_whole`], brought to the disk only where `durability` asks for it.
///
/// # Errors
///
/// As [`write_whole`].
pub(crate) fn write_whole_as(
    folder: impl AsFd,
    name: &str,
    parts: &[&[u8]],
    mode: Mode,
    durability: Durability,
) -> io::Result<()> {
    write(folder.as_fd(), name, parts, mode, RenameFlags::empty(), durability)
}

/// As [`write_whole`], unless something of that name is there: then it stays, and the result is false.
///
/// # Errors
///
/// As [`write_whole`].
pub(crate) fn write_new(folder: impl AsFd, name: &str, parts: &[&[u8]], mode: Mode) -> io::Result<bool> {
    match write(
        folder.as_fd(),
        name,
        parts,
        mode,
        RenameFlags::NOREPLACE,
        Durability::OnDisk,
    ) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write(
    folder: BorrowedFd<'_>,
    name: &str,
    parts: &[&[u8]],
    mode: Mode,
    flags: RenameFlags,
    durability: Durability,
) -> io::Result<()> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let temporary = format!(".{name}.{}.tmp", hex::encode(random));
    let open = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, &temporary, open, mode)?);
    let written = parts
        .iter()
        .try_for_each(|part| file.write_all(part))
        .and_then(|()| Ok(durability.sync(&file)?))
        .and_then(|()| renameat_with(folder, &temporary, folder, name, flags).map_err(io::Error::from))
        .and_then(|()| Ok(durability.sync(folder)?));
    if written.is_err() {
        // The error that matters is the one that is returned.
        let _ = unlinkat(folder, &temporary, AtFlags::empty());
    }
    written
}

/// Removes what [`write_whole`] left in `folder` when the host was stopped in the middle of it.
///
/// # Errors
///
/// What the system says of the folder. A file that cannot be removed stays.
pub(crate) fn remove_unfinished(folder: impl AsFd) -> io::Result<()> {
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_ok_and(is_unfinished) {
            // A folder of that name is nobody's of the host.
            let _ = unlinkat(&folder, entry.file_name(), AtFlags::empty());
        }
    }
    Ok(())
}

/// `.NAME.0123456789abcdef.tmp`
fn is_unfinished(name: &str) -> bool {
    let stem = name.strip_prefix('.').and_then(|rest| rest.strip_suffix(".tmp"));
    let random = stem.and_then(|stem| stem.rsplit_once('.')).map(|(_, random)| random);
    random.is_some_and(|random| random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_being_written_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = [
            "0.settings",
            ".0.settings.tmp",
            "a.0123456789abcdef.tmp",
            ".a.0123456789abcdeg.tmp",
        ];
        for name in kept.into_iter().chain([".0.settings.0123456789abcdef.tmp"]) {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        remove_unfinished(File::open(folder.path()).unwrap()).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut kept = kept.to_vec();
        kept.sort_unstable();
        assert_eq!(left, kept);
    }
}
