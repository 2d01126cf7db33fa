//! What was seen of one command of the handler that is tested.

use std::collections::BTreeSet;
use std::time::Duration;

use hostler_contract::{Finding, Heartbeat, Source, StatusDocument};
use time::OffsetDateTime;

/// How a command ended, for a component and for a native program alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exit(u8),
    /// Not by itself: a trap, or a signal. In words.
    Fell(String),
    /// It ran past its time limit, or another limit, and was stopped. In words.
    AtLimit(String),
    /// The kit stopped it.
    Stopped,
    /// It could not be run. In words.
    NotRun(String),
}

impl Ended {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Exit(code) => format!("exit code {code}"),
            Self::Fell(how) => format!("it ended by {how}"),
            Self::AtLimit(limit) => format!("it was stopped: {limit}"),
            Self::Stopped => "it was stopped by the kit".to_owned(),
            Self::NotRun(why) => format!("it could not be run: {why}"),
        }
    }
}

/// What lay in a file's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileSeen {
    /// Nothing.
    Missing,
    /// These bytes.
    Bytes(Vec<u8>),
    /// Something else than a file that can be read. In words.
    Other(String),
}

/// What was seen when a command, or a service, had ended.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How it ended.
    pub ended: Ended,
    /// From start to end.
    pub duration: Duration,
    /// When it was started, by the clock that the handler sees.
    pub started: OffsetDateTime,
    /// When it had ended, by that clock.
    pub finished: OffsetDateTime,
    /// The first line of its standard error.
    pub stderr: String,
    /// The status file of its number.
    pub status: FileSeen,
    /// The heartbeat file.
    pub heartbeat: FileSeen,
    /// Names of the files in its data folder, at any depth.
    pub data: BTreeSet<String>,
}

impl Seen {
    /// The status, as an agent reads it; what is wrong with the file, in words.
    ///
    /// # Errors
    /// There is none, it cannot be used, or something in it is odd.
    pub fn status(&self) -> Result<StatusDocument, String> {
        let bytes = bytes(&self.status, "status file")?;
        let read = StatusDocument::parse(Source::new("status", bytes));
        let checked = read.map_err(|refused| first(refused.findings()))?;
        match checked.warnings.first() {
            Some(_) => Err(first(&checked.warnings)),
            None => Ok(checked.value),
        }
    }

    /// The heartbeat; what is wrong with the file, in words.
    ///
    /// # Errors
    /// As [`Self::status`].
    pub fn heartbeat(&self) -> Result<Heartbeat, String> {
        let bytes = bytes(&self.heartbeat, "heartbeat file")?;
        let read = Heartbeat::parse(Source::new("heartbeat", bytes));
        let checked = read.map_err(|refused| first(refused.findings()))?;
        match checked.warnings.first() {
            Some(_) => Err(first(&checked.warnings)),
            None => Ok(checked.value),
        }
    }
}

fn bytes<'a>(file: &'a FileSeen, what: &str) -> Result<&'a [u8], String> {
    match file {
        FileSeen::Missing => Err(format!("there is no {what}")),
        FileSeen::Bytes(bytes) => Ok(bytes),
        FileSeen::Other(kind) => Err(format!("in the place of the {what} is {kind}")),
    }
}

fn first(findings: &[Finding]) -> String {
    findings.first().map_or_else(
        || "it cannot be used".to_owned(),
        |finding| format!("{}: {}", finding.location(), finding.what()),
    )
}
