//! Taking a handler's folders away, and finding out which are there.

use std::io;
use std::os::fd::AsFd;

use hostler_contract::{HandlerIdentity, HandlerName};
use hostler_package::{clear, remove_folder};
use rustix::fs::{Dir, renameat};
use rustix::io::Errno;

use super::HandlerDirError;
use super::layout::{LOG_FOLDER, PRIVATE, base};
use crate::root::Root;

/// Takes the package folder of `identity` away, as if it had never been installed; data and logs stay. One that is not
/// there is fine.
///
/// # Errors
///
/// What the system says.
pub(crate) fn remove_package(root: &Root, identity: &HandlerIdentity) -> Result<(), HandlerDirError> {
    let io = |source: io::Error| HandlerDirError::Io {
        path: base(root, identity),
        source,
    };
    let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
    let staging = root.folder(&["staging"], PRIVATE)?;
    clear(staging.as_fd()).map_err(io)?;
    // Gone in one step; what is left of it when the host is stopped in between goes with the next one.
    match renameat(&handlers, identity.to_string(), &staging, "removed") {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(io(error.into())),
    }
    // What is committed next says that it is gone.
    root.durability().sync(&handlers).map_err(|error| io(error.into()))?;
    remove_folder(staging.as_fd(), "removed").map_err(io)
}

/// Takes the data folder of the handler `name` away (design 6: it goes with an uninstall).
///
/// # Errors
///
/// What the system says.
pub(crate) fn remove_data(root: &Root, name: &HandlerName) -> Result<(), HandlerDirError> {
    let data = root.folder(&["data"], PRIVATE)?;
    // What is committed next says that it is gone.
    let removed = remove_folder(data.as_fd(), name.as_str()).and_then(|()| Ok(root.durability().sync(&data)?));
    removed.map_err(|source| HandlerDirError::Io {
        path: root.path().join("data").join(name.as_str()),
        source,
    })
}

/// Takes away what a host that was stopped left in `staging`.
///
/// # Errors
///
/// What the system says.
pub(crate) fn clear_staging(root: &Root) -> Result<(), HandlerDirError> {
    let staging = root.folder(&["staging"], PRIVATE)?;
    clear(staging.as_fd()).map_err(|source| HandlerDirError::Io {
        path: root.path().join("staging"),
        source,
    })
}

/// The handlers whose package folders are there. What is not named like one is left alone.
///
/// # Errors
///
/// What the system says.
pub(crate) fn present(root: &Root) -> Result<Vec<HandlerIdentity>, HandlerDirError> {
    let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
    let io = |error: Errno| HandlerDirError::Io {
        path: root.path().join("handlers"),
        source: error.into(),
    };
    let mut found = Vec::new();
    for entry in Dir::read_from(&handlers).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_str().unwrap_or_default();
        found.extend(HandlerIdentity::parse(name));
    }
    found.sort_by(|a, b| (a.name.as_str(), &a.version).cmp(&(b.name.as_str(), &b.version)));
    Ok(found)
}
