//! The five commands of a handler's life.
//!
//! Their names, time limits and error codes are fixed by the agent that handlers are written for, so they stand
//! here once and everything else asks for them (contract 0 and 7.2).

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A command that a host runs on a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// Puts the handler on the machine; it is not active afterwards.
    Install,
    /// Makes the handler apply its settings. Runs again on every goal state, so it must be idempotent.
    Enable,
    /// Moves data from an older version; run on the newer of the two versions.
    Update,
    /// Makes the handler inactive and leaves it installed.
    Disable,
    /// Takes the handler off the machine.
    Uninstall,
}

impl Command {
    /// All commands, in the order of a handler's life.
    pub const ALL: [Self; 5] = [
        Self::Install,
        Self::Enable,
        Self::Update,
        Self::Disable,
        Self::Uninstall,
    ];

    /// The lower-case name, for example `install`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Enable => "enable",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Uninstall => "uninstall",
        }
    }

    /// The command with exactly this lower-case name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    /// How long the command may take on the wall clock before it is stopped (contract 0).
    pub const fn time_limit(self) -> Duration {
        match self {
            Self::Install | Self::Update | Self::Disable => Duration::from_secs(900),
            Self::Enable | Self::Uninstall => Duration::from_secs(300),
        }
    }

    /// The error code reported when the command ends with a non-zero exit code (contract 7.2).
    pub const fn error_code(self) -> i32 {
        match self {
            Self::Install => 1007,
            Self::Enable => 1009,
            Self::Update => 1008,
            Self::Disable => 1010,
            Self::Uninstall => 1000,
        }
    }

    /// The key of `handlerManifest` that holds the command line, for example `installCommand` (contract 1.2).
    pub const fn manifest_key(self) -> &'static str {
        match self {
            Self::Install => "installCommand",
            Self::Enable => "enableCommand",
            Self::Update => "updateCommand",
            Self::Disable => "disableCommand",
            Self::Uninstall => "uninstallCommand",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom(format_args!("`{name}` is no command")))
    }
}

impl Serialize for Command {
    /// As its name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn names_limits_and_codes_are_those_of_the_contract() {
        let table: Vec<_> = Command::ALL
            .into_iter()
            .map(|c| (c.name(), c.time_limit().as_secs(), c.error_code()))
            .collect();
        assert_eq!(
            table,
            [
                ("install", 900, 1007),
                ("enable", 300, 1009),
                ("update", 900, 1008),
                ("disable", 900, 1010),
                ("uninstall", 300, 1000)
            ]
        );
        for command in Command::ALL {
            assert_eq!(Command::parse(command.name()), Some(command));
            assert_eq!(command.manifest_key(), format!("{}Command", command.name()));
        }
        assert_eq!(Command::parse("Install"), None);
    }
}
