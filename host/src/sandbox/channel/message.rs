//! The messages: what a worker is asked, and what it answers.

use hostler_contract::{Command, Finding};
use hostler_package::Durability;
use serde::{Deserialize, Serialize};

use crate::sandbox::attempt::AttemptJob;
use crate::sandbox::isolation::RequiredIsolation;
use crate::sandbox::prescan::EntryPoints;
use crate::sandbox::protected::ProtectedNote;
use crate::sandbox::{Invocation, Outcome, PrepareQuota};

/// What a worker says once it has locked itself down as far as it can without knowing its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Hello {
    /// [`BUILD`](crate::sandbox::BUILD) of the program that it is.
    pub(in crate::sandbox) build: String,
    /// Version of Landlock that it is under; 0 where the kernel has none.
    pub(in crate::sandbox) landlock: u32,
    /// Whether the kernel takes a filter of system calls.
    pub(in crate::sandbox) seccomp: Seccomp,
}

/// Whether the kernel takes a filter of system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum Seccomp {
    /// The first filter is in force.
    On,
    /// It was refused.
    Off,
}

/// How much time a run worker takes to get ready before it says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum Start {
    /// None: somebody waits for it.
    Needed,
    /// It sets up its engine: a command will come in a moment.
    Expected,
    /// It also touches what a command will touch: nobody needs it yet.
    Ahead,
}

/// What a worker is to do; a worker does one job and ends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum Job {
    /// Check a package and write its files: descriptors are the package, sealed, and the folder to write in.
    Package(PackageJob),
    /// Compile a component: descriptors are the component, sealed, and a file in memory for the code.
    Compile(Component),
    /// Run a command: descriptors are the code, sealed, and the folders of the preopens in their order.
    Run(Box<RunJob>),
    /// Make an attempt: descriptors are a folder to read and one to write in. The answer is an `Attempted`.
    Probe(ProbeJob),
}

/// A package to check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct PackageJob {
    /// Its file name, for findings.
    pub(in crate::sandbox) file: String,
    /// Commands whose components must be fit to be compiled.
    pub(in crate::sandbox) commands: Vec<Command>,
    /// Components that are known to be, by the SHA-256 of their bytes.
    pub(in crate::sandbox) known: Vec<[u8; 32]>,
    /// Whether its files have to survive a power failure.
    pub(in crate::sandbox) durability: Durability,
    /// What it may take.
    pub(in crate::sandbox) quota: PrepareQuota,
    /// The least isolation to do it with.
    pub(in crate::sandbox) required: RequiredIsolation,
}

/// A component to compile.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Component {
    /// Its file name, for findings.
    pub(in crate::sandbox) file: String,
    /// What it may take.
    pub(in crate::sandbox) quota: PrepareQuota,
    /// The least isolation to do it with.
    pub(in crate::sandbox) required: RequiredIsolation,
}

/// A command to run.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct RunJob {
    /// The command.
    pub(in crate::sandbox) invocation: Invocation,
    /// What there is of protected settings; what was opened is the first run of the frame.
    pub(in crate::sandbox) protected: ProtectedNote,
    /// How the component is entered.
    pub(in crate::sandbox) entry_points: EntryPoints,
    /// The least isolation to do it with.
    pub(in crate::sandbox) required: RequiredIsolation,
}

/// An attempt to make.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct ProbeJob {
    /// Which, and where.
    pub(in crate::sandbox) attempt: AttemptJob,
    /// The least isolation to do it with.
    pub(in crate::sandbox) required: RequiredIsolation,
}

/// What came of checking a package.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum CheckReply {
    /// Its files lie in the folder.
    Checked(Checked),
    /// It is refused; nothing in the folder counts.
    Refused(Vec<Finding>),
    /// Its files could not be written.
    Staging(Staging),
    /// The worker could not do it.
    Failed(String),
}

/// A package whose files were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Checked {
    /// What is odd about it.
    pub(in crate::sandbox) warnings: Vec<Finding>,
}

/// A file of a package that could not be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Staging {
    /// What went wrong, in one line.
    pub(in crate::sandbox) what: String,
}

/// What came of compiling.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum CompileReply {
    /// The code is in the file.
    Compiled(EntryPoints),
    /// The component is refused.
    Refused(Vec<Finding>),
    /// The worker could not do it.
    Failed(String),
}

/// What came of running. Standard output and error are the two runs of the frame.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sandbox) enum RunReply {
    /// It ran; without the bytes of its streams.
    Ran {
        /// What came of it.
        outcome: Box<Outcome>,
        /// A thread of it may be in a file call still.
        leaves_threads: bool,
    },
    /// The code is of another build of the engine or for another processor.
    Unfit(String),
    /// The worker could not do it.
    Failed(String),
}
