//! What came of a command.

use std::time::Duration;

use hostler_contract::{Code, codes, escape_bounded};
use serde::{Deserialize, Serialize};

use super::{Invocation, RefusedCall};
use crate::limits::{LimitName, LimitReached, Limits, Usage};

/// Longest message of an end, in bytes.
const MAX_MESSAGE: usize = 1024;

/// Exit code reported for a command whose component trapped (design D10).
const TRAP_EXIT_CODE: i32 = 134;

/// Exit code reported for a command that was stopped at a limit (design D10).
const STOPPED_EXIT_CODE: i32 = 137;

/// Why a component trapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrapKind {
    /// It ran out of stack.
    Stack,
    /// It gave up: a panic, an abort.
    Unreachable,
    /// It reached outside its memory or a table.
    Bounds,
    /// It divided by zero, or converted a number that does not fit.
    Arithmetic,
    /// It broke another rule of WebAssembly or of the component model.
    Other,
}

impl TrapKind {
    /// The stable code.
    pub fn code(self) -> Code {
        match self {
            Self::Stack => codes::TRAP_STACK,
            Self::Unreachable => codes::TRAP_UNREACHABLE,
            Self::Bounds => codes::TRAP_BOUNDS,
            Self::Arithmetic => codes::TRAP_ARITHMETIC,
            Self::Other => codes::TRAP_OTHER,
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum End {
    /// It came back, with that exit code; a message where a typed component gave one.
    Exited {
        /// 0 to 255.
        code: u8,
        /// The handler's own words, escaped and bounded.
        message: Option<String>,
    },
    /// The component trapped.
    Trapped {
        /// Why.
        trap: TrapKind,
        /// The engine's words, escaped and bounded.
        message: String,
    },
    /// It ran past `cmd.deadline` and was stopped.
    TimedOut(LimitReached),
    /// It was stopped at another limit.
    Stopped(LimitReached),
    /// The process that ran it ended before it did.
    WorkerDied {
        /// How that process ended.
        message: String,
    },
    /// The host could not run it, or failed while it ran: not the handler's fault.
    HostFault {
        /// What failed.
        message: String,
    },
}

impl End {
    /// The exit code that reports show: the command's own, 137 for a stop at a limit, else 134.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Exited { code, .. } => i32::from(*code),
            Self::Trapped { .. } | Self::WorkerDied { .. } | Self::HostFault { .. } => TRAP_EXIT_CODE,
            Self::TimedOut(_) | Self::Stopped(_) => STOPPED_EXIT_CODE,
        }
    }

    /// Whether the command did what it was asked to do.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Exited { code: 0, .. })
    }

    /// The stable code of an end that is no success.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Exited { code: 0, .. } => None,
            Self::Exited { .. } => Some(codes::COMMAND_EXIT),
            Self::Trapped { trap, .. } => Some(trap.code()),
            Self::TimedOut(reached) | Self::Stopped(reached) => Some(reached.name.code()),
            Self::WorkerDied { .. } => Some(codes::WORKER_DIED),
            Self::HostFault { .. } => Some(codes::HOST_FAULT),
        }
    }
}

/// What a command wrote to a stream: the first bytes, and how many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// What was kept, as it came.
    pub bytes: Vec<u8>,
    /// How many bytes more there were.
    pub dropped: u64,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
    /// From start to end, on the monotonic clock.
    pub duration: Duration,
    /// What it used of every limit.
    pub usage: Usage,
    /// File calls that were refused to it.
    pub refused: Vec<RefusedCall>,
}

impl Outcome {
    /// Of a command that the host could not run.
    pub(crate) fn fault(message: &str, invocation: &Invocation) -> Self {
        let end = End::HostFault {
            message: escape_bounded(message, MAX_MESSAGE),
        };
        Self::without_running(end, &invocation.limits, Duration::ZERO)
    }

    /// Of a command of which nothing is known but its end.
    pub(super) fn without_running(end: End, limits: &Limits, duration: Duration) -> Self {
        let mut usage = Usage::new(limits);
        usage.record(
            LimitName::Deadline,
            u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        );
        if let End::TimedOut(reached) | End::Stopped(reached) = &end {
            usage.reach(reached.name);
        }
        Self {
            end,
            stdout: Captured::default(),
            stderr: Captured::default(),
            duration,
            usage,
            refused: Vec::new(),
        }
    }
}
