//! What lies in a folder when a command begins.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Dir, Mode, OFlags, openat};

use super::found::{Found, Key, Kind};
use super::ledger::Ledger;
use crate::limits::Quota;

/// Most names that are counted in a folder. One with more may not grow until some are gone.
const MOST: u64 = 16_384;

/// How deep is counted. A folder with deeper ones in it may not grow until they are gone.
const DEEPEST: u64 = 64;

/// Counts all that lies in `folder`, which is `key`, with `quota`. What cannot be counted makes it one that may not grow.
pub(super) fn count(ledger: &mut Ledger, folder: BorrowedFd<'_>, key: Key, quota: Quota) {
    if let Some((name, most)) = quota.host_file()
        && let Ok(Some(own)) = Found::at(folder, name)
        && own.kind == Kind::Other
    {
        let budget = ledger.budget(quota);
        budget.bytes.exempt(own.size.min(most));
        budget.files.exempt(1);
    }
    let mut left = MOST;
    match level(ledger, folder, key, 0, &mut left) {
        Ok(true) => {}
        Ok(false) => ledger.budget(quota).leave_uncounted(),
        Err(error) => {
            tracing::warn!(?quota, %error, "a handler's folder cannot be counted and may not grow");
            ledger.budget(quota).leave_uncounted();
        }
    }
}

/// Counts one folder and those in it; `false` when something was left out.
fn level(ledger: &mut Ledger, folder: BorrowedFd<'_>, key: Key, depth: u64, left: &mut u64) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // Opened anew: a listing has a position of its own.
    let mut entries = Dir::new(openat(folder, c".", flags, Mode::empty())?)?;
    let mut whole = true;
    while let Some(entry) = entries.next().transpose()? {
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let Some(found) = Found::at(folder, name)? else {
            continue;
        };
        if ledger.knows(found.key) {
            // Another name of a file, or another of the handler's folders, which has limits of its own.
            if found.kind != Kind::Folder {
                ledger.find_name(found.key);
            }
            continue;
        }
        if *left == 0 {
            return Ok(false);
        }
        *left -= 1;
        ledger.find(key, &found);
        if found.kind == Kind::Folder {
            if depth == DEEPEST {
                whole = false;
                continue;
            }
            let inside = openat(folder, name, flags, Mode::empty())?;
            whole &= level(ledger, inside.as_fd(), found.key, depth + 1, left)?;
        }
    }
    Ok(whole)
}
