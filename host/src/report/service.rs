//! How a handler's service is, and how it ended the last time.

use hostler_contract::{Code, SequenceNumber, Version};
use serde::{Deserialize, Serialize};

use super::addition::StreamReport;
use crate::sandbox::{End, Outcome};

/// What a service does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It runs.
    Running,
    /// It was told to stop.
    Stopping,
    /// It fell, and is started again after a pause.
    Restarting,
    /// It fell too often: it is not started again before the next `enable`.
    GivenUp,
    /// It was stopped, since a command of its handler runs, failed, or was to end it.
    Stopped,
}

impl ServiceState {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Restarting => "restarting",
            Self::GivenUp => "given up on",
            Self::Stopped => "stopped",
        }
    }
}

/// How a service is. Times are as a report writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReport {
    /// What it does.
    pub state: ServiceState,
    /// Since when.
    pub since: String,
    /// Of which version.
    pub version: Version,
    /// The settings that it was started for.
    pub settings: SequenceNumber,
    /// Path of the component in the package.
    pub component: String,
    /// The process that it runs in; null where it does not run, or not in one of its own.
    pub process: Option<u32>,
    /// In how many milliseconds it is started again; null where it is not.
    pub starts_in_ms: Option<u64>,
    /// How often it was started since its handler was enabled.
    pub starts: u64,
    /// How often it fell since then.
    pub falls: u64,
    /// How it ended the last time; null where it never did.
    pub last_end: Option<ServiceEnd>,
}

/// How a service ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceEnd {
    /// When.
    pub at: String,
    /// Whether it had been told to stop.
    pub told: bool,
    /// How; null for one that did not stop in time and was ended by the host.
    pub end: Option<End>,
    /// Our code, where that is no success.
    pub code: Option<Code>,
    /// The last that it wrote to its standard output.
    pub stdout: StreamReport,
    /// The last that it wrote to its standard error.
    pub stderr: StreamReport,
}

impl ServiceEnd {
    /// What `outcome` says, at `at`.
    pub fn new(outcome: &Outcome, told: bool, at: String) -> Self {
        Self {
            at,
            told,
            end: Some(outcome.end.clone()),
            code: outcome.end.code(),
            stdout: StreamReport::from(&outcome.stdout),
            stderr: StreamReport::from(&outcome.stderr),
        }
    }

    /// Of one that was told to stop and did not.
    pub fn ended_by_host(at: String) -> Self {
        let nothing = || StreamReport {
            text: String::new(),
            bytes: 0,
            dropped: 0,
        };
        Self {
            at,
            told: true,
            end: None,
            code: None,
            stdout: nothing(),
            stderr: nothing(),
        }
    }
}

impl ServiceReport {
    /// One line for people.
    pub fn line(&self) -> String {
        let process = self
            .process
            .map(|process| format!(", process {process}"))
            .unwrap_or_default();
        let falls = match self.falls {
            0 => String::new(),
            1 => ", fell once".to_owned(),
            falls => format!(", fell {falls} times"),
        };
        format!("service {} since {}{process}{falls}", self.state.name(), self.since)
    }
}
