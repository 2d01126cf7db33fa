//! A handler's folders where the native agent made them: its package lies in a folder of a launcher package, and all else
//! where that agent's `HandlerEnvironment.json` says (contract 2 and 3).
//!
//! ```text
//! LIB/<Publisher.Type>-<version>/            the launcher package, the agent's HandlerEnvironment.json, config/  status/
//!                                 handler/   the handler's own package, its HandlerEnvironment.json, heartbeat/
//! LIB/hostler/<Publisher.Type>/data/
//! LOGROOT/<Publisher.Type>/  events/
//! ```
//!
//! Paths are those of the agent, whose user can change them, and are believed as far as that; what lies in folders that the
//! handler can write in is still opened without following anything.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use hostler_contract::{ExtensionStatus, HandlerEnvironment, HandlerIdentity, SettingsName};
use hostler_package::{Durability, remove_folder};
use rustix::fs::{AtFlags, CWD, FileType, Mode, openat, statat};
use rustix::io::Errno;
use time::OffsetDateTime;

use super::known_values::of_folder;
use super::layout::{HEARTBEAT_FILE, PRIVATE, READABLE, folder_in};
use super::{FOLDER, HandlerDir, HandlerDirError, StatusFolders};
use crate::host_file::{remove_unfinished, write_whole};
use crate::root::make_folder;
use crate::secrets::Keys;

/// The folder of the handler's own package in a launcher package.
const HANDLER: &str = "handler";

/// What of a handler the native agent made, and the folder of its data, which that one knows nothing of.
#[derive(Debug)]
pub(crate) struct AgentFolders<'a> {
    /// The folder of the launcher package.
    pub(crate) base: &'a Path,
    /// The agent's word on where the folders lie.
    pub(crate) environment: HandlerEnvironment,
    /// The handler's data folder, and its path.
    pub(crate) data: (OwnedFd, PathBuf),
    /// What opens its protected settings.
    pub(crate) keys: Keys,
}

impl HandlerDir {
    /// Opens the folders of `identity` as `agent` has them, and writes the environment file that the handler is to see: the
    /// agent's, with a heartbeat file in a folder that the handler can write in, and with `dataFolder`.
    ///
    /// # Errors
    ///
    /// [`HandlerDirError`] when one is missing or a link.
    pub(crate) fn beside_agent(identity: &HandlerIdentity, agent: AgentFolders<'_>) -> Result<Self, HandlerDirError> {
        let text = |path: &Path| path.to_str().map(str::to_owned);
        let not_text = |path: &Path| HandlerDirError::NotText(path.to_owned());
        let base = agent.base.join(HANDLER);
        let heartbeat_file = base.join("heartbeat").join(HEARTBEAT_FILE);
        let (data, data_path) = agent.data;
        let mut environment = agent.environment;
        environment.heartbeat_file = Some(text(&heartbeat_file).ok_or_else(|| not_text(&heartbeat_file))?);
        environment.data_folder = Some(text(&data_path).ok_or_else(|| not_text(&data_path))?);
        // An agent without events collects none; a handler that writes some anyway finds its folder.
        let events_path = environment
            .events_folder
            .get_or_insert_with(|| format!("{}/events", environment.log_folder));
        let events_path = PathBuf::from(&*events_path);

        let package = open(&base)?;
        let log = open(Path::new(&environment.log_folder))?;
        // The handler may write in the folder above it, and then it is found from there, as what it is now.
        let events = match events_path
            .strip_prefix(&environment.log_folder)
            .ok()
            .and_then(Path::to_str)
        {
            Some(name) if !name.contains('/') && !name.is_empty() => {
                folder_in(log.as_fd(), name, Durability::OnDisk).map_err(|source| io_error(&events_path, source))?
            }
            _ => open(&events_path)?,
        };
        let heartbeat = make_folder(package.as_fd(), "heartbeat", PRIVATE, Durability::OnDisk)
            .map_err(|source| io_error(&base, source))?;
        let folders = Self {
            identity: identity.clone(),
            config: open(Path::new(&environment.config_folder))?.into(),
            status: open(Path::new(&environment.status_folder))?.into(),
            environment,
            base,
            package: package.into(),
            heartbeat: heartbeat.into(),
            log: log.into(),
            events: events.into(),
            data: data.into(),
            keys: agent.keys,
            durability: Durability::OnDisk,
        };
        for folder in [&folders.package, &folders.status] {
            remove_unfinished(folder).map_err(|source| io_error(&folders.base, source))?;
        }
        folders.keep_environment()?;
        Ok(folders)
    }

    /// The folders that reports are made from, with what is known of the handler's protected settings now.
    pub(crate) fn status_folders(&self) -> StatusFolders {
        StatusFolders::of(
            &self.status,
            &self.heartbeat,
            of_folder(self.config.as_fd(), &self.keys),
        )
    }

    /// Writes `status` as the handler's for `name`, in the place of whatever lies there (design D10: where there is no report
    /// of ours, this is the place to say it).
    ///
    /// # Errors
    ///
    /// What the system says; then what was there is there.
    pub(crate) fn write_status(&self, name: &SettingsName, status: &ExtensionStatus) -> io::Result<()> {
        let file = name.status_file();
        match statat(&self.status, &*file, AtFlags::SYMLINK_NOFOLLOW) {
            // No file takes the place of a folder.
            Ok(there) if FileType::from_raw_mode(there.st_mode) == FileType::Directory => {
                remove_folder(self.status.as_fd(), &file)?;
            }
            Ok(_) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let text = status.to_json(self.identity.name.as_str(), OffsetDateTime::now_utc());
        write_whole(&self.status, &file, &[text.as_bytes()], READABLE)
    }
}

fn open(path: &Path) -> Result<OwnedFd, HandlerDirError> {
    openat(CWD, path, FOLDER, Mode::empty()).map_err(|error| io_error(path, error.into()))
}

fn io_error(path: &Path, source: io::Error) -> HandlerDirError {
    HandlerDirError::Io {
        path: path.to_owned(),
        source,
    }
}
