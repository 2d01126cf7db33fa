//! What the sandbox is asked to run.

use hostler_contract::Command;
use hostler_contract::manifest::Precision;
use serde::{Deserialize, Serialize};

use super::OpenFolder;
use crate::limits::{Limits, Quota};

/// Whether a handler may write in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// It may list and read.
    ReadOnly,
    /// It may also create, change and remove, within the limits of that folder.
    ReadWrite(Quota),
}

/// A folder that the handler sees, by the name under which it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preopen {
    /// Absolute name as on the host, or `.`.
    pub name: String,
    /// What it may do there.
    pub access: Access,
    /// Whether it is a folder of the machine that was granted, and not one of the contract's.
    pub granted: bool,
}

/// An open folder with the name and access under which the handler gets it.
#[derive(Debug)]
pub struct Folder {
    /// Name and access.
    pub preopen: Preopen,
    /// The folder itself, opened before the handler could change any path to it.
    pub open: OpenFolder,
}

/// How a command enters the component (design D2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// The function of that command in `hostler:handler/lifecycle`.
    Lifecycle(Command),
    /// `wasi:cli/run` with these arguments, the program's name first.
    Run(Vec<String>),
    /// `run` of `hostler:handler/service`.
    Service,
}

/// One command of one handler: everything the sandbox needs besides the compiled code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Who runs, for names of threads and log lines; nothing is decided by it.
    pub handler: String,
    /// Where to enter.
    pub entry: Entry,
    /// Whether it is to run on: without a deadline, and with processor time that comes back ([`SERVICE_CPU_PERIOD`]).
    ///
    /// [`SERVICE_CPU_PERIOD`]: super::SERVICE_CPU_PERIOD
    pub is_service: bool,
    /// All of the environment; nothing of the host's own is added.
    pub environment: Vec<(String, String)>,
    /// All of the file system, in the order in which the handler is told of it. The open folders themselves are handed
    /// to [`Sandbox::run`](super::Sandbox::run) beside this, in the same order.
    pub preopens: Vec<Preopen>,
    /// Whether it may make symbolic links in its own folders; in granted ones it never may. Not where somebody follows links
    /// there who reaches more than it does, as the native agent.
    pub may_link: bool,
    /// What it may use.
    pub limits: Limits,
    /// How exact its clocks are.
    pub clock: Precision,
    /// By how many seconds its wall clock is wrong: 0 but in tests of a handler.
    pub clock_shift: i64,
    /// Whether its random numbers are the system's or those of a generator of its own.
    pub random: Precision,
}
