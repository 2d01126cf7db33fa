//! The few file calls that every command makes: whole files read, written and renamed, lines appended.
//!
//! Natively they are the standard library's. On WASI 0.2 they go straight to the host, which is faster than the
//! way through a C library, an adapter and streams that the standard library takes. Handlers use the standard
//! library as they like.

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
mod standard;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wasi;

use std::{
    io,
    path::{Path, PathBuf},
};

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
pub(crate) use standard::{Appended, read, remove, rename, write};
#[cfg(all(target_os = "wasi", target_env = "p2"))]
pub(crate) use wasi::{Appended, read, remove, rename, write};

/// Writes `bytes` to `path`, replacing what was there in one step, by way of `path` with `.tmp` added.
///
/// The agent reads these files while we write them, and reports a half-written one as malformed (contract 5.2). Not
/// flushed to the disk itself: after a power cut a file may be empty, which every reader here takes as absent.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = with_ending(path, ".tmp");
    write(&temporary, bytes)?;
    rename(&temporary, path).inspect_err(|_| {
        // The rename's own error is the one to tell; a left-over temporary file is overwritten next time.
        let _ = remove(&temporary);
    })
}

/// `path` with `ending` added to its last part.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::write_whole;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("3.status");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_rename_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("3.status");
        std::fs::create_dir(&path).unwrap();
        assert!(write_whole(&path, b"one").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
