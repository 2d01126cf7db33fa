//! The environment variables that a command is started with (contract 7.6).
//!
//! They are read once into a map: a command is then a function of its map and its folders, which is what lets the
//! harness run many of them in one process.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Names of the variables, as the agent sets them.
pub(crate) mod name {
    pub(crate) const SEQUENCE_NUMBER: &str = "ConfigSequenceNumber";
    pub(crate) const EXTENSION_NAME: &str = "ConfigExtensionName";
    pub(crate) const EXTENSION_PATH: &str = "AZURE_GUEST_AGENT_EXTENSION_PATH";
    pub(crate) const EXTENSION_VERSION: &str = "AZURE_GUEST_AGENT_EXTENSION_VERSION";
    pub(crate) const UPDATING_FROM: &str = "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION";
    pub(crate) const TARGET_VERSION: &str = "VERSION";
    pub(crate) const UNINSTALL_EXIT_CODE: &str = "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE";
    pub(crate) const DISABLE_EXIT_CODE: &str = "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE";
    pub(crate) const DISABLE_EXIT_CODES: &str = "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS";
    pub(crate) const WORKING_DIRECTORY: &str = "PWD";
}

/// Environment variables by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Those of this process. Values that are not UTF-8 are left out: the contract has none.
    pub(crate) fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// How a command of the old version ended, as an update hands it to the new one (contract 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierExit {
    /// It was not run: the agent wrote `NOT_RUN`, `None`, or nothing at all.
    NotRun,
    /// It ended with this exit code, or with one of the agent's error codes, 1011 for a time limit.
    Code(i32),
}

impl EarlierExit {
    fn parse(text: Option<&str>) -> Self {
        // Any word that is not a number means that there is none.
        text.and_then(|text| text.trim().parse().ok())
            .map_or(Self::NotRun, Self::Code)
    }
}

/// One element of the list that an update of a handler with several extensions gets.
#[derive(Deserialize)]
struct EarlierExitOfExtension {
    #[serde(rename = "extensionName")]
    extension_name: String,
    #[serde(rename = "exitCode")]
    exit_code: String,
}

impl Variables {
    /// How the old version's uninstall ended; given to `install` and `enable`.
    pub(crate) fn uninstall_exit(&self) -> EarlierExit {
        EarlierExit::parse(self.get(name::UNINSTALL_EXIT_CODE))
    }

    /// How the old version's disable ended; given to `update`.
    pub(crate) fn disable_exit(&self) -> EarlierExit {
        EarlierExit::parse(self.get(name::DISABLE_EXIT_CODE))
    }

    /// The same, for each extension of a handler that has several. Text that is not such a list counts as none.
    pub(crate) fn disable_exits(&self) -> Vec<(String, EarlierExit)> {
        let list: Vec<EarlierExitOfExtension> = self
            .get(name::DISABLE_EXIT_CODES)
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        list.into_iter()
            .map(|one| (one.extension_name, EarlierExit::parse(Some(&one.exit_code))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{EarlierExit, Variables, name};

    fn with(name: &str, value: &str) -> Variables {
        [(name.to_owned(), value.to_owned())].into_iter().collect()
    }

    #[test]
    fn exit_codes_of_the_old_version() {
        let table = [
            ("0", EarlierExit::Code(0)),
            ("1011", EarlierExit::Code(1011)),
            ("-1", EarlierExit::Code(-1)),
            ("NOT_RUN", EarlierExit::NotRun),
            ("None", EarlierExit::NotRun),
            ("", EarlierExit::NotRun),
        ];
        for (text, expected) in table {
            assert_eq!(with(name::DISABLE_EXIT_CODE, text).disable_exit(), expected, "{text:?}");
            assert_eq!(
                with(name::UNINSTALL_EXIT_CODE, text).uninstall_exit(),
                expected,
                "{text:?}"
            );
        }
        assert_eq!(Variables::default().disable_exit(), EarlierExit::NotRun);
    }

    #[test]
    fn exit_codes_of_several_extensions() {
        let text = r#"[{"extensionName": "a", "exitCode": "0"}, {"extensionName": "b", "exitCode": "None"}]"#;
        assert_eq!(
            with(name::DISABLE_EXIT_CODES, text).disable_exits(),
            [
                ("a".to_owned(), EarlierExit::Code(0)),
                ("b".to_owned(), EarlierExit::NotRun)
            ]
        );
        assert_eq!(with(name::DISABLE_EXIT_CODES, "garbage").disable_exits(), []);
    }
}
