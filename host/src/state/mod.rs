//! What the host remembers of a root, where no handler reaches it (design D4).
//!
//! So far one thing: whose install has ended well. A handler whose folder is there without that mark was stopped on the
//! way, and is installed anew (contract 11).

use std::io;

use hostler_contract::HandlerIdentity;
use rustix::fs::{AtFlags, Mode, statat, unlinkat};
use rustix::io::Errno;

use crate::host_file::write_whole;
use crate::root::{Root, RootError};

/// Mode of the folder and, as far as it goes, of the files in it.
const PRIVATE: Mode = Mode::RWXU;

/// Remembers that the install of `handler` has ended well.
pub(crate) fn remember_installed(root: &Root, handler: &HandlerIdentity) -> Result<(), RootError> {
    let folder = root.folder(&["state"], PRIVATE)?;
    let mode = Mode::RUSR | Mode::WUSR;
    write_whole(&folder, &file(handler), &[b"installed\n"], mode).map_err(|source| error(root, handler, source))
}

/// Forgets `handler`.
pub(crate) fn forget(root: &Root, handler: &HandlerIdentity) -> Result<(), RootError> {
    let folder = root.folder(&["state"], PRIVATE)?;
    match unlinkat(&folder, file(handler), AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(error(root, handler, errno.into())),
    }
}

/// Whether the install of `handler` has ended well.
pub(crate) fn is_installed(root: &Root, handler: &HandlerIdentity) -> Result<bool, RootError> {
    let folder = root.folder(&["state"], PRIVATE)?;
    match statat(&folder, file(handler), AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(error(root, handler, errno.into())),
    }
}

fn file(handler: &HandlerIdentity) -> String {
    format!("{handler}.installed")
}

fn error(root: &Root, handler: &HandlerIdentity, source: io::Error) -> RootError {
    RootError::Io {
        path: root.path().join("state").join(file(handler)),
        what: "it cannot be read or written",
        source,
    }
}
