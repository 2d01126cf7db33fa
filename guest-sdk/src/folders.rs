//! The folders that `HandlerEnvironment.json` names (contract 3).
//!
//! The file is the same for a native handler and for a component: the sandbox shows the folders under the names that
//! the file has. `dataFolder` is hostler's one addition; what to do where an agent does not have it is decided here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hostler_contract::ExtensionName;
use serde::Deserialize;

use crate::{
    Failure, exit_code, files,
    variables::{Variables, name},
};

/// Where a handler may read and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    package: PathBuf,
    config: PathBuf,
    status: PathBuf,
    log: PathBuf,
    events: Option<PathBuf>,
    data: Option<PathBuf>,
    heartbeat_file: Option<PathBuf>,
}

impl Folders {
    /// The folder that the package was unpacked to. Read-only in the sandbox.
    pub fn package(&self) -> &Path {
        &self.package
    }

    /// Holds the settings files. Read-only in the sandbox.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Holds the status files, which the SDK writes.
    pub fn status(&self) -> &Path {
        &self.status
    }

    /// Holds the handler's own logs.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Where events are put for the agent to collect; `None` where the agent collects none.
    pub fn events(&self) -> Option<&Path> {
        self.events.as_deref()
    }

    /// What belongs to the handler's identity and outlives its version.
    ///
    /// `dataFolder` of the file. An agent without that key gets `data` in the package folder, which is not carried
    /// over an update.
    pub fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| self.package.join("data"))
    }

    /// Makes the data folder where the agent knows of none and has made none.
    pub(crate) fn make_data(&self) -> Result<(), Failure> {
        if self.data.is_none() {
            let folder = self.data();
            fs::create_dir_all(&folder).map_err(|error| unusable(&folder, error))?;
        }
        Ok(())
    }

    /// The file that `heartbeat` writes; `None` where the file does not name one.
    pub fn heartbeat_file(&self) -> Option<&Path> {
        self.heartbeat_file.as_deref()
    }

    /// Where the number of the last settings that were carried out is kept.
    ///
    /// In `dataFolder`; without one in the package folder, from where the agent copies it to the next version
    /// (contract 4.4). An extension of several has a file of its own.
    pub(crate) fn mrseq(&self, extension: Option<&ExtensionName>) -> PathBuf {
        let folder = self.data.as_ref().unwrap_or(&self.package);
        match extension {
            Some(extension) => folder.join(format!("{extension}.mrseq")),
            None => folder.join("mrseq"),
        }
    }

    /// Reads `HandlerEnvironment.json` in the folder that `AZURE_GUEST_AGENT_EXTENSION_PATH` names, else in that of
    /// `PWD`, else in the current one.
    pub(crate) fn read(variables: &Variables) -> Result<Self, Failure> {
        let package = variables
            .get(name::EXTENSION_PATH)
            .or_else(|| variables.get(name::WORKING_DIRECTORY))
            .map_or_else(|| PathBuf::from("."), PathBuf::from);
        let file = package.join("HandlerEnvironment.json");
        let text = files::read(&file).map_err(|error| unusable(&file, error))?;
        Self::parse(package, &text).map_err(|what| unusable(&file, what))
    }

    fn parse(package: PathBuf, text: &[u8]) -> Result<Self, String> {
        let documents: Vec<Document> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let named = documents
            .into_iter()
            .next()
            .ok_or("the array is empty; it should hold one object")?
            .handler_environment;
        Ok(Self {
            package,
            config: named.config_folder,
            status: named.status_folder,
            log: named.log_folder,
            events: named.events_folder.or(named.events_folder_preview),
            data: named.data_folder,
            heartbeat_file: named.heartbeat_file,
        })
    }
}

fn unusable(file: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {what}", file.display())).with_exit_code(exit_code::SURROUNDINGS)
}

/// The one element of the file's array. Other keys (`name`, `version`, `seqNo` and so on) are not needed.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "handlerEnvironment")]
    handler_environment: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_folder: PathBuf,
    config_folder: PathBuf,
    status_folder: PathBuf,
    heartbeat_file: Option<PathBuf>,
    events_folder: Option<PathBuf>,
    // The key's deprecated name, for agents that know only that one.
    #[serde(rename = "eventsFolder_preview")]
    events_folder_preview: Option<PathBuf>,
    data_folder: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use hostler_contract::ExtensionName;

    use super::Folders;
    use crate::{exit_code, variables::Variables};

    fn parse(text: &str) -> Result<Folders, String> {
        Folders::parse(PathBuf::from("/base"), text.as_bytes())
    }

    #[test]
    fn an_agent_without_our_key_keeps_data_and_number_in_the_package_folder() {
        let folders = parse(
            r#"[{"name": "A.B", "version": 1.0, "seqNo": "7", "handlerEnvironment":
                {"logFolder": "/l", "configFolder": "/c", "statusFolder": "/s", "eventsFolder_preview": "/e"}}]"#,
        )
        .unwrap();
        assert_eq!(folders.data(), Path::new("/base/data"));
        assert_eq!(folders.mrseq(None), Path::new("/base/mrseq"));
        assert_eq!(folders.events(), Some(Path::new("/e")));
        assert_eq!(folders.heartbeat_file(), None);
    }

    #[test]
    fn each_extension_of_a_handler_has_a_number_of_its_own() {
        let folders = parse(
            r#"[{"handlerEnvironment": {"logFolder": "/l", "configFolder": "/c", "statusFolder": "/s",
                "heartbeatFile": "/h/heartbeat.log", "dataFolder": "/d"}}]"#,
        )
        .unwrap();
        assert_eq!(folders.mrseq(None), Path::new("/d/mrseq"));
        assert_eq!(
            folders.mrseq(Some(&ExtensionName::parse("web").unwrap())),
            Path::new("/d/web.mrseq")
        );
        assert_eq!(folders.data(), Path::new("/d"));
    }

    #[test]
    fn what_is_wrong_with_the_file_is_said() {
        let table = [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("{}", "invalid type: map, expected a sequence at line 1 column 0"),
            ("[]", "the array is empty; it should hold one object"),
            ("[{}]", "missing field `handlerEnvironment` at line 1 column 3"),
            (
                r#"[{"handlerEnvironment": {"logFolder": "/l"}}]"#,
                "missing field `configFolder` at line 1 column 43",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let variables: Variables = [("AZURE_GUEST_AGENT_EXTENSION_PATH".to_owned(), path.clone())]
            .into_iter()
            .collect();
        let failure = Folders::read(&variables).unwrap_err();
        assert_eq!(failure.exit_code(), exit_code::SURROUNDINGS);
        assert!(failure.message().starts_with(&path), "{failure}");
    }
}
