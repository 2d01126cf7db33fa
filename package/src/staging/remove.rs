//! Removes a folder and what is in it, by descriptor and without recursion.
//!
//! A path is never built and a link never followed, so nothing outside the folder can be reached, however it was
//! changed meanwhile.

use std::{
    ffi::{CString, OsStr},
    os::{
        fd::{AsFd as _, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode},
    io::{Errno, Result},
};

use super::{OPEN_DIRECTORY, PREFIX, StageError};

/// Deepest folder that is removed; twice what a package may have.
const MAX_DEPTH: usize = 32;

/// A folder on the way down.
struct Level {
    name: CString,
    folder: OwnedFd,
    /// Folders in it that are still to be removed.
    folders: Vec<CString>,
}

impl Level {
    /// Opens a folder and removes everything in it that is not a folder.
    fn enter(parent: BorrowedFd<'_>, name: CString) -> Result<Self> {
        let folder = rustix::fs::openat(parent, name.as_c_str(), OPEN_DIRECTORY, Mode::empty())?;
        let mut folders = Vec::new();
        let mut files = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            match entry.file_type() {
                FileType::Directory => folders.push(name.to_owned()),
                _ => files.push(name.to_owned()),
            }
        }
        for file in files {
            match rustix::fs::unlinkat(&folder, file.as_c_str(), AtFlags::empty()) {
                // Some file systems do not say in a listing what is a directory.
                Err(Errno::ISDIR) => folders.push(file),
                done => done?,
            }
        }
        Ok(Self { name, folder, folders })
    }
}

/// Removes the folder `name` in `parent` with all that is in it; one that is not there is fine.
pub(super) fn remove_tree(parent: BorrowedFd<'_>, name: &str) -> Result<()> {
    let name = CString::new(name).map_err(|_| Errno::INVAL)?;
    let mut levels = match Level::enter(parent, name.clone()) {
        Ok(level) => vec![level],
        Err(Errno::NOENT) => return Ok(()),
        Err(Errno::NOTDIR | Errno::LOOP) => return rustix::fs::unlinkat(parent, name, AtFlags::empty()),
        Err(errno) => return Err(errno),
    };
    while let Some(mut level) = levels.pop() {
        if let Some(name) = level.folders.pop() {
            if levels.len() + 1 >= MAX_DEPTH {
                return Err(Errno::NAMETOOLONG);
            }
            let below = Level::enter(level.folder.as_fd(), name)?;
            levels.extend([level, below]);
        } else {
            let above = levels.last().map_or(parent, |above| above.folder.as_fd());
            rustix::fs::unlinkat(above, level.name.as_c_str(), AtFlags::REMOVEDIR)?;
        }
    }
    Ok(())
}

/// Removes what packages left in `staging` because the host was stopped while they were written (O8).
///
/// To be called when the host starts, before anything is staged: it cannot tell a leftover from a package that is
/// being written. Gives the number of folders removed.
///
/// # Errors
/// What the system refuses, with the folder's name.
pub fn remove_leftovers(staging: BorrowedFd<'_>) -> std::result::Result<usize, StageError> {
    let failed = |name: &str, errno: Errno| StageError::io("remove", name, errno);
    let readable =
        rustix::fs::openat(staging, ".", OPEN_DIRECTORY, Mode::empty()).map_err(|errno| failed(".", errno))?;
    let mut removed = 0;
    let entries: Vec<_> = Dir::new(readable)
        .and_then(|entries| entries.collect::<Result<Vec<_>>>())
        .map_err(|errno| failed(".", errno))?;
    for entry in entries {
        let Some(name) = OsStr::from_bytes(entry.file_name().to_bytes()).to_str() else {
            continue;
        };
        if name.starts_with(PREFIX) {
            remove_tree(staging, name).map_err(|errno| failed(name, errno))?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::fd::AsFd as _};

    use super::{remove_leftovers, remove_tree};

    #[test]
    fn links_are_removed_and_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let outside = root.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("file"), "kept").unwrap();
        let staging = root.path().join("staging");
        fs::create_dir_all(staging.join("package-1/a/b")).unwrap();
        fs::write(staging.join("package-1/a/b/file"), "").unwrap();
        std::os::unix::fs::symlink(&outside, staging.join("package-1/a/link")).unwrap();
        std::os::unix::fs::symlink(&outside, staging.join("package-2")).unwrap();
        fs::create_dir(staging.join("other")).unwrap();

        let fd = fs::File::open(&staging).unwrap();
        assert_eq!(remove_leftovers(fd.as_fd()).unwrap(), 2);
        assert_eq!(fs::read_dir(&staging).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(outside.join("file")).unwrap(), "kept");
        assert!(remove_tree(fd.as_fd(), "package-1").is_ok());
    }

    #[test]
    fn what_is_too_deep_is_an_error_and_not_a_crash() {
        let root = tempfile::tempdir().unwrap();
        let deep = (0..40).fold(root.path().join("package-deep"), |path, _| path.join("d"));
        fs::create_dir_all(deep).unwrap();
        let fd = fs::File::open(root.path()).unwrap();
        assert!(remove_tree(fd.as_fd(), "package-deep").is_err());
    }
}
