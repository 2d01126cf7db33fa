//! What lies in a folder when a command begins.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, RawDir, openat};
use rustix::io::Errno;

use super::found::{Found, Key, Kind};
use super::ledger::Ledger;
use crate::limits::Quota;
use crate::sandbox::OpenFolder;

/// Most names that are counted in a folder. One with more may not grow until some are gone.
const MOST: u64 = 16_384;

/// How deep is counted. A folder with deeper ones in it may not grow until they are gone.
const DEEPEST: u64 = 64;

/// Bytes for what is listed at one go. There is one for each folder in another, on the stack.
const ROOM: usize = 1024;

/// Counts all that lies in `folder`, which is `key`, with `quota`. What cannot be counted makes it one that may not grow.
pub(super) fn count(ledger: &mut Ledger, folder: &OpenFolder, key: Key, quota: Quota) {
    if let Some((name, most)) = quota.host_file()
        && let Ok(Some(own)) = Found::at(folder, name)
        && own.kind == Kind::Other
    {
        let budget = ledger.budget(quota);
        budget.bytes.exempt(own.size.min(most));
        budget.files.exempt(1);
    }
    let mut left = MOST;
    let counted = folder.list(|listing| level(ledger, (folder.as_fd(), listing), key, 0, &mut left));
    match counted {
        // One that was removed holds nothing any more.
        Ok(Some(true) | None) => {}
        Ok(Some(false)) => ledger.budget(quota).leave_uncounted(),
        Err(error) => {
            tracing::warn!(?quota, %error, "a handler's folder cannot be counted and may not grow");
            ledger.budget(quota).leave_uncounted();
        }
    }
}

/// Counts one folder, with its listing, and those in it; `false` when something was left out.
fn level(
    ledger: &mut Ledger,
    (folder, listing): (BorrowedFd<'_>, BorrowedFd<'_>),
    key: Key,
    depth: u64,
    left: &mut u64,
) -> io::Result<bool> {
    let mut room = [const { MaybeUninit::uninit() }; ROOM];
    let mut entries = RawDir::new(listing, &mut room);
    let mut whole = true;
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            // It was removed meanwhile, with all that was in it.
            Err(Errno::NOENT) => break,
            Err(error) => return Err(error.into()),
        };
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
            if let Some(inside) = open_listing(folder, name)? {
                whole &= level(ledger, (inside.as_fd(), inside.as_fd()), found.key, depth + 1, left)?;
            }
        }
    }
    Ok(whole)
}

/// The folder `name` in `folder`, to be looked through; `None` when it is not there any more: the second look counts while the
/// handler works.
pub(in crate::sandbox) fn open_listing(folder: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(folder, name, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        // A file or a link may be in its place by now.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
