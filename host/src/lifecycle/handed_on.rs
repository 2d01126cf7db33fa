//! The variables that the native agent gave a command (contract 7.6), handed on to the component.
//!
//! Those of the contract and no other: what else is in that agent's environment is not the handler's business.

use std::path::Path;

use hostler_contract::{ExtensionName, SequenceNumber, SettingsName, SettingsNameError};

use super::VARIABLES;

/// The longest value that is handed on, in bytes: that of a handler with many extensions.
const MAX_VALUE: usize = 64 << 10;

const SEQUENCE_NUMBER: &str = "ConfigSequenceNumber";
const EXTENSION_NAME: &str = "ConfigExtensionName";
const EXTENSION_PATH: &str = "AZURE_GUEST_AGENT_EXTENSION_PATH";
const WORKING_DIRECTORY: &str = "PWD";

/// What the native agent handed over with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOn {
    settings: SettingsName,
    variables: Vec<(String, String)>,
}

/// Why a command was not started as the contract has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandedOnError {
    /// Nobody says which settings the command is for.
    #[error("there is no variable {SEQUENCE_NUMBER}, which says for which settings the command is")]
    NoSequenceNumber,
    /// What says so cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsNameError),
}

impl HandedOn {
    /// Takes what is handed on out of an environment, which `get` looks up by name.
    ///
    /// # Errors
    ///
    /// [`HandedOnError`]: then the command was not started by an agent that keeps to the contract, and for which settings it
    /// would be is not guessed.
    pub fn of(get: impl Fn(&str) -> Option<String>) -> Result<Self, HandedOnError> {
        let number = get(SEQUENCE_NUMBER).ok_or(HandedOnError::NoSequenceNumber)?;
        let settings = SettingsName {
            extension: get(EXTENSION_NAME)
                .map(|name| ExtensionName::parse(&name))
                .transpose()?,
            number: SequenceNumber::parse(&number)?,
        };
        let own = [EXTENSION_PATH, WORKING_DIRECTORY];
        let names = VARIABLES.into_iter().filter(|name| !own.contains(name));
        let variables = names.filter_map(|name| get(name).map(|value| (name.to_owned(), value)));
        Ok(Self {
            settings,
            variables: variables.filter(|(_, value)| value.len() <= MAX_VALUE).collect(),
        })
    }

    /// For which settings the command is.
    pub fn settings(&self) -> &SettingsName {
        &self.settings
    }

    /// The variables of the command, where the handler's package lies in `base`.
    ///
    /// The two that say where it lies are not handed on: for the agent it is the folder of the whole package, for the handler
    /// that of its own part of it.
    pub fn variables(&self, base: &Path) -> Vec<(String, String)> {
        let base = base.display().to_string();
        let own = [EXTENSION_PATH, WORKING_DIRECTORY].map(|name| (name.to_owned(), base.clone()));
        self.variables.iter().cloned().chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<HandedOn, HandedOnError> {
        HandedOn::of(|wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_contracts_variables_are_handed_on_and_no_others() {
        let handed_on = of(&[
            ("AZURE_GUEST_AGENT_EXTENSION_PATH", "/lib/A.B-1.0"),
            ("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", "NOT_RUN"),
            ("ConfigSequenceNumber", "7"),
            ("ConfigExtensionName", "web"),
            ("PATH", "/bin"),
            ("PWD", "/lib/A.B-1.0"),
        ])
        .unwrap();
        assert_eq!(handed_on.settings().to_string(), "web.7");
        let variables = handed_on.variables(Path::new("/lib/A.B-1.0/handler"));
        let lines: Vec<_> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE=NOT_RUN
        ConfigExtensionName=web
        ConfigSequenceNumber=7
        AZURE_GUEST_AGENT_EXTENSION_PATH=/lib/A.B-1.0/handler
        PWD=/lib/A.B-1.0/handler
        ");
    }

    #[test]
    fn for_which_settings_it_is_has_to_be_said() {
        assert_eq!(of(&[]), Err(HandedOnError::NoSequenceNumber));
        for number in ["", "-1", "01", "x", "2147483648"] {
            let told = of(&[("ConfigSequenceNumber", number)]);
            assert!(matches!(told, Err(HandedOnError::Settings(_))), "{number}");
        }
        let told = of(&[("ConfigSequenceNumber", "1"), ("ConfigExtensionName", "../x")]);
        assert!(matches!(told, Err(HandedOnError::Settings(_))));
        let long = "x".repeat(MAX_VALUE + 1);
        let told = of(&[("ConfigSequenceNumber", "1"), ("VERSION", &long)]).unwrap();
        assert!(told.variables(Path::new("/")).iter().all(|(name, _)| name != "VERSION"));
    }
}
