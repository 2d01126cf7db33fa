//! What a component could try that has broken out of the sandbox: native code in its worker, held by the system's layers
//! alone.
//!
//! [`Sandbox::attempt`] has each tried in a worker that has locked itself down as for a command, so that the layers are
//! seen to hold where hostler runs, and not only said to be there.

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use hostler_contract::escape_bounded;
use serde::{Deserialize, Serialize};

use super::isolation::LayerName;
use super::mode::Mode;
use super::{Sandbox, WorkersError};

/// Longest account of an attempt, in bytes.
const MAX_WORDS: usize = 400;

macro_rules! attempts {
    ($($variant:ident $name:literal $layer:ident $tries:literal;)*) => {
        /// Something that native code in a worker tries.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Attempt {
            $(#[doc = concat!("It ", $tries, ".")] $variant,)*
        }

        impl Attempt {
            /// Every one.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Its name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it does, after "native code in a worker".
            pub fn tries(self) -> &'static str {
                match self { $(Self::$variant => $tries),* }
            }

            /// The layer that keeps it from succeeding; where that is not there, nothing is promised.
            pub fn layer(self) -> LayerName {
                match self { $(Self::$variant => LayerName::$layer),* }
            }
        }
    };
}

attempts! {
    OwnFolder "worker-own-folder" Process "writes and reads a file in a folder of its own, which it may";
    ReadMachine "worker-read-machine" Landlock "opens /etc/passwd";
    ReadOutside "worker-read-outside" Landlock "reads a file beside the root";
    WriteOutside "worker-write-outside" Landlock "makes a file beside the root";
    FollowLink "worker-follow-link" Landlock "makes a link in its own folder to a file beside the root, and opens that";
    WriteReadOnly "worker-write-read-only" Landlock "makes a file in a folder that it was given to read";
    ReadKey "worker-read-key" Landlock "opens a file in the root's folder `keys`";
    ReadOthersSettings "worker-read-settings" Landlock "opens the settings of another handler";
    ReadEnvironment "worker-environment" Process "looks for variables of the environment that hostler was started with";
    ReadParentEnvironment "worker-parent-environment" Landlock "opens the environment of hostler in /proc";
    ReadParentMemory "worker-parent-memory" Landlock "opens the memory of hostler in /proc";
    TraceParent "worker-trace" Seccomp "attaches to hostler as a debugger";
    SignalParent "worker-signal" Seccomp "asks whether it may send hostler a signal";
    StartProcess "worker-fork" Seccomp "starts a process";
    BecomeProgram "worker-exec" Seccomp "becomes another program";
    OpenSocket "worker-socket" Seccomp "opens a socket";
    RaiseLimits "worker-raise-limits" Process "raises the system's limit on its memory";
    TakeMemory "worker-memory" Rlimits "takes more memory than a command has";
    GrowFile "worker-file-size" Rlimits "makes a file larger than a command may";
    OpenMany "worker-descriptors" Rlimits "opens more files than a command may";
}

/// Where attempts are made.
#[derive(Debug)]
pub struct Ground {
    /// A folder that the worker may write in.
    pub own: OwnedFd,
    /// A folder that the worker may only read.
    pub lent: OwnedFd,
    /// A file outside of everything that it is given; others may be made beside it.
    pub outside: PathBuf,
    /// A file in the root's folder `keys`.
    pub key: PathBuf,
    /// The settings of another handler.
    pub settings: PathBuf,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attempted {
    /// A layer denied it: in which words.
    Denied(String),
    /// It succeeded: how far.
    Allowed(String),
    /// It failed in another way, which proves nothing.
    Unclear(String),
}

/// An attempt as a worker is asked to make it. Its descriptors are the folder to read, and its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AttemptJob {
    pub(super) attempt: Attempt,
    pub(super) outside: PathBuf,
    pub(super) key: PathBuf,
    pub(super) settings: PathBuf,
    /// The supervisor's process.
    pub(super) parent: i32,
}

impl AttemptJob {
    pub(super) fn new(attempt: Attempt, ground: &Ground) -> Self {
        Self {
            attempt,
            outside: ground.outside.clone(),
            key: ground.key.clone(),
            settings: ground.settings.clone(),
            parent: i32::try_from(std::process::id()).unwrap_or(i32::MAX),
        }
    }
}

impl Attempted {
    /// The account, fit to be shown: it comes from a worker.
    pub(super) fn showable(self) -> Self {
        let shown = |words: String| escape_bounded(&words, MAX_WORDS);
        match self {
            Self::Denied(words) => Self::Denied(shown(words)),
            Self::Allowed(words) => Self::Allowed(shown(words)),
            Self::Unclear(words) => Self::Unclear(shown(words)),
        }
    }
}

impl Sandbox {
    /// Has `attempt` made on `ground`, in a worker of its own that has locked itself down as for a command. `None` where
    /// components run in this process: then there is no layer to be tried.
    ///
    /// # Errors
    ///
    /// When no worker can be had.
    pub fn attempt(&self, attempt: Attempt, ground: &Ground) -> Result<Option<Attempted>, WorkersError> {
        match self.mode() {
            Mode::InProcess(_) => Ok(None),
            Mode::Workers(_, workers) => {
                let job = AttemptJob::new(attempt, ground);
                let folders = [ground.lent.as_fd(), ground.own.as_fd()];
                workers.attempt(job, &folders).map(Some)
            }
        }
    }
}
