//! What is kept of a handler while an update can be taken back: its data, and the statuses of the version that is left.
//!
//! ```text
//! ROOT/state/kept/<Publisher.Type>/data/     copy of data/<Publisher.Type>
//!                                  status/   copy of handlers/<Publisher.Type>-<old version>/status
//! ```
//!
//! It is made whole under another name first, and each half goes back by one rename: taking an update back needs no room
//! and leaves no half of anything.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use hostler_contract::{HandlerIdentity, HandlerName};
use hostler_package::{clear, remove_folder};
use rustix::fs::{Mode, fsync, openat, renameat};
use rustix::io::Errno;

use super::copy::{Room, copy_folder, like};
use super::layout::{LOG_FOLDER, PRIVATE};
use super::{FOLDER, HandlerDirError};
use crate::root::{Root, make_folder};

/// The folder of it, in `state`.
const KEPT: &str = "kept";

/// What is being made.
const UNFINISHED: &str = ".unfinished";

/// What makes room, in `staging`.
const REPLACED: &str = "taken-back";

/// Keeps the data of `old` and its statuses, in the place of what was kept before. Nothing of the handler runs meanwhile.
///
/// # Errors
///
/// What the system says; then what was kept before is kept.
pub(crate) fn keep(root: &Root, old: &HandlerIdentity) -> Result<(), HandlerDirError> {
    let kept = kept_folder(root)?;
    let [data, status] = places(root, old)?;
    let copied = || -> io::Result<()> {
        remove_folder(kept.as_fd(), UNFINISHED)?;
        let unfinished = make_folder(kept.as_fd(), UNFINISHED, PRIVATE, root.durability())?;
        let mut room = Room::for_a_handler();
        for place in [&data, &status] {
            let copy = make_folder(unfinished.as_fd(), place.kept_as, PRIVATE, root.durability())?;
            let from = openat(&place.parent, &*place.name, FOLDER, Mode::empty())?;
            copy_folder(from.as_fd(), copy.as_fd(), &mut room)?;
            like(from.as_fd(), copy)?;
        }
        fsync(&unfinished)?;
        remove_folder(kept.as_fd(), old.name.as_str())?;
        renameat(&kept, UNFINISHED, &kept, old.name.as_str())?;
        Ok(fsync(&kept)?)
    };
    copied().map_err(|source| io_error(root, &old.name, source))
}

/// Puts back what [`keep`] kept of `old`, in the place of what is there now. Taken again after it was interrupted, it goes
/// on: what is back already is not kept any more.
///
/// # Errors
///
/// What the system says.
pub(crate) fn put_back(root: &Root, old: &HandlerIdentity) -> Result<(), HandlerDirError> {
    let parent = kept_folder(root)?;
    let staging = root.folder(&["staging"], PRIVATE)?;
    let places = places(root, old)?;
    let moved = || -> io::Result<()> {
        let kept = openat(&parent, old.name.as_str(), FOLDER, Mode::empty())?;
        for place in &places {
            clear(staging.as_fd())?;
            move_back(kept.as_fd(), place, staging.as_fd())?;
        }
        clear(staging.as_fd())
    };
    moved().map_err(|source| io_error(root, &old.name, source))
}

/// Forgets what is kept of the handler `name`; nothing is fine.
///
/// # Errors
///
/// What the system says.
pub(crate) fn drop_kept(root: &Root, name: &HandlerName) -> Result<(), HandlerDirError> {
    let state = root.folder(&["state"], PRIVATE)?;
    let kept = match openat(&state, KEPT, FOLDER, Mode::empty()) {
        Ok(kept) => kept,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(io_error(root, name, error.into())),
    };
    remove_folder(kept.as_fd(), name.as_str()).map_err(|source| io_error(root, name, source))
}

/// Where half of what is kept comes from and goes back to.
struct Place {
    parent: OwnedFd,
    name: String,
    kept_as: &'static str,
}

fn places(root: &Root, old: &HandlerIdentity) -> Result<[Place; 2], HandlerDirError> {
    let data = Place {
        parent: root.folder(&["data"], PRIVATE)?,
        name: old.name.to_string(),
        kept_as: "data",
    };
    // They are there for as long as the version is.
    make_folder(data.parent.as_fd(), &data.name, PRIVATE, root.durability())
        .map_err(|source| io_error(root, &old.name, source))?;
    let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
    let package = openat(&handlers, old.to_string(), FOLDER, Mode::empty())
        .map_err(|error| io_error(root, &old.name, error.into()))?;
    make_folder(package.as_fd(), "status", PRIVATE, root.durability())
        .map_err(|source| io_error(root, &old.name, source))?;
    let status = Place {
        parent: package,
        name: "status".to_owned(),
        kept_as: "status",
    };
    Ok([data, status])
}

fn move_back(kept: BorrowedFd<'_>, place: &Place, staging: BorrowedFd<'_>) -> io::Result<()> {
    if let Err(Errno::NOENT) = openat(kept, place.kept_as, FOLDER, Mode::empty()) {
        return Ok(());
    }
    renameat(&place.parent, &*place.name, staging, REPLACED)?;
    renameat(kept, place.kept_as, &place.parent, &*place.name)?;
    fsync(&place.parent)?;
    Ok(fsync(kept)?)
}

fn kept_folder(root: &Root) -> Result<OwnedFd, HandlerDirError> {
    Ok(root.folder(&["state", KEPT], PRIVATE)?)
}

fn io_error(root: &Root, name: &HandlerName, source: io::Error) -> HandlerDirError {
    HandlerDirError::Io {
        path: root.path().join("state").join(KEPT).join(name.as_str()),
        source,
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
