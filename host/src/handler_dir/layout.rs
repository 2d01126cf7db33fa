//! Where a handler's folders lie, with which modes (contract 2, design D3).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use hostler_contract::{HandlerEnvironment, HandlerIdentity};
use hostler_package::Durability;
use rustix::fs::{AtFlags, Mode, unlinkat};
use rustix::io::Errno;

use super::HandlerDirError;
use crate::root::{Root, make_folder};

/// Mode of folders that only the host's user and the handler see (contract 2).
pub(super) const PRIVATE: Mode = Mode::RWXU;

/// Mode of `logs/<Publisher.Type>` (contract 2).
pub(super) const LOG_FOLDER: Mode = Mode::from_raw_mode(0o755);

/// Mode of files that the host writes for a handler (contract 2).
pub(super) const READABLE: Mode = Mode::from_raw_mode(0o644);

/// Name of the heartbeat file in `heartbeat/`.
pub(super) const HEARTBEAT_FILE: &str = "heartbeat.log";

/// `logs/<Publisher.Type>/events`. The handler may write in the folder above it, so it may have put something else in
/// its place, which then goes: it is the handler's own (FSX-17).
pub(super) fn events_folder(root: &Root, name: &str) -> Result<OwnedFd, HandlerDirError> {
    let log = root.folder(&["logs", name], LOG_FOLDER)?;
    let path = root.path().join("logs").join(name).join("events");
    folder_in(log.as_fd(), "events", root.durability()).map_err(|source| HandlerDirError::Io { path, source })
}

/// The folder `name` in `parent`, in which the handler may write, so that something else may lie in its place.
pub(super) fn folder_in(parent: BorrowedFd<'_>, name: &str, durability: Durability) -> io::Result<OwnedFd> {
    make_folder(parent, name, PRIVATE, durability).or_else(|error| {
        match Errno::from_io_error(&error) {
            Some(Errno::NOTDIR | Errno::LOOP) => unlinkat(parent, name, AtFlags::empty())?,
            // It is not to blame for a full disk.
            _ => return Err(error),
        }
        make_folder(parent, name, PRIVATE, durability)
    })
}

pub(super) fn base(root: &Root, identity: &HandlerIdentity) -> PathBuf {
    root.path().join("handlers").join(identity.to_string())
}

/// The environment that `identity` has below `root` (contract 3, with the additions of design D3).
pub(super) fn environment(root: &Root, identity: &HandlerIdentity) -> Result<HandlerEnvironment, HandlerDirError> {
    let text = |path: PathBuf| {
        path.into_os_string()
            .into_string()
            .map_err(|path| HandlerDirError::NotText(path.into()))
    };
    let base = base(root, identity);
    let log = root.path().join("logs").join(identity.name.as_str());
    Ok(HandlerEnvironment {
        config_folder: text(base.join("config"))?,
        status_folder: text(base.join("status"))?,
        heartbeat_file: Some(text(base.join("heartbeat").join(HEARTBEAT_FILE))?),
        events_folder: Some(text(log.join("events"))?),
        log_folder: text(log)?,
        data_folder: Some(text(root.path().join("data").join(identity.name.as_str()))?),
    })
}
