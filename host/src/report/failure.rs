//! Why a command failed: the contract's code and words (contract 0, 7.2 and 7.6).

use hostler_contract::agent_code::TIMEOUT;
use hostler_contract::{Command, escape, redact_sas};
use serde::{Deserialize, Serialize};

use super::output::command_output;
use crate::lifecycle::Execution;
use crate::sandbox::End;

/// The contract's code of `command` when it failed with `end`.
pub fn failure_code(command: Command, end: &End) -> i32 {
    match end {
        End::TimedOut(_) => TIMEOUT,
        _ => command.error_code(),
    }
}

/// Why a command counts as failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What happened, in lines.
    pub said: String,
    /// What the command wrote, with its two headings.
    pub output: String,
}

impl std::fmt::Display for Reason {
    /// The message of contract 7.6.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.said, self.output)
    }
}

/// Why `execution` counts as failed, in the words of contract 7.6; `None` when it went well.
pub fn failure(execution: &Execution) -> Option<Reason> {
    let outcome = &execution.outcome;
    // Access tokens in what a handler says never get into a report (contract 7.6).
    let output = redact_sas(&command_output(&outcome.stdout, &outcome.stderr)).into_owned();
    let line = escape(&execution.line);
    let said = match &outcome.end {
        End::Exited { code: 0, .. } => return None,
        End::Exited { code, message } => {
            let words = message.as_ref().map(|words| format!("\n{words}")).unwrap_or_default();
            let words = redact_sas(&words);
            format!("[ExtensionOperationError] Non-zero exit code: {code}, {line}{words}")
        }
        End::Trapped { trap, message } => {
            let code = outcome.end.exit_code();
            format!(
                "[ExtensionOperationError] Non-zero exit code: {code}, {line}\nThe component trapped: {message} [{}]",
                trap.code()
            )
        }
        End::TimedOut(reached) => {
            let seconds = reached.limit.value.div_ceil(1000);
            format!("[ExtensionError] Timeout({seconds}): {line}\nStopped: {reached}")
        }
        End::Stopped(reached) => {
            let code = outcome.end.exit_code();
            format!("[ExtensionOperationError] Non-zero exit code: {code}, {line}\nStopped: {reached}")
        }
        End::WorkerDied { message } => {
            let code = outcome.end.exit_code();
            format!("[ExtensionOperationError] Non-zero exit code: {code}, {line}\nIt did not end by itself: {message}")
        }
        End::HostFault { message } => format!("[ExtensionError] The host failed, not the handler: {message}"),
    };
    Some(Reason { said, output })
}
