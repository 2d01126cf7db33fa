//! How a command ends when it does not do what it was asked to: what, why, what to do, and the exit code.

use hostler_contract::{Code, Finding, Place, Refused, Verdict, codes, escape};
use serde::Serialize;

use crate::apply::ApplyError;
use crate::audit::AuditError;
use crate::handler_dir::HandlerDirError;
use crate::lifecycle::ExecutionError;
use crate::report::{error_lines, finding_lines};
use crate::root::RootError;
use crate::sandbox::CacheError;
use crate::state::StateError;

/// What is said at the end of a command, and with which exit code.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) exit_code: u8,
}

impl Reply {
    /// Done.
    pub(super) fn done(stdout: String) -> Self {
        Self {
            stdout,
            ..Self::default()
        }
    }
}

/// Why a command was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command line is at fault: exit code 2.
    Usage(Box<Finding>),
    /// A package, settings or another input is at fault: exit code 3.
    Refused(Refused),
    /// A goal state cannot be reached: exit code 5.
    Unreachable(Refused),
    /// The host is at fault: exit code 4.
    Host {
        /// The stable code.
        code: Code,
        /// What failed, with its causes.
        error: anyhow::Error,
        /// What to do.
        hint: String,
    },
}

/// A failure as `--json` prints it.
#[derive(Debug, Serialize)]
struct Said<'a> {
    /// `refuse` where an input was refused; left out where none was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    findings: &'a [Finding],
}

impl Failure {
    /// Wrong usage of `argument`.
    pub(super) fn usage(code: Code, argument: &str, what: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::Usage(Box::new(Finding::refusal(code, argument, Place::Whole, what, hint)))
    }

    /// A failure of the host's own.
    pub(super) fn host(error: impl Into<anyhow::Error>, hint: &str) -> Self {
        Self::Host {
            code: codes::HOST_IO,
            error: error.into(),
            hint: hint.to_owned(),
        }
    }

    /// What was wrong, where it ends no command.
    pub(super) fn into_refused(self) -> Refused {
        match self {
            Self::Usage(finding) => Refused::new(*finding),
            Self::Refused(refused) | Self::Unreachable(refused) => refused,
            Self::Host { code, error, hint } => Refused::new(Finding::refusal(
                code,
                "hostler",
                Place::Whole,
                format!("{error:#}"),
                hint,
            )),
        }
    }

    /// What is said of it.
    pub(super) fn reply(self, json: bool) -> Reply {
        let (exit_code, verdict) = match &self {
            Self::Usage(_) => (2, None),
            Self::Refused(_) => (3, Some(Verdict::Refuse)),
            Self::Unreachable(_) => (5, None),
            Self::Host { .. } => (4, None),
        };
        let refused = self.into_refused();
        let findings = refused.findings();
        if json {
            return Reply {
                stdout: to_json(&Said { verdict, findings }),
                exit_code,
                ..Reply::default()
            };
        }
        let stderr = match verdict {
            Some(_) => findings.iter().map(finding_lines).collect(),
            None => findings.iter().map(error_lines).collect(),
        };
        Reply {
            stderr,
            exit_code,
            ..Reply::default()
        }
    }
}

/// Any result as JSON for machines, on several lines and with a line feed at the end.
pub(super) fn to_json(value: &impl Serialize) -> String {
    match serde_json::to_string_pretty(value) {
        Ok(text) => text + "\n",
        // Only a map with keys that are no strings, or a type that refuses to be written, ends here: we have neither.
        Err(error) => format!("{{\"error\": \"{}\"}}\n", escape(&error.to_string())),
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<RootError> for Failure {
    fn from(error: RootError) -> Self {
        let (code, hint) = match &error {
            RootError::Unsafe { .. } => (codes::ROOT_PERMISSIONS, "name a folder that only you can write in"),
            RootError::Locked { .. } => (codes::HOST_LOCKED, "wait until it is done, or name another folder"),
            RootError::Io { .. } => (
                codes::HOST_IO,
                "name a folder that you may read and write, or whose parent you may write in",
            ),
        };
        Self::Host {
            code,
            error: error.into(),
            hint: hint.to_owned(),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Root(error) => error.into(),
            later @ StateError::Later { .. } => {
                Self::host(later, "use the hostler that wrote it, or name another root")
            }
            other => Self::host(other, "look at the space and permissions of the root folder"),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::State(error) => error.into(),
            ApplyError::Audit(error) => error.into(),
            ApplyError::Folders(error) => error.into(),
            stopped @ ApplyError::Stopped => Self::host(stopped, "nothing: the next goal state goes on from there"),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Root(error) => error.into(),
            AuditError::State(error) => error.into(),
            other => Self::Host {
                code: codes::AUDIT_WRITE,
                error: other.into(),
                hint: "look at the space and permissions of the folder `audit` in the root".to_owned(),
            },
        }
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        Self::host(
            error,
            "name another folder with `--cache`, or leave compiled code unkept with `--no-cache`",
        )
    }
}

impl From<HandlerDirError> for Failure {
    fn from(error: HandlerDirError) -> Self {
        match error {
            HandlerDirError::Root(error) => error.into(),
            conflict if conflict.is_conflict() => {
                let hint = "give the package a higher version, or name another root";
                let what = conflict.to_string();
                Self::Refused(Refused::new(Finding::refusal(
                    codes::HOST_CONFLICT,
                    "--keep",
                    Place::Whole,
                    what,
                    hint,
                )))
            }
            other => Self::host(other, "look at the space and permissions of the root folder"),
        }
    }
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Self {
        error.0.into()
    }
}
