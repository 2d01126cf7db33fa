//! How a command ends when it does not do what it was asked to: what, why, what to do, and the exit code.

use std::error::Error;
use std::fmt;

use crate::records::{BackupError, RecordsError};
use crate::server::TlsError;

/// Whose fault it is, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Usage,
    Input,
    Own,
    Unreachable,
}

/// Why a command was not done.
#[derive(Debug)]
pub(super) struct Failure {
    fault: Fault,
    what: String,
    why: String,
    hint: String,
}

impl Failure {
    /// The command line is at fault.
    pub(super) fn usage(what: &str, hint: &str) -> Self {
        Self::new(Fault::Usage, what, String::new(), hint)
    }

    /// An input is at fault.
    pub(super) fn refused(what: &str, why: impl Error, hint: &str) -> Self {
        Self::new(Fault::Input, what, chain(&why), hint)
    }

    /// This machine or this program is at fault.
    pub(super) fn own(what: &str, why: impl Error, hint: &str) -> Self {
        Self::new(Fault::Own, what, chain(&why), hint)
    }

    fn new(fault: Fault, what: &str, why: String, hint: &str) -> Self {
        Self {
            fault,
            what: what.to_owned(),
            why,
            hint: hint.to_owned(),
        }
    }

    /// The exit code.
    pub(super) fn exit_code(&self) -> u8 {
        match self.fault {
            Fault::Usage => 2,
            Fault::Input => 3,
            Fault::Own => 4,
            Fault::Unreachable => 5,
        }
    }
}

/// An error with its causes, without what may hold a password.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        // Some errors say their cause themselves.
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    hostler_contract::escape_bounded(&text, 2000)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        if !self.why.is_empty() {
            writeln!(f, "  why: {}", self.why)?;
        }
        writeln!(f, "  do: {}", self.hint)
    }
}

impl From<RecordsError> for Failure {
    fn from(error: RecordsError) -> Self {
        let (fault, hint) = match &error {
            RecordsError::Url { .. } => (
                Fault::Usage,
                "write `postgres://USER@HOST/DATABASE`, or leave `--database` away for a file in the data folder",
            ),
            RecordsError::Database(_) => (
                Fault::Unreachable,
                "look whether the database runs, and whether its URL, user and password are right",
            ),
            RecordsError::Tables(_) => (Fault::Own, "use the version of hostler-repository that wrote them"),
            RecordsError::Value { .. } => (Fault::Own, "restore the last backup, or put the row right by hand"),
            RecordsError::LeaseLost => (Fault::Own, "nothing: another server goes on with it"),
            RecordsError::Exists { .. } => (Fault::Input, "`subscription list` shows what there is"),
            RecordsError::Missing { .. } => (Fault::Input, "`subscription list` shows what there is"),
        };
        Self::new(fault, "the records were not read or changed", chain(&error), hint)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Records(error) => error.into(),
            BackupError::Io(error) => Self::own(
                "the backup failed",
                error,
                "look at the space and permissions of its folder",
            ),
            form @ BackupError::Form { .. } => {
                Self::refused("the backup was not restored", form, "name a folder that `backup` wrote")
            }
            there @ BackupError::NotEmpty { .. } => Self::refused(
                "the backup was not restored",
                there,
                "name an empty database and an empty folder",
            ),
        }
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        let (fault, hint) = match &error {
            TlsError::Io { .. } | TlsError::Make(_) => (Fault::Own, "look at the file and its permissions"),
            TlsError::Pem { .. } => (
                Fault::Input,
                "give a file in PEM form, with lines such as `-----BEGIN CERTIFICATE-----`",
            ),
            TlsError::Unusable(_) => (Fault::Input, "give a certificate and the key that belongs to it"),
        };
        Self::new(fault, "there is no usable certificate", chain(&error), hint)
    }
}
