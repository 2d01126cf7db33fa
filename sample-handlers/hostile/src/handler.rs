//! The handler's side of the contract, no more of it than an attacker needs: where its folders are, what its settings
//! say, and how a status is written.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use serde_json::{Value, json};

/// Why an attack could not be made, or went wrong in a way that is not the point of it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The folders and files that `HandlerEnvironment.json` names (contract 3), and the sequence number.
pub(crate) struct Handler {
    /// The package folder.
    pub(crate) base: PathBuf,
    /// `ConfigSequenceNumber`, as it came.
    pub(crate) sequence: String,
    /// The folder of settings.
    pub(crate) config: PathBuf,
    /// The folder of status files.
    pub(crate) status: PathBuf,
    /// The folder of logs.
    pub(crate) log: PathBuf,
    /// The folder that survives an update; the log folder where the host has none.
    pub(crate) data: PathBuf,
    /// The heartbeat file.
    pub(crate) heartbeat: PathBuf,
}

impl Handler {
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let variable = |name: &str| env::var(name).map_err(|_| Failure::new(format!("{name} is not set")));
        let base = PathBuf::from(variable("AZURE_GUEST_AGENT_EXTENSION_PATH")?);
        let sequence = variable("ConfigSequenceNumber")?;
        let document = read_json(&base.join("HandlerEnvironment.json"))?;
        let folder = |key: &str| {
            document
                .pointer(&format!("/0/handlerEnvironment/{key}"))
                .and_then(Value::as_str)
        };
        let needed = |key: &str| {
            folder(key)
                .map(PathBuf::from)
                .ok_or_else(|| Failure::new(format!("HandlerEnvironment.json has no {key}")))
        };
        let log = needed("logFolder")?;
        Ok(Self {
            config: needed("configFolder")?,
            status: needed("statusFolder")?,
            heartbeat: needed("heartbeatFile")?,
            data: folder("dataFolder").map_or_else(|| log.clone(), PathBuf::from),
            log,
            base,
            sequence,
        })
    }

    /// The public settings of this sequence number (contract 4.1).
    pub(crate) fn public_settings(&self) -> Result<Parameters, Failure> {
        let mut settings = read_json(&self.settings_file())?;
        let public = settings
            .pointer_mut("/runtimeSettings/0/handlerSettings/publicSettings")
            .map(Value::take);
        Ok(Parameters(public.unwrap_or_default()))
    }

    /// `config/<sequence number>.settings`.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.config.join(format!("{}.settings", self.sequence))
    }

    /// `status/<sequence number>.status`.
    pub(crate) fn status_file(&self) -> PathBuf {
        self.status.join(format!("{}.status", self.sequence))
    }

    /// Writes a whole status file with that word and message (contract 5.1).
    pub(crate) fn write_status(&self, word: &str, message: &str) -> Result<(), Failure> {
        let path = self.status_file();
        fs::write(&path, status_document(word, message)).map_err(Failure::at(&path))
    }
}

/// The text of a status document.
pub(crate) fn status_document(word: &str, message: &str) -> String {
    json!([{
        "version": "1.0",
        "timestampUTC": "2020-01-01T00:00:00Z",
        "status": {
            "name": "hostile",
            "operation": "enable",
            "status": word,
            "code": 0,
            "formattedMessage": { "lang": "en-US", "message": message },
        },
    }])
    .to_string()
}

fn read_json(path: &Path) -> Result<Value, Failure> {
    let bytes = fs::read(path).map_err(Failure::at(path))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The public settings: the verb and its parameters.
pub(crate) struct Parameters(Value);

impl Parameters {
    /// The text parameter `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Whether the parameter `name` is true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The number parameter `name`, or `default`.
    pub(crate) fn number(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).and_then(Value::as_u64).unwrap_or(default)
    }

    /// The number parameter `name` as a size in memory, or `default`.
    pub(crate) fn size(&self, name: &str, default: usize) -> usize {
        self.0
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(default)
    }
}
