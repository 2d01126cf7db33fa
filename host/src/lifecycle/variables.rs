//! The environment variables of a command (contract 7.6).
//!
//! These and `PWD` are all that a component finds; the host's own environment never reaches it.

use std::path::Path;

use hostler_contract::{Command, ExtensionName, HandlerIdentity, SettingsName, Version};

/// Value of `AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS`. A fixed text for handlers that print it: no network is linked.
pub const WIRE_PROTOCOL_ADDRESS: &str = "168.63.129.16";

/// Every variable that a command can find (contract 7.6), and `PWD`.
pub const VARIABLES: [&str; 12] = [
    "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE",
    "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
    "AZURE_GUEST_AGENT_EXTENSION_PATH",
    "AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES",
    "AZURE_GUEST_AGENT_EXTENSION_VERSION",
    "AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE",
    "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION",
    "AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS",
    "ConfigExtensionName",
    "ConfigSequenceNumber",
    "PWD",
    "VERSION",
];

/// What is said of a command of the old version that was not run.
const NOT_RUN: &str = "NOT_RUN";

/// The change of versions that a command is part of, and what the old version's commands came to (contract 7.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionChange {
    /// The version that is left. For a downgrade the agent says the lower one here, as in `to` (contract 15, quirk 5).
    pub from: Version,
    /// The version that is to be.
    pub to: Version,
    /// Exit code of the old version's disable; `None` when it did not run.
    pub disable: Option<i32>,
    /// The same for each of several extensions, in the order of the goal state; empty for a handler with one.
    pub disables: Vec<(ExtensionName, Option<i32>)>,
    /// Exit code of the old version's uninstall; `None` when it did not run.
    pub uninstall: Option<i32>,
}

/// What decides the variables of a command.
#[derive(Debug, Clone, Copy)]
pub struct Variables<'a> {
    /// Whose command.
    pub identity: &'a HandlerIdentity,
    /// The package folder.
    pub base: &'a Path,
    /// Which settings; number 0 where there are none.
    pub settings: &'a SettingsName,
    /// The change of versions that it belongs to, if it does.
    pub change: Option<&'a VersionChange>,
}

impl Variables<'_> {
    /// The variables of `command`, in the order of contract 7.6, `PWD` last.
    pub fn of(&self, command: Command) -> Vec<(String, String)> {
        let base = self.base.display().to_string();
        let version = self.identity.version.to_string();
        let code = |code: Option<i32>| code.map_or_else(|| NOT_RUN.to_owned(), |code| code.to_string());
        let mut variables = vec![
            ("AZURE_GUEST_AGENT_EXTENSION_PATH", base.clone()),
            ("AZURE_GUEST_AGENT_EXTENSION_VERSION", version.clone()),
            (
                "AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS",
                WIRE_PROTOCOL_ADDRESS.to_owned(),
            ),
            ("ConfigSequenceNumber", self.settings.number.to_string()),
        ];
        if let Some(extension) = &self.settings.extension {
            variables.push(("ConfigExtensionName", extension.to_string()));
        }
        let features = r#"[{"Key": "ExtensionTelemetryPipeline", "Value": "1.0"}]"#;
        variables.push(("AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES", features.to_owned()));
        match command {
            Command::Install | Command::Enable => {
                let uninstall = code(self.change.and_then(|change| change.uninstall));
                variables.push(("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", uninstall));
            }
            Command::Update => {
                let disable = code(self.change.and_then(|change| change.disable));
                variables.push(match &self.settings.extension {
                    None => ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", disable),
                    Some(own) => (
                        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
                        self.disables(own, self.change.and_then(|change| change.disable)),
                    ),
                });
                // Outside an update there is no other version: it goes from and to itself.
                let (from, to) = match self.change {
                    Some(change) => (change.from.to_string(), change.to.to_string()),
                    None => (version.clone(), version),
                };
                variables.push(("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", from));
                variables.push(("VERSION", to));
            }
            Command::Disable | Command::Uninstall => {}
        }
        variables.push(("PWD", base));
        variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// The exit codes of the old version's disable for each extension, in the words of contract 7.6; for `own` alone where
    /// nothing is known of others.
    fn disables(&self, own: &ExtensionName, disable: Option<i32>) -> String {
        let all = self.change.map(|change| change.disables.as_slice()).unwrap_or_default();
        let alone = [(own.clone(), disable)];
        let all = if all.is_empty() { &alone } else { all };
        let elements = all.iter().map(|(name, code)| {
            let code = code.map_or_else(|| NOT_RUN.to_owned(), |code| code.to_string());
            format!(r#"{{"extensionName": "{name}", "exitCode": "{code}"}}"#)
        });
        format!("[{}]", elements.collect::<Vec<_>>().join(", "))
    }
}
