//! What a service works on and with: a handler that runs on after `enable`, until it is told to stop.

use std::{fmt, path::PathBuf, time::Duration};

use hostler_contract::{ExtensionName, SequenceNumber, StatusKind};
use serde::de::DeserializeOwned;

use crate::{
    Failure, Folders, Heartbeat, Level, Substatus, exit_code,
    protected::{Protected, Source},
    reporting::{Reporting, unwritable},
    settings, state,
    status_file::StatusFile,
    stop::{self, Waits},
    variables::{Variables, name},
};

/// The word that a service is started with, where a command has its own.
pub(crate) const WORD: &str = "service";

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The time is over.
    Elapsed,
    /// The service is to stop: standard input has ended. Every later wait says so at once.
    Stop,
}

/// What a service works on and with.
///
/// It has the folders, the settings and the grants of the `enable` before it. The host stops it before every command of
/// the handler and starts it after each `enable` that ended well, so what it is to know then lies in its
/// [state](Service::state).
pub struct Service<'a> {
    sequence_number: SequenceNumber,
    extension: Option<ExtensionName>,
    folders: Folders,
    variables: Variables,
    reporting: Reporting,
    // Made when it is first waited for: a handler without a service then needs nothing of what it takes.
    waits: Option<Box<dyn Waits + 'a>>,
    protected: Source,
}

/// What the service works on.
impl Service<'_> {
    /// The number of the settings that the service runs for (`ConfigSequenceNumber`).
    pub fn sequence_number(&self) -> SequenceNumber {
        self.sequence_number
    }

    /// The name of the extension, for a handler that has several of them (`ConfigExtensionName`).
    pub fn extension_name(&self) -> Option<&ExtensionName> {
        self.extension.as_ref()
    }

    /// The handler's folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// The data folder: the handler's own, kept over updates.
    pub fn data_folder(&self) -> PathBuf {
        self.folders.data()
    }

    /// This version of the handler, as the agent names it.
    pub fn version(&self) -> Option<&str> {
        self.variables.get(name::EXTENSION_VERSION)
    }

    /// The value of an environment variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// The protected settings as the handler's own type, as [`Context::protected_settings`](crate::Context::protected_settings)
    /// gives them; only a component for WASI 0.2 can ask for them.
    ///
    /// # Errors
    ///
    /// They do not fit the type, or the service is no such component; exit code [`exit_code::SETTINGS`].
    pub fn protected_settings<T: DeserializeOwned>(&self) -> Result<Option<Protected<T>>, Failure> {
        let settings = settings::read(self.folders.config(), self.extension_name(), self.sequence_number)?;
        self.protected.read(None, settings)
    }

    /// What [`keep_state`](Service::keep_state) kept under this name; `None` where nothing was, or where a power cut
    /// left the file empty.
    ///
    /// # Errors
    ///
    /// The name is not a plain file name, or the file cannot be read.
    pub fn state(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        state::read(&self.folders, self.extension.as_ref(), name)
    }

    /// Keeps `bytes` for the next run of the service, as a file of this name in the data folder; each extension of
    /// several has its own. The file is replaced in one step.
    ///
    /// # Errors
    ///
    /// The name is not a plain file name, or the file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn keep_state(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        state::keep(&self.folders, self.extension.as_ref(), name, bytes)
    }
}

/// Waiting, and being told to stop.
impl Service<'_> {
    /// Sleeps until `time` is over or the service is to stop.
    ///
    /// Told to stop, a service has a few seconds to return `Ok` before it is ended. It does not notice while it works:
    /// work that takes longer asks [`is_stopping`](Service::is_stopping) in between.
    pub fn wait(&mut self, time: Duration) -> Wait {
        self.waits
            .get_or_insert_with(|| Box::new(stop::StandardInput::new()))
            .wait(time)
    }

    /// Whether the service is to stop, without waiting for it.
    pub fn is_stopping(&mut self) -> bool {
        self.wait(Duration::ZERO) == Wait::Stop
    }
}

/// What the service tells.
impl Service<'_> {
    /// Adds a part to the status, or replaces the one with its name. Written with the next status.
    ///
    /// The parts that `enable` wrote are not among them: the status is replaced as a whole.
    pub fn substatus(&mut self, part: Substatus) {
        self.reporting.status.put(part);
    }

    /// Writes the status of the settings anew, with this message and the parts so far. Its code is 0, that of an error 1.
    ///
    /// The time at which the settings were carried out stays the one that `enable` wrote.
    ///
    /// # Errors
    ///
    /// The file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn status(&mut self, kind: StatusKind, message: &str) -> Result<(), Failure> {
        let code = i32::from(kind == StatusKind::Error);
        self.reporting
            .status
            .write(kind, code, message)
            .map_err(|error| unwritable("the status", error))
    }

    /// Writes the heartbeat file. Read only if the manifest has `reportHeartbeat`, and stale after 600 seconds.
    ///
    /// # Errors
    ///
    /// The agent named no file, or it cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn heartbeat(&mut self, status: Heartbeat, message: &str) -> Result<(), Failure> {
        self.reporting.heartbeat(status, message)
    }

    /// Writes an event for the agent to collect. `task` names the part of the work; `message` is cut after 3072
    /// characters. Where the agent collects no events, it goes to the log.
    ///
    /// # Errors
    ///
    /// The message is blank, or the file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn event(&mut self, level: Level, task: &str, message: &str) -> Result<(), Failure> {
        self.reporting.event(level, task, message)
    }

    /// Adds a line to the handler's log in the log folder. Settings do not belong there: they may be confidential.
    pub fn log(&mut self, level: Level, message: &str) {
        self.reporting.log(level, message);
    }

    /// Adds a line about what is being done.
    pub fn info(&mut self, message: &str) {
        self.log(Level::Informational, message);
    }

    /// Adds a line about something odd.
    pub fn warning(&mut self, message: &str) {
        self.log(Level::Warning, message);
    }
}

/// What the service is made of, for the module that runs it.
impl<'a> Service<'a> {
    /// A service that `waits` tells to stop, or where that is `None`, standard input.
    pub(crate) fn new(
        number: SequenceNumber,
        extension: Option<ExtensionName>,
        folders: Folders,
        variables: Variables,
        protected: Source,
        waits: Option<Box<dyn Waits + 'a>>,
    ) -> Self {
        let mut reporting = Reporting::new(WORD, number, extension.as_ref(), &folders, &variables);
        reporting.status.keep_applied_time();
        Self {
            sequence_number: number,
            extension,
            folders,
            variables,
            reporting,
            waits,
            protected,
        }
    }

    pub(crate) fn status_file(&self) -> &StatusFile {
        &self.reporting.status
    }

    pub(crate) fn reporting(&mut self) -> &mut Reporting {
        &mut self.reporting
    }
}

impl fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("sequence_number", &self.sequence_number)
            .field("extension", &self.extension)
            .field("folders", &self.folders)
            .finish_non_exhaustive()
    }
}

/// What a handler says that is started as a service and is none.
pub(crate) fn missing() -> Failure {
    Failure::new("this handler has no service; its manifest should name no `serviceCommand`")
        .with_exit_code(exit_code::USAGE)
}
