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
    /// Of a folder of the machine that was granted.
    Granted(GrantedQuota),
}

/// What a command may add to a granted folder. What lay there when it began is the operator's, and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedQuota {
    /// Which of the command's granted folders, from 0: each is counted for itself.
    pub number: u8,
    /// Most bytes that come on top.
    pub bytes: u64,
    /// Most files, folders and links that come on top.
    pub files: u64,
    /// Folders in one another, counted from the granted one.
    pub depth: u64,
}

impl Quota {
    /// Those of the contract's folders.
    pub const ALL: [Self; 5] = [Self::Status, Self::Heartbeat, Self::Log, Self::Events, Self::Data];

    /// The limits of bytes, of files, and of folders in one another; `None` for a granted folder, which has its own.
    pub fn limits(self) -> Option<[LimitName; 3]> {
        Some(match self {
            Self::Status => [LimitName::StatusBytes, LimitName::StatusFiles, LimitName::StatusDepth],
            Self::Heartbeat => [
                LimitName::HeartbeatBytes,
                LimitName::HeartbeatFiles,
                LimitName::HeartbeatDepth,
            ],
            Self::Log => [LimitName::LogBytes, LimitName::LogFiles, LimitName::LogDepth],
            Self::Events => [LimitName::EventsBytes, LimitName::EventsFiles, LimitName::EventsDepth],
            Self::Data => [LimitName::DataBytes, LimitName::DataFiles, LimitName::DataDepth],
            Self::Granted(_) => return None,
        })
    }

    /// Whether only what a command adds is counted.
    pub fn counts_growth_only(self) -> bool {
        matches!(self, Self::Granted(_))
    }

    /// The file in it that is the host's own, with the most bytes that the host keeps in it.
    pub fn host_file(self) -> Option<(&'static str, u64)> {
        (self == Self::Log).then_some((COMMAND_LOG, COMMAND_LOG_BYTES))
    }
}
