//! What lies in a folder when a command begins.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Dir, Mode, OFlags, openat};
use rustix::io::Errno;

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
    // Opened anew: a listing has a position of its own. A folder that was removed since has no `.` any more.
    let Some(listing) = opened(folder, c".")? else {
        return Ok(true);
    };
    let mut entries = Dir::new(listing)?;
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
            if let Some(inside) = opened(folder, name)? {
                whole &= level(ledger, inside.as_fd(), found.key, depth + 1, left)?;
            }
        }
    }
    Ok(whole)
}

/// The folder `name` in `folder`; `None` when it is not there any more: the second look counts while the handler works.
fn opened(folder: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(folder, name, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        // A file or a link may be in its place by now.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
