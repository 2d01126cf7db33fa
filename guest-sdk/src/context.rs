//! What a command works on and with: its settings' number, its folders, its log, status, events and heartbeat.

use std::path::PathBuf;

use hostler_contract::{Command, ExtensionName, SequenceNumber, StatusKind};
use serde::de::DeserializeOwned;

use crate::{
    Arrival, Departure, EarlierExit, Failure, Folders, Heartbeat, Level, RawSettings, Substatus, exit_code,
    protected::{Protected, Source},
    reporting::{Reporting, unwritable},
    settings, state,
    status_file::StatusFile,
    variables::{Variables, name},
};

/// What a command works on and with.
#[derive(Debug)]
pub struct Context {
    command: Command,
    sequence_number: SequenceNumber,
    extension: Option<ExtensionName>,
    arrival: Arrival,
    folders: Folders,
    variables: Variables,
    reporting: Reporting,
    protected: Source,
}

/// What the command is and works on. Every method is free of file calls but for the two that read settings.
impl Context {
    /// The command that is running.
    pub fn command(&self) -> Command {
        self.command
    }

    /// The number of the settings that the command is run for (`ConfigSequenceNumber`).
    pub fn sequence_number(&self) -> SequenceNumber {
        self.sequence_number
    }

    /// The name of the extension, for a handler that has several of them (`ConfigExtensionName`).
    pub fn extension_name(&self) -> Option<&ExtensionName> {
        self.extension.as_ref()
    }

    /// Whether the settings with this number were carried out before.
    pub fn arrival(&self) -> Arrival {
        self.arrival
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

    /// The version that an update leads to: this one, or the lower one that the handler goes back to.
    pub(crate) fn target_version(&self) -> Option<&str> {
        self.variables.get(name::TARGET_VERSION).or_else(|| self.version())
    }

    /// In `update`: the version that is left. In a downgrade it is the lower one, as the agent has it (contract 7.4).
    pub fn previous_version(&self) -> Option<&str> {
        self.variables.get(name::UPDATING_FROM)
    }

    /// In `uninstall`: whether the handler leaves the machine or only makes room for another version of itself.
    ///
    /// Told by a note that `update` leaves in the data folder; an agent without one always uninstalls for good.
    pub fn departure(&self) -> Departure {
        Departure::of(self.version().unwrap_or_default(), &self.folders.data())
    }

    /// In `install` and `enable`: how the old version's uninstall ended in the same update.
    pub fn uninstall_exit(&self) -> EarlierExit {
        self.variables.uninstall_exit()
    }

    /// In `update`: how the old version's disable ended.
    pub fn disable_exit(&self) -> EarlierExit {
        self.variables.disable_exit()
    }

    /// In `update`, for a handler with several extensions: how disable ended for each, by extension name.
    pub fn disable_exits(&self) -> Vec<(String, EarlierExit)> {
        self.variables.disable_exits()
    }

    /// The value of an environment variable; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// The settings as delivered, read anew; `None` if the goal state has none.
    ///
    /// Commands other than `enable` may have a number whose settings file is not there: the disable of an update gets
    /// the number of the new version (contract 7.4).
    ///
    /// # Errors
    ///
    /// There is no such file, or it is not a settings file; exit code [`exit_code::SETTINGS`].
    pub fn raw_settings(&self) -> Result<Option<RawSettings>, Failure> {
        settings::read(self.folders.config(), self.extension_name(), self.sequence_number)
    }

    /// The protected settings as the handler's own type, opened by the host; `None` if the settings have none. To be asked
    /// for once: where they come on standard input they are gone then.
    ///
    /// ```
    /// # use hostler_sdk::{Context, Failure};
    /// #[derive(serde::Deserialize)]
    /// struct Credentials {
    ///     password: String,
    /// }
    ///
    /// fn log_in(context: &mut Context) -> Result<(), Failure> {
    ///     let Some(credentials) = context.protected_settings::<Credentials>()? else {
    ///         return Err(Failure::new("the protected settings have to hold `password`"));
    ///     };
    ///     connect(&credentials.expose().password)
    /// }
    /// # fn connect(_: &str) -> Result<(), Failure> { Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// They do not fit the type, or, in other commands than `enable`, cannot be opened; exit code
    /// [`exit_code::SETTINGS`]. No error shows anything of them.
    pub fn protected_settings<T: DeserializeOwned>(&self) -> Result<Option<Protected<T>>, Failure> {
        // A command whose settings file is not there has none.
        let settings = self.raw_settings().ok().flatten();
        self.protected.read(Some(self.command), settings)
    }
}

/// What the handler remembers from one command to the next.
impl Context {
    /// What [`keep_state`](Context::keep_state), or a service's, kept under this name; `None` where nothing was, or where a
    /// power cut left the file empty.
    ///
    /// ```
    /// # use hostler_sdk::{Command, Context, Failure, Handler, NoSettings, Success, harness::Harness};
    /// # #[derive(Default)]
    /// # struct Counter;
    /// impl Handler for Counter {
    ///     type Settings = NoSettings;
    ///
    ///     fn enable(&self, context: &mut Context, _: NoSettings) -> Result<Success, Failure> {
    ///         let before = context.state("count")?.map_or(0, |bytes| bytes[0]);
    ///         context.keep_state("count", &[before + 1])?;
    ///         Ok(Success::new(format!("enabled {} times", before + 1)))
    ///     }
    /// }
    ///
    /// let harness = Harness::<Counter>::new();
    /// harness.run(Command::Enable);
    /// let ran = harness.run(Command::Enable);
    /// assert_eq!(ran.status.unwrap().message.message, "enabled 2 times");
    /// ```
    ///
    /// # Errors
    ///
    /// The name is not a plain file name, or the file cannot be read.
    pub fn state(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        state::read(&self.folders, self.extension.as_ref(), name)
    }

    /// Keeps `bytes` for later commands, of later versions too, as a file of this name in the data folder; each extension of
    /// several has its own. The file is replaced in one step: whoever is stopped in the middle leaves what was there before.
    ///
    /// # Errors
    ///
    /// The name is not a plain file name, or the file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn keep_state(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        state::keep(&self.folders, self.extension.as_ref(), name, bytes)
    }
}

/// What the command tells.
impl Context {
    /// Adds a part to the status, or replaces the one with its name. Written with the next status.
    pub fn substatus(&mut self, part: Substatus) {
        self.reporting.status.put(part);
    }

    /// Writes the status `transitioning` with this message and the parts so far.
    ///
    /// # Errors
    ///
    /// The file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn transitioning(&mut self, message: &str) -> Result<(), Failure> {
        self.reporting
            .status
            .write(StatusKind::Transitioning, 0, message)
            .map_err(|error| unwritable("the status", error))
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

    /// Writes an event for the agent to collect. `task` names the part of the work; `message` is cut after 3072
    /// characters. Where the agent collects no events, it goes to the log.
    ///
    /// # Errors
    ///
    /// The message is blank, or the file cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn event(&mut self, level: Level, task: &str, message: &str) -> Result<(), Failure> {
        self.reporting.event(level, task, message)
    }

    /// Writes the heartbeat file. Read only if the manifest has `reportHeartbeat`, and stale after 600 seconds.
    ///
    /// # Errors
    ///
    /// The agent named no file, or it cannot be written; exit code [`exit_code::UNWRITABLE`].
    pub fn heartbeat(&mut self, status: Heartbeat, message: &str) -> Result<(), Failure> {
        self.reporting.heartbeat(status, message)
    }
}

/// What the command is made of, for the module that runs it.
impl Context {
    pub(crate) fn new(
        command: Command,
        number: SequenceNumber,
        extension: Option<ExtensionName>,
        folders: Folders,
        variables: Variables,
        protected: Source,
    ) -> Self {
        Self {
            command,
            sequence_number: number,
            reporting: Reporting::new(command.name(), number, extension.as_ref(), &folders, &variables),
            // Until the record of it was read, see `read_arrival`.
            arrival: Arrival::First,
            extension,
            folders,
            variables,
            protected,
        }
    }

    /// Finds out whether the settings were carried out before.
    pub(crate) fn read_arrival(&mut self) -> Result<(), Failure> {
        let mrseq = self.mrseq();
        self.arrival = Arrival::of(self.sequence_number, &mrseq).map_err(|error| {
            Failure::new(format!("{}: {error}", mrseq.display())).with_exit_code(exit_code::SURROUNDINGS)
        })?;
        Ok(())
    }

    pub(crate) fn mrseq(&self) -> PathBuf {
        self.folders.mrseq(self.extension_name())
    }

    pub(crate) fn status_file(&self) -> &StatusFile {
        &self.reporting.status
    }

    pub(crate) fn reporting(&mut self) -> &mut Reporting {
        &mut self.reporting
    }
}
