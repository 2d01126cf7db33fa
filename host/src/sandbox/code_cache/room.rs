//! Keeps the cache from growing without end: what was not used for longest goes first.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Dir, FileType, Timespec, Timestamps, UTIME_NOW, statat, unlinkat, utimensat};
use rustix::io::Errno;

use super::CacheKey;

/// Most bytes of compiled code that are kept.
const MOST: u64 = 1 << 30;

struct Entry {
    name: CString,
    size: u64,
    used: (i64, i64),
}

/// Notes that the entry `name` is in use now.
pub(super) fn touch(folder: BorrowedFd<'_>, name: &str) {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    // Only the order in which entries go hangs on it.
    let _ = utimensat(folder, name, &times, AtFlags::SYMLINK_NOFOLLOW);
}

/// Removes entries until at most `MOST` bytes are left, and with them what was left half-written.
pub(super) fn make(folder: BorrowedFd<'_>) -> io::Result<()> {
    make_below(folder, MOST)
}

fn make_below(folder: BorrowedFd<'_>, most: u64) -> io::Result<()> {
    let mut entries = entries(folder)?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.used));
    let mut kept = 0u64;
    for entry in entries {
        kept = kept.saturating_add(entry.size);
        if kept > most {
            match unlinkat(folder, &entry.name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn entries(folder: BorrowedFd<'_>) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in Dir::read_from(folder.as_fd())? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_ok_and(CacheKey::is_of_entry) {
            continue;
        }
        // Another host may have removed it in between.
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            let size = u64::try_from(stat.st_size).unwrap_or(0);
            let used = (stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or(0));
            found.push(Entry {
                name: name.to_owned(),
                size,
                used,
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn what_was_used_last_stays_and_what_is_no_entry_too() {
        let root = tempfile::tempdir().unwrap();
        let folder = File::open(root.path()).unwrap();
        let name = |first: char| format!("{}-{}", first.to_string().repeat(64), "0".repeat(16));
        let half_written = format!(".{}.00ff.tmp", name('d'));
        for name in ["key", "holiday.jpg", &half_written, &name('a'), &name('b'), &name('c')] {
            std::fs::write(root.path().join(name), [0; 40]).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        touch(folder.as_fd(), &name('a'));
        make_below(folder.as_fd(), 100).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [name('a'), name('c'), "holiday.jpg".to_owned(), "key".to_owned()]);
    }
}
