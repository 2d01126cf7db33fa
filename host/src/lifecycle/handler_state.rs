//! The states of a handler (contract 7.2).

use hostler_contract::Command;
use serde::{Deserialize, Serialize};

/// The state of one version of a handler (contract 7.2), in the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HandlerState {
    /// Its install has never ended well, or it was never there.
    NotInstalled,
    /// Its install has ended well, and it is not active.
    Installed,
    /// Its enable has ended well.
    Enabled,
    /// Its update failed: it takes the place of the older version only after another attempt.
    FailedUpgrade,
}

impl HandlerState {
    /// The word of the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotInstalled => "NotInstalled",
            Self::Installed => "Installed",
            Self::Enabled => "Enabled",
            Self::FailedUpgrade => "FailedUpgrade",
        }
    }

    /// Whether a version in this state counts as the installed one (contract 7.3).
    pub const fn is_installed(self) -> bool {
        matches!(self, Self::Installed | Self::Enabled)
    }

    /// The state of a version in this state after a command of its own, run by itself (contract 7.2).
    pub const fn after(self, command: Command, well: bool) -> Self {
        match (command, well) {
            (Command::Install | Command::Disable, true) => Self::Installed,
            (Command::Enable, true) => Self::Enabled,
            (Command::Update, false) => Self::FailedUpgrade,
            (Command::Install, false) | (Command::Uninstall, _) => Self::NotInstalled,
            (Command::Enable | Command::Disable, false) | (Command::Update, true) => self,
        }
    }
}
