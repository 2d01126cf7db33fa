//! A handler's folders: laid out, opened once, and handed to the sandbox by descriptor (design D3).
//!
//! ```text
//! ROOT/handlers/<Publisher.Type>-<version>/   the package's files, HandlerEnvironment.json,
//!                                             config/  status/  heartbeat/
//! ROOT/data/<Publisher.Type>/                 belongs to the handler, survives an update
//! ROOT/logs/<Publisher.Type>/  events/
//! ```
//!
//! The handler gets them under the absolute names that `HandlerEnvironment.json` says, so that file is the same for a
//! native handler and for a component.

mod layout;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use hostler_contract::{ENVIRONMENT_FILE, HandlerEnvironment, HandlerIdentity, Settings, SettingsName};
use hostler_package::{EntryKind, Package, StageError, clear, remove_folder};
use rustix::fs::{Mode, OFlags, openat, renameat};

use crate::guest_file::{self, GuestFile};
use crate::host_file::write_whole;
use crate::root::{Root, RootError, make_folder};
use crate::sandbox::{Access, Folder, Preopen};
use layout::{HEARTBEAT_FILE, LOG_FOLDER, PRIVATE, READABLE, base, environment, events_folder};

/// A handler's folders, open.
#[derive(Debug)]
pub struct HandlerDir {
    identity: HandlerIdentity,
    environment: HandlerEnvironment,
    base: PathBuf,
    package: OwnedFd,
    config: OwnedFd,
    status: OwnedFd,
    heartbeat: OwnedFd,
    log: OwnedFd,
    events: OwnedFd,
    data: OwnedFd,
}

/// Why a handler's folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HandlerDirError {
    /// The root cannot be used.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The package's files cannot be written.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A path is not text, and the contract's files can only hold text.
    #[error("{} is not UTF-8 text, which HandlerEnvironment.json needs", .0.display())]
    NotText(PathBuf),
    /// Another package is in place under the same name and version.
    #[error("{} holds another package of the same version", .0.display())]
    Different(PathBuf),
    /// A folder or a file of the host's cannot be written.
    #[error("{} cannot be written or opened", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl HandlerDir {
    /// Puts `package` in place as `identity`, with the folders and the environment file of the contract, all at once or
    /// not at all.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError`]; a handler of that identity that is there already stays as it is and is an error
    /// ([`StageError`]).
    pub fn install(root: &Root, identity: &HandlerIdentity, package: &Package) -> Result<Self, HandlerDirError> {
        let environment = environment(root, identity)?;
        let staging = root.folder(&["staging"], PRIVATE)?;
        let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
        // What a run that was killed left there. Nobody else works in this root: it is locked.
        let path = root.path().join("staging");
        clear(staging.as_fd()).map_err(|source| HandlerDirError::Io { path, source })?;
        let staged = package.stage(staging.as_fd())?;
        let base = base(root, identity);
        let io = |source| HandlerDirError::Io {
            path: base.clone(),
            source,
        };
        for name in ["config", "status", "heartbeat"] {
            make_folder(staged.folder(), name, PRIVATE).map_err(io)?;
        }
        let text = environment.to_agent_json(&identity.name);
        write_whole(staged.folder(), ENVIRONMENT_FILE, &[text.as_bytes()], READABLE).map_err(io)?;
        staged.publish(handlers.as_fd(), &identity.to_string())?;
        Self::open_with(root, identity, environment)
    }

    /// Opens the folders of a handler that is in place, or `None` when it is not.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError`] when they cannot be opened, or one of them is a link.
    pub fn open(root: &Root, identity: &HandlerIdentity) -> Result<Option<Self>, HandlerDirError> {
        if !base(root, identity).exists() {
            return Ok(None);
        }
        let folders = Self::open_with(root, identity, environment(root, identity)?)?;
        // As the agent does at every start: the root may have been moved (contract 3).
        let text = folders.environment.to_agent_json(&identity.name);
        let io = |source| HandlerDirError::Io {
            path: folders.base.join(ENVIRONMENT_FILE),
            source,
        };
        let there = guest_file::read(folders.package.as_fd(), ENVIRONMENT_FILE, text.len() as u64).map_err(io)?;
        if there != GuestFile::Whole(text.clone().into_bytes()) {
            write_whole(&folders.package, ENVIRONMENT_FILE, &[text.as_bytes()], READABLE).map_err(io)?;
        }
        Ok(Some(folders))
    }

    fn open_with(
        root: &Root,
        identity: &HandlerIdentity,
        environment: HandlerEnvironment,
    ) -> Result<Self, HandlerDirError> {
        let name = identity.name.as_str();
        let base = base(root, identity);
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
        let package =
            openat(&handlers, identity.to_string(), flags, Mode::empty()).map_err(|error| HandlerDirError::Io {
                path: base.clone(),
                source: error.into(),
            })?;
        // A handler may remove what is in its folders but not the folders; an operator may, and then they come back.
        let inside = |name: &str| {
            make_folder(package.as_fd(), name, PRIVATE).map_err(|source| HandlerDirError::Io {
                path: base.join(name),
                source,
            })
        };
        Ok(Self {
            identity: identity.clone(),
            environment,
            config: inside("config")?,
            status: inside("status")?,
            heartbeat: inside("heartbeat")?,
            log: root.folder(&["logs", name], LOG_FOLDER)?,
            events: events_folder(root, name)?,
            data: root.folder(&["data", name], PRIVATE)?,
            base,
            package,
        })
    }

    /// Takes the handler's package folder away, as if it had never been installed; data and logs stay.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, root: &Root) -> Result<(), HandlerDirError> {
        let io = |source: io::Error| HandlerDirError::Io {
            path: self.base.clone(),
            source,
        };
        let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
        let staging = root.folder(&["staging"], PRIVATE)?;
        // Gone in one step; what is left of it when the host is stopped in between goes with the next installation.
        let name = self.identity.to_string();
        renameat(&handlers, &name, &staging, &name).map_err(|error| io(error.into()))?;
        remove_folder(staging.as_fd(), &name).map_err(io)
    }

    /// Takes away what the handler leaves when it is uninstalled: its package folder and its data (design 6). Logs stay.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn uninstall(&self, root: &Root) -> Result<(), HandlerDirError> {
        self.remove(root)?;
        let name = self.identity.name.as_str();
        let data = root.folder(&["data"], PRIVATE)?;
        remove_folder(data.as_fd(), name).map_err(|source| HandlerDirError::Io {
            path: root.path().join("data").join(name),
            source,
        })
    }

    /// Makes sure that what is in place is `package`, file by file.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError::Different`] when a file is missing or has other bytes.
    pub fn expect(&self, package: &Package) -> Result<(), HandlerDirError> {
        for entry in package
            .archive()
            .entries()
            .iter()
            .filter(|entry| entry.kind() == EntryKind::File)
        {
            let expected = package.archive().content(entry.name()).map_err(StageError::from)?;
            let found = guest_file::read(self.package.as_fd(), entry.name(), entry.size()).map_err(|source| {
                HandlerDirError::Io {
                    path: self.base.join(entry.name()),
                    source,
                }
            })?;
            if found != GuestFile::Whole(expected) {
                return Err(HandlerDirError::Different(self.base.clone()));
            }
        }
        Ok(())
    }

    /// Which handler.
    pub fn identity(&self) -> &HandlerIdentity {
        &self.identity
    }

    /// The package folder's absolute path (`BASE` in the contract).
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Writes the settings file `name` as the agent does: an empty one for no settings (contract 4.1).
    ///
    /// # Errors
    ///
    /// What the system says; then the file is what it was.
    pub fn write_settings(&self, name: &SettingsName, settings: Option<&Settings>) -> Result<(), HandlerDirError> {
        let text = settings.map(Settings::to_agent_json).unwrap_or_default();
        let file = name.settings_file();
        write_whole(&self.config, &file, &[text.as_bytes()], READABLE).map_err(|source| HandlerDirError::Io {
            path: self.base.join("config").join(file),
            source,
        })
    }

    /// What the handler wrote as the status of `name`: at most `max` bytes.
    pub(crate) fn read_status(&self, name: &SettingsName, max: u64) -> io::Result<GuestFile> {
        guest_file::read(self.status.as_fd(), &name.status_file(), max)
    }

    /// What the handler wrote as its heartbeat: at most `max` bytes.
    pub(crate) fn read_heartbeat(&self, max: u64) -> io::Result<GuestFile> {
        guest_file::read(self.heartbeat.as_fd(), HEARTBEAT_FILE, max)
    }

    /// All that the handler sees, in the order in which it is told of it: the package folder first, and once more as
    /// `.`, so that programs of every language find their files.
    ///
    /// # Errors
    ///
    /// When a descriptor cannot be duplicated.
    pub fn folders(&self) -> io::Result<Vec<Folder>> {
        let base = self.base.display().to_string();
        let environment = &self.environment;
        let heartbeat = format!("{base}/heartbeat");
        let data = environment.data_folder.clone().unwrap_or_default();
        let events = environment.events_folder.clone().unwrap_or_default();
        [
            (base.clone(), Access::ReadOnly, &self.package),
            (".".to_owned(), Access::ReadOnly, &self.package),
            (environment.config_folder.clone(), Access::ReadOnly, &self.config),
            (environment.status_folder.clone(), Access::ReadWrite, &self.status),
            (heartbeat, Access::ReadWrite, &self.heartbeat),
            (environment.log_folder.clone(), Access::ReadWrite, &self.log),
            (events, Access::ReadWrite, &self.events),
            (data, Access::ReadWrite, &self.data),
        ]
        .into_iter()
        .map(|(name, access, folder)| {
            Ok(Folder {
                preopen: Preopen { name, access },
                descriptor: folder.try_clone()?,
            })
        })
        .collect()
    }
}

impl HandlerDirError {
    /// Whether a handler of that identity was in place already.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Stage(StageError::Exists(_)) | Self::Different(_))
    }
}
