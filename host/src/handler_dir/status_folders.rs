//! What a handler writes for reports: its status files and its heartbeat, open for reading and nothing else.

use std::io;
use std::os::fd::AsFd;

use hostler_contract::{HandlerIdentity, SettingsName};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, statat, unlinkat};
use rustix::io::Errno;

use super::known_values::of_folder;
use super::layout::{HEARTBEAT_FILE, base};
use super::{HandlerDir, HandlerDirError};
use crate::guest_file::{self, GuestFile};
use crate::root::Root;
use crate::sandbox::OpenFolder;
use crate::secrets::KnownValues;

/// The two folders that reports are made from; one that is missing is as good as an empty one.
#[derive(Debug)]
pub struct StatusFolders {
    status: Option<OpenFolder>,
    heartbeat: Option<OpenFolder>,
    /// What is known of its protected settings.
    known: KnownValues,
}

impl StatusFolders {
    /// Opens those of `identity` below `root`. Makes nothing.
    ///
    /// # Errors
    ///
    /// What the system says, a link in the place of a folder among it.
    pub fn look(root: &Root, identity: &HandlerIdentity) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let missing = |error| match error {
            Errno::NOENT => Ok(None),
            other => Err(io::Error::from(other)),
        };
        let Some(package) =
            openat(CWD, base(root, identity), flags, Mode::empty()).map_or_else(missing, |fd| Ok(Some(fd)))?
        else {
            return Ok(Self {
                status: None,
                heartbeat: None,
                known: KnownValues::default(),
            });
        };
        let inside = |name: &str| openat(&package, name, flags, Mode::empty()).map_or_else(missing, |fd| Ok(Some(fd)));
        Ok(Self {
            status: inside("status")?.map(OpenFolder::from),
            heartbeat: inside("heartbeat")?.map(OpenFolder::from),
            known: inside("config")?
                .map(|config| of_folder(config.as_fd(), root.keys()))
                .unwrap_or_default(),
        })
    }

    /// Those that are open as `status` and `heartbeat`, of a handler of which so much is known.
    pub(super) fn of(status: &OpenFolder, heartbeat: &OpenFolder, known: KnownValues) -> Self {
        Self {
            status: Some(status.clone()),
            heartbeat: Some(heartbeat.clone()),
            known,
        }
    }

    /// What is known of the handler's protected settings: what it wrote is shown without them.
    pub(crate) fn known_values(&self) -> &KnownValues {
        &self.known
    }

    /// What the handler wrote as the status of `name`: at most `max` bytes.
    pub(crate) fn read_status(&self, name: &SettingsName, max: u64) -> io::Result<GuestFile> {
        read(self.status.as_ref(), &name.status_file(), max)
    }

    /// What the handler wrote as its heartbeat: at most `max` bytes.
    pub(crate) fn read_heartbeat(&self, max: u64) -> io::Result<GuestFile> {
        read(self.heartbeat.as_ref(), HEARTBEAT_FILE, max)
    }

    /// When the heartbeat file says that it was changed, in seconds and nanoseconds; zero where there is none. The handler
    /// can set it as it likes: that it differs is all that it says.
    pub(crate) fn heartbeat_changed(&self) -> io::Result<(i64, u64)> {
        let Some(folder) = &self.heartbeat else {
            return Ok((0, 0));
        };
        match statat(folder, HEARTBEAT_FILE, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok((stat.st_mtime, stat.st_mtime_nsec)),
            Err(Errno::NOENT) => Ok((0, 0)),
            Err(error) => Err(error.into()),
        }
    }
}

impl HandlerDir {
    /// Takes the heartbeat file away; one that is not there is fine, and what is no file stays, since it is no heartbeat.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn forget_heartbeat(&self) -> Result<(), HandlerDirError> {
        match unlinkat(&self.heartbeat, HEARTBEAT_FILE, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
            Err(error) => Err(HandlerDirError::Io {
                path: self.base.join("heartbeat").join(HEARTBEAT_FILE),
                source: error.into(),
            }),
        }
    }
}

fn read(folder: Option<&OpenFolder>, name: &str, max: u64) -> io::Result<GuestFile> {
    folder.map_or(Ok(GuestFile::Missing), |folder| {
        guest_file::read(folder.as_fd(), name, max)
    })
}
