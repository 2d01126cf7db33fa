//! The folders that a handler may write in, each with limits of its own.

use serde::{Deserialize, Serialize};

use super::LimitName;

/// The file in the log folder that the host itself writes (contract 7.7).
pub const COMMAND_LOG: &str = "CommandExecution.log";

/// The most that the host keeps in [`COMMAND_LOG`], in bytes (contract 7.7).
pub const COMMAND_LOG_BYTES: u64 = 10 << 20;

/// Which limits hold for a folder that can be written. Each folder of the contract has its own, so that a full one never
/// keeps a handler from writing in another: a status can be written whatever the data folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quota {
    /// `dir.status.*`
    Status,
    /// `dir.heartbeat.*`
    Heartbeat,
    /// `dir.log.*`
    Log,
    /// `dir.events.*`
    Events,
    /// `dir.data.*`
    Data,
}

impl Quota {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Status, Self::Heartbeat, Self::Log, Self::Events, Self::Data];

    /// The limit of bytes.
    pub fn bytes(self) -> LimitName {
        match self {
            Self::Status => LimitName::StatusBytes,
            Self::Heartbeat => LimitName::HeartbeatBytes,
            Self::Log => LimitName::LogBytes,
            Self::Events => LimitName::EventsBytes,
            Self::Data => LimitName::DataBytes,
        }
    }

    /// The limit of files, folders and links.
    pub fn files(self) -> LimitName {
        match self {
            Self::Status => LimitName::StatusFiles,
            Self::Heartbeat => LimitName::HeartbeatFiles,
            Self::Log => LimitName::LogFiles,
            Self::Events => LimitName::EventsFiles,
            Self::Data => LimitName::DataFiles,
        }
    }

    /// The limit of folders in one another.
    pub fn depth(self) -> LimitName {
        match self {
            Self::Status => LimitName::StatusDepth,
            Self::Heartbeat => LimitName::HeartbeatDepth,
            Self::Log => LimitName::LogDepth,
            Self::Events => LimitName::EventsDepth,
            Self::Data => LimitName::DataDepth,
        }
    }

    /// The file in it that is the host's own, with the most bytes that the host keeps in it.
    pub fn host_file(self) -> Option<(&'static str, u64)> {
        (self == Self::Log).then_some((COMMAND_LOG, COMMAND_LOG_BYTES))
    }
}
