//! The environment variables of a command (contract 7.6).
//!
//! These and `PWD` are all that a component finds; the host's own environment never reaches it.

use std::path::Path;

use hostler_contract::{Command, HandlerIdentity, SettingsName};

/// Value of `AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS`. A fixed text for handlers that print it: no network is linked.
pub const WIRE_PROTOCOL_ADDRESS: &str = "168.63.129.16";

/// What is said of a command of the old version that was not run.
const NOT_RUN: &str = "NOT_RUN";

/// What decides the variables of a command.
#[derive(Debug, Clone, Copy)]
pub struct Variables<'a> {
    /// Whose command.
    pub identity: &'a HandlerIdentity,
    /// The package folder.
    pub base: &'a Path,
    /// Which settings; number 0 where there are none.
    pub settings: &'a SettingsName,
}

impl Variables<'_> {
    /// The variables of `command`, in the order of contract 7.6, `PWD` last.
    pub fn of(&self, command: Command) -> Vec<(String, String)> {
        let base = self.base.display().to_string();
        let version = self.identity.version.to_string();
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
                variables.push(("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", NOT_RUN.to_owned()));
            }
            Command::Update => {
                // Outside an update there is no other version: it goes from and to itself.
                variables.push(match &self.settings.extension {
                    None => ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", NOT_RUN.to_owned()),
                    Some(extension) => (
                        "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS",
                        format!(r#"[{{"extensionName": "{extension}", "exitCode": "{NOT_RUN}"}}]"#),
                    ),
                });
                variables.push(("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", version.clone()));
                variables.push(("VERSION", version));
            }
            Command::Disable | Command::Uninstall => {}
        }
        variables.push(("PWD", base));
        variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
