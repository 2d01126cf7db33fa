//! Where the handler's folders are, and what its settings and its package say.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// The file of the package with instructions for commands that the settings say nothing of.
const BEHAVIOUR: &str = "behaviour.json";

/// The folders that `HandlerEnvironment.json` names (contract 3), and what the variables say (contract 7.6).
pub(crate) struct Place {
    /// The folder of logs.
    pub(crate) log: PathBuf,
    /// The folder of settings.
    pub(crate) config: PathBuf,
    /// The folder of status files.
    pub(crate) status: PathBuf,
    /// The heartbeat file.
    pub(crate) heartbeat: PathBuf,
    /// The folder that survives an update; none on hosts that have no such folder.
    pub(crate) data: Option<PathBuf>,
    /// The folder of events.
    pub(crate) events: Option<PathBuf>,
    /// The version that runs.
    pub(crate) version: String,
    /// `ConfigSequenceNumber`, as it came.
    pub(crate) sequence: String,
    /// `ConfigExtensionName`, for a handler with several extensions.
    extension: Option<String>,
}

impl Place {
    /// Looks the folders up in `HandlerEnvironment.json` in the working directory.
    ///
    /// # Errors
    /// The file is not as the contract has it, or a variable is missing.
    pub(crate) fn find() -> Result<Self, String> {
        let document = read_json(Path::new("HandlerEnvironment.json"))?.unwrap_or_default();
        let folder = |key: &str| {
            let path = document
                .pointer(&format!("/0/handlerEnvironment/{key}"))
                .and_then(Value::as_str);
            path.map(PathBuf::from)
        };
        let needed = |key: &str| folder(key).ok_or_else(|| format!("HandlerEnvironment.json has no {key}"));
        let variable = |name: &str| env::var(name).map_err(|error| format!("{name}: {error}"));
        Ok(Self {
            log: needed("logFolder")?,
            config: needed("configFolder")?,
            status: needed("statusFolder")?,
            heartbeat: needed("heartbeatFile")?,
            data: folder("dataFolder"),
            events: folder("eventsFolder"),
            version: variable("AZURE_GUEST_AGENT_EXTENSION_VERSION")?,
            sequence: variable("ConfigSequenceNumber")?,
            extension: env::var("ConfigExtensionName").ok(),
        })
    }

    /// The settings file of the current sequence number; `None` when it is absent or empty (contract 4.1).
    ///
    /// # Errors
    /// It cannot be read or is not JSON.
    pub(crate) fn settings(&self) -> Result<Option<Value>, String> {
        read_json(&self.config.join(format!("{}.settings", self.stem())))
    }

    /// `status/<sequence number>.status`, with the extension's name before it for one of several.
    pub(crate) fn status_file(&self) -> PathBuf {
        self.status.join(format!("{}.status", self.stem()))
    }

    /// What the names of the settings and the status file begin with (contract 4.1 and 5).
    fn stem(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{extension}.{}", self.sequence),
            None => self.sequence.clone(),
        }
    }

    /// What `command` is told to do: by the public settings, else by the package.
    ///
    /// # Errors
    /// One of the files cannot be read.
    pub(crate) fn told(&self, command: &str) -> Result<Option<Value>, String> {
        let settings = self.settings()?;
        let public = settings
            .as_ref()
            .and_then(|settings| settings.pointer("/runtimeSettings/0/handlerSettings/publicSettings"));
        match public.and_then(|public| public.get(command)) {
            Some(told) => Ok(Some(told.clone())),
            None => Ok(read_json(Path::new(BEHAVIOUR))?.and_then(|behaviour| behaviour.get(command).cloned())),
        }
    }
}

/// The JSON in `path`; `None` when there is no such file, or an empty one.
fn read_json(path: &Path) -> Result<Option<Value>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The sorted names in `folder`; `None` when it cannot be listed.
pub(crate) fn names(folder: &Path) -> Option<Vec<String>> {
    let entries = fs::read_dir(folder).ok()?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Some(names)
}
