//! What was seen of a probe.

use std::time::Duration;

use hostler_contract::{Finding, StatusKind};

use crate::report::CommandReport;
use crate::sandbox::Attempted;

/// What was seen of a probe, whatever it was.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What came of it.
    pub what: What,
    /// What changed of what was beside the attacker's folders: canaries, keys, the other handler's folders.
    pub changed: Vec<String>,
    /// Where a secret of somebody else's turned up: in output, in the report, in the attacker's folders.
    pub secrets: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// What came of a probe.
#[derive(Debug, Clone)]
pub enum What {
    /// The command ran.
    Ran(Box<Ran>),
    /// The package was refused.
    Refused(RefusedSeen),
    /// Native code made its attempt; `None` where there is no worker for it.
    Native(Option<Attempted>),
    /// Kept code was run as it was, then changed and run again: where it came from each time, as reports say it.
    KeptCode {
        /// Before it was changed.
        before: String,
        /// After it was changed.
        after: String,
    },
}

/// A command that ran.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The report on it.
    pub command: CommandReport,
    /// Word and message of the status that is reported; `None` where there is none.
    pub status: Option<(StatusKind, String)>,
    /// Whether the handler is reported as ready.
    pub ready: bool,
    /// What was found odd, and what was refused.
    pub findings: Vec<Finding>,
    /// What a person is shown of all that.
    pub shown: String,
    /// Bytes, and files, folders and links, in the attacker's data folder.
    pub data: (u64, u64),
    /// Names of the variables that hostler itself was started with.
    pub host_variables: Vec<String>,
}

/// A package that must be refused.
#[derive(Debug, Clone)]
pub struct RefusedSeen {
    /// Why it was refused; nothing where it was not.
    pub findings: Vec<Finding>,
    /// What is left of it.
    pub left: Vec<String>,
}
