//! Removes everything in a folder, also one that handlers have written in, however deep it is.
//!
//! By descriptor, following nothing. What lies below is first moved to the top, so that neither depth nor the length of
//! a path, nor the number of open files, can stop it.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes everything in `folder`, and leaves the folder.
///
/// # Errors
///
/// What the system says of the first thing that cannot be removed; what was removed stays removed.
pub fn clear(folder: BorrowedFd<'_>) -> io::Result<()> {
    let mut moved = 0u64;
    let mut waiting = empty(folder, None)?;
    while let Some(name) = waiting.pop() {
        let below = open_folder(folder, &name)?;
        for inner in empty(below.as_fd(), Some((folder, &mut moved)))? {
            waiting.push(inner);
        }
        unlinkat(folder, &name, AtFlags::REMOVEDIR)?;
    }
    Ok(())
}

/// Removes the folder `name` in `parent` with everything in it; one that is not there is fine.
///
/// # Errors
///
/// What the system says; what is there instead of a folder is one of them.
pub fn remove_folder(parent: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match open_folder(parent, name) {
        Ok(folder) => clear(folder.as_fd())?,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Opens the folder `name` in `parent`; one whose owner took the right from himself gets it back, since it is to go.
fn open_folder(parent: BorrowedFd<'_>, name: impl rustix::path::Arg + Copy) -> rustix::io::Result<OwnedFd> {
    match openat(parent, name, FOLDER, Mode::empty()) {
        Err(Errno::ACCESS) => {
            // By a descriptor that is only good for that: a link in its place is not followed.
            let found = openat(parent, name, FOLDER | OFlags::PATH, Mode::empty())?;
            let path = format!("/proc/self/fd/{}", found.as_raw_fd());
            rustix::fs::chmod(path, Mode::RWXU)?;
            openat(found, c".", FOLDER, Mode::empty())
        }
        opened => opened,
    }
}

/// Removes what is no folder in `folder` and gives the names of the folders: in it, or, with `top`, in that one, to
/// which they are moved under names that were not there.
fn empty(folder: BorrowedFd<'_>, mut top: Option<(BorrowedFd<'_>, &mut u64)>) -> io::Result<Vec<CString>> {
    let mut folders = Vec::new();
    for (name, is_folder) in entries(folder)? {
        if !is_folder {
            unlinkat(folder, &name, AtFlags::empty())?;
        } else if let Some((top, moved)) = &mut top {
            folders.push(move_up(folder, &name, *top, moved)?);
        } else {
            folders.push(name);
        }
    }
    Ok(folders)
}

fn entries(folder: BorrowedFd<'_>) -> io::Result<Vec<(CString, bool)>> {
    let own: OwnedFd = openat(folder, c".", FOLDER, Mode::empty())?;
    let mut found = Vec::new();
    for entry in Dir::read_from(&own)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            let is_folder = match entry.file_type() {
                // Some file systems do not say in a listing.
                FileType::Unknown => openat(&own, name, FOLDER, Mode::empty()).is_ok(),
                kind => kind == FileType::Directory,
            };
            found.push((name.to_owned(), is_folder));
        }
    }
    Ok(found)
}

fn move_up(from: BorrowedFd<'_>, name: &CString, top: BorrowedFd<'_>, moved: &mut u64) -> io::Result<CString> {
    loop {
        *moved += 1;
        let free = CString::new(format!(".removed-{moved}")).map_err(|_| io::Error::from(Errno::INVAL))?;
        match renameat(from, name, top, &free) {
            Ok(()) => return Ok(free),
            // A handler's own folder of that name, with something in it.
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// FSX-15: a tree that is deeper than a process may have files open, and than a path may be long.
    #[test]
    fn a_very_deep_tree_goes_away() {
        let root = tempfile::tempdir().unwrap();
        let top = File::open(root.path()).unwrap();
        std::fs::create_dir(root.path().join(".removed-1")).unwrap();
        std::fs::write(root.path().join(".removed-1/kept"), "").unwrap();
        let mut at: OwnedFd = top.try_clone().unwrap().into();
        for _ in 0..3_000 {
            rustix::fs::mkdirat(&at, "deep", Mode::RWXU).unwrap();
            rustix::fs::symlinkat("/etc", &at, "link").unwrap();
            at = openat(&at, "deep", FOLDER, Mode::empty()).unwrap();
        }
        clear(top.as_fd()).unwrap();
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
        assert!(std::path::Path::new("/etc").is_dir());
    }
}
