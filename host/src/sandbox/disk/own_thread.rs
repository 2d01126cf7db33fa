//! Which file calls are made on the component's own thread.
//!
//! One about a plain file or a folder on a file system of this machine ends in the time that a disk takes. It is made at
//! once where it is asked for, in hostler's own process too: handing it to another thread takes several times as long as the
//! call. What can wait for ever is about something else: a pipe, a device, another machine's files.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use rustix::fs::{FsWord, fstatfs};

use super::found::{Found, Key, Kind};
use crate::sandbox::OpenFolder;
use crate::sandbox::file_calls::FileCalls;

/// What the system calls those file systems: ext, XFS, Btrfs, F2FS, ZFS, tmpfs, ramfs.
const OF_THIS_MACHINE: [FsWord; 7] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0xF2F5_2010,
    0x2FC1_2FC1,
    0x0102_1994,
    0x8584_58F6,
];

/// Which file calls are made on the component's own thread. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::sandbox) enum OwnThread {
    /// All of them: somebody else ends it, or it may wait.
    All,
    /// Those that are about plain files and folders on file systems of this machine.
    On {
        /// The devices of these.
        devices: Arc<[u64]>,
        /// Whether all folders that the component is given lie there.
        takes_given: bool,
    },
}

impl OwnThread {
    /// Where file calls are made as `file_calls` says, by a component that is given `folders`.
    ///
    /// # Errors
    ///
    /// When a descriptor says nothing of itself.
    // Not inlined: as the parts of `new_store`.
    #[inline(never)]
    pub(in crate::sandbox) fn of(file_calls: FileCalls, folders: &[OpenFolder]) -> io::Result<Self> {
        if file_calls.are_on_its_thread() {
            return Ok(Self::All);
        }
        let (mut seen, mut local) = (Vec::new(), Vec::new());
        for folder in folders {
            let device = folder.key()?.device;
            if seen.contains(&device) {
                continue;
            }
            seen.push(device);
            if folder.is_of_this_machine()? {
                local.push(device);
            }
        }
        Ok(Self::On {
            takes_given: seen.len() == local.len(),
            devices: local.into(),
        })
    }

    /// Whether all are.
    pub(in crate::sandbox) fn takes_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether those about the folders are that the component is given.
    pub(in crate::sandbox) fn takes_given(&self) -> bool {
        match self {
            Self::All => true,
            Self::On { takes_given, .. } => *takes_given,
        }
    }

    /// Whether those about the folder `key` are.
    pub(super) fn takes_folder(&self, key: Key) -> bool {
        match self {
            Self::All => true,
            Self::On { devices, .. } => devices.contains(&key.device),
        }
    }

    /// Whether those about `found` are.
    pub(super) fn takes(&self, found: &Found) -> bool {
        match self {
            Self::All => true,
            Self::On { .. } => (found.is_plain || found.kind == Kind::Folder) && self.takes_folder(found.key),
        }
    }

    /// Whether those about the folder behind `descriptor` are.
    ///
    /// # Errors
    ///
    /// When it says nothing of itself.
    pub(in crate::sandbox) fn takes_opened(&self, descriptor: impl AsFd) -> io::Result<bool> {
        Ok(self.takes_all() || self.takes(&Found::of(descriptor)?))
    }
}

/// Whether `folder` lies on a file system of this machine.
///
/// # Errors
///
/// When it says nothing of itself.
pub(in crate::sandbox) fn is_of_this_machine(folder: impl AsFd) -> io::Result<bool> {
    Ok(OF_THIS_MACHINE.contains(&fstatfs(folder)?.f_type))
}
