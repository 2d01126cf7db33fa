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

mod beside_agent;
mod carry_over;
mod command_log;
mod copy;
mod extension_files;
mod installed;
mod kept;
mod known_values;
mod layout;
mod log_follow;
mod logs;
mod removal;
mod settings_file;
mod status_folders;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use hostler_contract::{ENVIRONMENT_FILE, HandlerEnvironment, HandlerIdentity, Refused};
use hostler_package::{Durability, PackageDigest, StageError, Staged, clear};
use rustix::fs::{Mode, OFlags, openat, renameat};
use rustix::io::Errno;

use crate::guest_file::{self, GuestFile};
use crate::host_file::{remove_unfinished, write_whole_as};
use crate::limits::Quota;
use crate::root::{Root, RootError, make_folder};
use crate::sandbox::{Access, Folder, OpenFolder, Preopen};
use crate::secrets::Keys;
pub(crate) use beside_agent::AgentFolders;
pub(crate) use installed::missing as missing_command;
pub use installed::{Installed, PackageRecord};
pub(crate) use kept::{drop_kept, keep, put_back};
pub(crate) use known_values::known_values;
use layout::{LOG_FOLDER, PRIVATE, READABLE, base, environment, events_folder};
pub use log_follow::LogFollower;
pub use logs::LogFile;
pub(crate) use removal::{clear_staging, present, remove_data, remove_package};
pub use status_folders::StatusFolders;

/// The folders of the contract that lie in the package folder.
const OWN_FOLDERS: [&str; 3] = ["config", "status", "heartbeat"];

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A handler's folders, open.
#[derive(Debug)]
pub struct HandlerDir {
    identity: HandlerIdentity,
    environment: HandlerEnvironment,
    base: PathBuf,
    package: OpenFolder,
    config: OpenFolder,
    status: OpenFolder,
    heartbeat: OpenFolder,
    log: OpenFolder,
    events: OpenFolder,
    data: OpenFolder,
    keys: Keys,
    durability: Durability,
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

/// What makes room for a package of the same version, in `staging`.
const REPLACED: &str = "replaced";

/// Moves settings, statuses and heartbeat of the package in `staging` that made room into the one that was `placed`, in
/// the place of its empty folders.
fn keep_own_folders(staging: BorrowedFd<'_>, placed: BorrowedFd<'_>) -> io::Result<()> {
    let earlier = match openat(staging, REPLACED, FOLDER, Mode::empty()) {
        Ok(earlier) => earlier,
        // Something else than a folder was in its place, a link: it goes.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for folder in OWN_FOLDERS {
        match renameat(&earlier, folder, placed, folder) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

impl HandlerDir {
    /// Opens the folder in which packages are written out, empty: what a host that was killed left there goes. Nobody
    /// else works in this root, since it is locked.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError`].
    pub fn staging(root: &Root) -> Result<OwnedFd, HandlerDirError> {
        let staging = root.folder(&["staging"], PRIVATE)?;
        let path = root.path().join("staging");
        clear(staging.as_fd()).map_err(|source| HandlerDirError::Io { path, source })?;
        Ok(staging)
    }

    /// Puts `staged`, the files of a package in [`HandlerDir::staging`], in place as `identity`, with the folders and the
    /// environment file of the contract, all at once or not at all. What is there of an earlier attempt makes room; its
    /// settings, statuses and heartbeat stay, as they do in the agent, which unpacks over them.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError`].
    pub fn place(root: &Root, identity: &HandlerIdentity, staged: Staged) -> Result<Self, HandlerDirError> {
        let environment = environment(root, identity)?;
        let staging = root.folder(&["staging"], PRIVATE)?;
        let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
        let base = base(root, identity);
        let io = |source| HandlerDirError::Io {
            path: base.clone(),
            source,
        };
        let name = identity.to_string();
        for folder in OWN_FOLDERS {
            make_folder(staged.folder(), folder, PRIVATE, root.durability()).map_err(io)?;
        }
        let text = environment.to_agent_json(&identity.name);
        write_whole_as(
            staged.folder(),
            ENVIRONMENT_FILE,
            &[text.as_bytes()],
            READABLE,
            root.durability(),
        )
        .map_err(io)?;
        match renameat(&handlers, &name, &staging, REPLACED) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(io(error.into())),
        }
        let placed = staged.publish(handlers.as_fd(), &name)?;
        keep_own_folders(staging.as_fd(), placed.as_fd()).map_err(io)?;
        clear(staging.as_fd()).map_err(io)?;
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
        for folder in [&folders.package, &folders.config, &folders.status] {
            remove_unfinished(folder).map_err(|source| HandlerDirError::Io {
                path: folders.base.clone(),
                source,
            })?;
        }
        // As the agent does at every start: the root may have been moved (contract 3).
        folders.keep_environment()?;
        Ok(Some(folders))
    }

    /// Writes the environment file where it says anything else than it should.
    fn keep_environment(&self) -> Result<(), HandlerDirError> {
        let text = self.environment.to_agent_json(&self.identity.name);
        let io = |source| HandlerDirError::Io {
            path: self.base.join(ENVIRONMENT_FILE),
            source,
        };
        let there = guest_file::read(self.package.as_fd(), ENVIRONMENT_FILE, text.len() as u64).map_err(io)?;
        if there != GuestFile::Whole(text.clone().into_bytes()) {
            write_whole_as(
                &self.package,
                ENVIRONMENT_FILE,
                &[text.as_bytes()],
                READABLE,
                self.durability,
            )
            .map_err(io)?;
        }
        Ok(())
    }

    fn open_with(
        root: &Root,
        identity: &HandlerIdentity,
        environment: HandlerEnvironment,
    ) -> Result<Self, HandlerDirError> {
        let name = identity.name.as_str();
        let base = base(root, identity);
        let handlers = root.folder(&["handlers"], LOG_FOLDER)?;
        let package =
            openat(&handlers, identity.to_string(), FOLDER, Mode::empty()).map_err(|error| HandlerDirError::Io {
                path: base.clone(),
                source: error.into(),
            })?;
        // A handler may remove what is in its folders but not the folders; an operator may, and then they come back.
        let inside = |name: &str| {
            make_folder(package.as_fd(), name, PRIVATE, root.durability()).map_err(|source| HandlerDirError::Io {
                path: base.join(name),
                source,
            })
        };
        Ok(Self {
            identity: identity.clone(),
            environment,
            config: inside("config")?.into(),
            status: inside("status")?.into(),
            heartbeat: inside("heartbeat")?.into(),
            log: root.folder(&["logs", name], LOG_FOLDER)?.into(),
            events: events_folder(root, name)?.into(),
            data: root.folder(&["data", name], PRIVATE)?.into(),
            keys: root.keys().clone(),
            durability: root.durability(),
            base,
            package: package.into(),
        })
    }

    /// Which handler.
    pub fn identity(&self) -> &HandlerIdentity {
        &self.identity
    }

    /// The package folder's absolute path (`BASE` in the contract).
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Whether there is a package folder for `identity` below `root`.
    pub(crate) fn is_there(root: &Root, identity: &HandlerIdentity) -> bool {
        base(root, identity)
            .symlink_metadata()
            .is_ok_and(|found| found.is_dir())
    }

    /// The package, as far as it is still what `record` says.
    ///
    /// # Errors
    ///
    /// As the manifest's parser, and `pkg.changed` or `manifest.missing`.
    pub fn installed(&self, record: &PackageRecord) -> Result<Installed, Refused> {
        Installed::load(self.package.as_fd(), record)
    }

    /// The bytes of the component `name` of `installed`, which lies here.
    ///
    /// # Errors
    ///
    /// `manifest.command_target` for one that is gone, `pkg.changed` for one with other bytes.
    pub fn component(&self, installed: &Installed, name: &str) -> Result<Vec<u8>, Refused> {
        Ok(self.component_with_digest(installed, name)?.0)
    }

    /// The same with their digest.
    ///
    /// # Errors
    ///
    /// As [`Self::component`].
    pub(crate) fn component_with_digest(
        &self,
        installed: &Installed,
        name: &str,
    ) -> Result<(Vec<u8>, PackageDigest), Refused> {
        installed.component(self.package.as_fd(), name)
    }

    /// All that the handler sees, in the order in which it is told of it: the package folder first, and once more as
    /// `.`, so that programs of every language find their files.
    pub fn folders(&self) -> Vec<Folder> {
        let open = |(preopen, open): (_, &OpenFolder)| Folder {
            preopen,
            open: open.clone(),
        };
        self.open_folders().into_iter().map(open).collect()
    }

    /// The names and accesses of [`Self::folders`].
    pub fn preopens(&self) -> Vec<Preopen> {
        self.open_folders().into_iter().map(|(preopen, _)| preopen).collect()
    }

    fn open_folders(&self) -> Vec<(Preopen, &OpenFolder)> {
        let base = self.base.display().to_string();
        let environment = &self.environment;
        let heartbeat = format!("{base}/heartbeat");
        let data = environment.data_folder.clone().unwrap_or_default();
        let events = environment.events_folder.clone().unwrap_or_default();
        [
            (base.clone(), Access::ReadOnly, &self.package),
            (".".to_owned(), Access::ReadOnly, &self.package),
            (environment.config_folder.clone(), Access::ReadOnly, &self.config),
            (
                environment.status_folder.clone(),
                Access::ReadWrite(Quota::Status),
                &self.status,
            ),
            (heartbeat, Access::ReadWrite(Quota::Heartbeat), &self.heartbeat),
            (environment.log_folder.clone(), Access::ReadWrite(Quota::Log), &self.log),
            (events, Access::ReadWrite(Quota::Events), &self.events),
            (data, Access::ReadWrite(Quota::Data), &self.data),
        ]
        .into_iter()
        .map(|(name, access, folder)| {
            let preopen = Preopen {
                name,
                access,
                granted: false,
            };
            (preopen, folder)
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
