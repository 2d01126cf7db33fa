//! A handler folder for tests, laid out as an agent does, and commands run in it without wasm.
//!
//! ```
//! use hostler_sdk::{Command, Context, Failure, Handler, StatusKind, Success, harness::Harness};
//!
//! #[derive(Default)]
//! struct Greeter;
//!
//! #[derive(serde::Deserialize)]
//! struct Settings {
//!     name: String,
//! }
//!
//! impl Handler for Greeter {
//!     type Settings = Settings;
//!
//!     fn enable(&self, _: &mut Context, settings: Settings) -> Result<Success, Failure> {
//!         Ok(Success::new(format!("Hello, {}", settings.name)))
//!     }
//! }
//!
//! let mut harness = Harness::<Greeter>::new();
//! harness.with_settings(r#"{"name": "Ada"}"#);
//! let ran = harness.run(Command::Enable);
//! assert_eq!(ran.exit_code, 0);
//! assert_eq!(ran.status.unwrap().message.message, "Hello, Ada");
//!
//! harness.with_settings("{}");
//! let ran = harness.run(Command::Enable);
//! assert_eq!(ran.status.unwrap().kind, StatusKind::Error);
//! ```

mod history;
mod service;

use std::{
    collections::BTreeMap,
    fs, io,
    marker::PhantomData,
    path::{Path, PathBuf},
    process::Output,
    time::SystemTime,
};

use hostler_contract::{Command, ENVIRONMENT_FILE, HandlerEnvironment, HandlerName};
use tempfile::TempDir;

pub use self::history::History;
pub use self::service::Turn;
use crate::{Handler, Status, clock, protected::Source, run::run, variables::name};

/// A handler's folders in a temporary one, which goes when this value goes.
///
/// # Panics
///
/// Every method panics where the temporary folder cannot be written or read: a test has nothing better to do.
#[derive(Debug)]
pub struct Harness<H> {
    root: TempDir,
    sequence_number: u32,
    extension: Option<String>,
    variables: BTreeMap<String, String>,
    protected: Option<String>,
    time: Option<SystemTime>,
    handler: PhantomData<fn() -> H>,
}

/// What came of one command.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What the program would have ended with.
    pub exit_code: u8,
    /// Why it failed, as the program would have said on standard error.
    pub failure: Option<String>,
    /// The status file of the command's settings number, if there is one.
    pub status: Option<Status>,
    /// The handler's log of this and earlier commands.
    pub log: String,
    /// Texts of the files in the data folder, by path in it with `/` between the parts.
    pub files: BTreeMap<String, String>,
}

impl<H: Handler> Harness<H> {
    /// The folders of a handler that was just unpacked, in a goal state without settings.
    pub fn new() -> Self {
        let harness = Self {
            root: tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}")),
            sequence_number: 0,
            extension: None,
            variables: BTreeMap::new(),
            protected: None,
            time: None,
            handler: PhantomData,
        };
        harness
            .lay_out()
            .unwrap_or_else(|error| panic!("no handler folder: {error}"));
        harness
    }

    fn lay_out(&self) -> io::Result<()> {
        for folder in [
            self.folder("config"),
            self.folder("status"),
            self.folder("heartbeat"),
            self.log_folder().join("events"),
            self.data_folder(),
        ] {
            fs::create_dir_all(folder)?;
        }
        let path = |folder: PathBuf| folder.to_string_lossy().into_owned();
        let environment = HandlerEnvironment {
            log_folder: path(self.log_folder()),
            config_folder: path(self.folder("config")),
            status_folder: path(self.folder("status")),
            heartbeat_file: Some(path(self.folder("heartbeat").join("heartbeat.log"))),
            events_folder: Some(path(self.log_folder().join("events"))),
            data_folder: Some(path(self.data_folder())),
        };
        let name = HandlerName::parse("Hostler.Tested").map_err(|error| io::Error::other(error.what().to_owned()))?;
        fs::write(self.folder(ENVIRONMENT_FILE), environment.to_agent_json(&name))?;
        fs::write(self.settings_file(), "")
    }

    /// Writes public settings under the next sequence number, which the commands that follow get.
    ///
    /// `public` is JSON text, or anything that shows as such (`serde_json::json!({...})`).
    pub fn with_settings(&mut self, public: impl ToString) -> &mut Self {
        let number = self.sequence_number + 1;
        self.with_settings_numbered(number, public)
    }

    /// Writes public settings under this sequence number, which the commands that follow get.
    pub fn with_settings_numbered(&mut self, number: u32, public: impl ToString) -> &mut Self {
        self.with_settings_file(number, settings_text(&public.to_string()))
    }

    /// Hands these protected settings, opened, to what is [run](Harness::run) or served in this process from now on: JSON
    /// text, or anything that shows as such.
    pub fn with_protected_settings(&mut self, protected: impl ToString) -> &mut Self {
        self.protected = Some(protected.to_string());
        self
    }

    /// Writes this text as the settings file of this sequence number, which the commands that follow get.
    pub fn with_settings_file(&mut self, number: u32, text: impl AsRef<[u8]>) -> &mut Self {
        self.sequence_number = number;
        fs::write(self.settings_file(), text).unwrap_or_else(|error| panic!("settings: {error}"));
        self
    }

    /// Makes the commands that follow those of one extension of several, in a goal state without settings for it.
    pub fn with_extension(&mut self, name: &str) -> &mut Self {
        self.extension = Some(name.to_owned());
        self.with_settings_file(0, "")
    }

    /// Sets an environment variable for the commands that follow, for example
    /// `AZURE_GUEST_AGENT_UPDATING_FROM_VERSION`.
    pub fn with_variable(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Lets the clock of what is [run](Harness::run) or served in this process stand at `time`, for what the SDK writes and
    /// for who asks [`now`](crate::now).
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use hostler_sdk::{Command, Context, Failure, Handler, NoSettings, Success, harness::Harness};
    ///
    /// #[derive(Default)]
    /// struct Teller;
    ///
    /// impl Handler for Teller {
    ///     type Settings = NoSettings;
    ///
    ///     fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
    ///         Ok(Success::new(hostler_sdk::utc(hostler_sdk::now())))
    ///     }
    /// }
    ///
    /// let mut harness = Harness::<Teller>::new();
    /// harness.with_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096));
    /// let ran = harness.run(Command::Enable);
    /// assert_eq!(ran.status.unwrap().message.message, "2024-02-29T12:34:56Z");
    /// ```
    pub fn with_time(&mut self, time: SystemTime) -> &mut Self {
        self.time = Some(time);
        self
    }

    /// Runs one command in this process, as the agent would start it.
    pub fn run(&self, command: Command) -> Ran {
        let outcome = clock::set::during(self.time, || {
            run::<H>(
                command,
                self.variables().into_iter().collect(),
                Source::Given(self.protected.clone()),
            )
        });
        self.look(
            outcome.as_ref().map_or_else(crate::Failure::exit_code, |()| 0),
            outcome.err().map(|failure| failure.to_string()),
        )
    }

    /// Runs one command of the program `binary` in a process of its own, for tests of the program itself
    /// (`env!("CARGO_BIN_EXE_my-handler")`).
    pub fn run_program(&self, binary: impl AsRef<Path>, command: Command) -> Ran {
        let output = self
            .program(binary.as_ref(), command.name())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.as_ref().display()));
        self.ended(&output)
    }

    fn program(&self, binary: &Path, word: &str) -> std::process::Command {
        let mut program = std::process::Command::new(binary);
        program
            .arg(word)
            .current_dir(self.package_folder())
            .env_clear()
            .envs(self.variables());
        program
    }

    fn ended(&self, output: &Output) -> Ran {
        let exit_code = output.status.code().and_then(|code| u8::try_from(code).ok());
        let failure = String::from_utf8_lossy(&output.stderr).into_owned();
        self.look(
            exit_code.unwrap_or_else(|| panic!("ended by a signal: {}", output.status)),
            (!failure.is_empty()).then_some(failure),
        )
    }

    /// The environment variables that a command gets (contract 7.6).
    pub fn variables(&self) -> BTreeMap<String, String> {
        let base = self.package_folder().display().to_string();
        let mut variables = BTreeMap::from([
            (name::EXTENSION_PATH.to_owned(), base.clone()),
            (name::WORKING_DIRECTORY.to_owned(), base),
            (name::EXTENSION_VERSION.to_owned(), "1.0.0".to_owned()),
            (name::SEQUENCE_NUMBER.to_owned(), self.sequence_number.to_string()),
        ]);
        if let Some(extension) = &self.extension {
            variables.insert(name::EXTENSION_NAME.to_owned(), extension.clone());
        }
        variables.extend(self.variables.clone());
        variables
    }

    /// The folder that the package is unpacked to.
    pub fn package_folder(&self) -> PathBuf {
        self.root.path().join("handlers/Hostler.Tested-1.0.0")
    }

    /// The data folder.
    pub fn data_folder(&self) -> PathBuf {
        self.root.path().join("data/Hostler.Tested")
    }

    /// The log folder.
    pub fn log_folder(&self) -> PathBuf {
        self.root.path().join("logs/Hostler.Tested")
    }

    /// The heartbeat file.
    pub fn heartbeat_file(&self) -> PathBuf {
        self.folder("heartbeat").join("heartbeat.log")
    }

    /// The status file of the settings number as it is now, if there is one.
    pub fn status(&self) -> Option<Status> {
        let status = self.folder("status").join(format!("{}.status", self.settings_name()));
        fs::read(status)
            .ok()
            .map(|text| Status::from_json(&text).unwrap_or_else(|error| panic!("status file: {error}")))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.package_folder().join(name)
    }

    fn settings_file(&self) -> PathBuf {
        self.folder("config").join(format!("{}.settings", self.settings_name()))
    }

    fn settings_name(&self) -> String {
        self.own(&self.sequence_number.to_string())
    }

    /// What a file is called that each extension of several has of its own.
    fn own(&self, name: &str) -> String {
        match &self.extension {
            Some(extension) => format!("{extension}.{name}"),
            None => name.to_owned(),
        }
    }

    fn look(&self, exit_code: u8, failure: Option<String>) -> Ran {
        let log = match &self.extension {
            Some(extension) => format!("handler_{extension}.log"),
            None => "handler.log".to_owned(),
        };
        let mut files = BTreeMap::new();
        let data = self.data_folder();
        collect(&data, &data, &mut files).unwrap_or_else(|error| panic!("data folder: {error}"));
        Ran {
            exit_code,
            failure,
            status: self.status(),
            log: fs::read_to_string(self.log_folder().join(log)).unwrap_or_default(),
            files,
        }
    }
}

impl<H: Handler> Default for Harness<H> {
    fn default() -> Self {
        Self::new()
    }
}

/// A settings file with these public settings.
fn settings_text(public: &str) -> String {
    format!(
        r#"{{"runtimeSettings": [{{"handlerSettings": {{"publicSettings": {public}, "protectedSettings": null, "protectedSettingsCertThumbprint": null}}}}]}}"#
    )
}

/// Puts the texts of all files below `folder` into `files`.
fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(root, &path, files)?;
        }
        // Links are not followed: what they lead to does not lie in the data folder.
        if !kind.is_file() {
            continue;
        }
        let parts = path.strip_prefix(root).unwrap_or(&path).iter();
        let name: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
        files.insert(name.join("/"), String::from_utf8_lossy(&fs::read(&path)?).into_owned());
    }
    Ok(())
}
