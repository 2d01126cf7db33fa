//! What may stand in a line. No event has a field that takes just any text: each type here is made of something that holds
//! no settings and no value of a variable, and is bounded and escaped when it is made.

use std::collections::BTreeSet;
use std::path::Path;

use hostler_contract::{Code, Finding, HandlerIdentity, HandlerName, Refused, escape_bounded, redact_sas};
use hostler_fetch::Location;
use serde::{Serialize, Serializer};

use crate::handler_dir::PackageRecord;
use crate::sandbox::End;

/// Most codes of one line.
const MAX_CODES: usize = 16;

/// Longest location, path or name of a rule, in bytes after escaping.
const MAX_TEXT: usize = 256;

/// Most folders and most variables of one line; how many there are is said beside them.
const MAX_LISTED: usize = 8;

/// Whose a line is: a handler in one version, or in whatever version there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Whose {
    /// `Publisher.Type-1.0`.
    Version(HandlerIdentity),
    /// `Publisher.Type`.
    Handler(HandlerName),
}

impl From<&HandlerIdentity> for Whose {
    fn from(identity: &HandlerIdentity) -> Self {
        Self::Version(identity.clone())
    }
}

impl From<&HandlerName> for Whose {
    fn from(name: &HandlerName) -> Self {
        Self::Handler(name.clone())
    }
}

/// Codes of findings, each once; never their words, which may quote what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes(Vec<Code>);

impl Codes {
    /// The first 16 of `codes`, each once, in their order.
    pub fn of(codes: impl IntoIterator<Item = Code>) -> Self {
        let mut seen = BTreeSet::new();
        Self(
            codes
                .into_iter()
                .filter(|code| seen.insert(*code))
                .take(MAX_CODES)
                .collect(),
        )
    }
}

impl From<&[Finding]> for Codes {
    fn from(findings: &[Finding]) -> Self {
        Self::of(findings.iter().map(Finding::code))
    }
}

impl From<&Refused> for Codes {
    fn from(refused: &Refused) -> Self {
        Self::from(refused.findings())
    }
}

impl Serialize for Codes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);
    )*};
}

texts! {
    /// Where something came from, as it is shown: without user, password and query.
    SourceText;
    /// The path of a granted folder of the host.
    DirectoryText;
    /// The name of a rule of the operator's policy.
    RuleName;
    /// The name of a variable; never its value.
    VariableName;
}

impl From<&Location> for SourceText {
    fn from(location: &Location) -> Self {
        Self(shown(&location.display()))
    }
}

impl From<&PackageRecord> for SourceText {
    /// Its file where it came from the command line.
    fn from(record: &PackageRecord) -> Self {
        let text = match record.source.is_empty() {
            true => &record.file,
            false => &record.source,
        };
        Self(shown(text))
    }
}

impl From<&Path> for DirectoryText {
    fn from(path: &Path) -> Self {
        Self(escape_bounded(&path.to_string_lossy(), MAX_TEXT))
    }
}

impl RuleName {
    /// The name that the policy gives a rule.
    pub fn new(name: &str) -> Self {
        Self(escape_bounded(name, MAX_TEXT))
    }
}

impl VariableName {
    /// A name of ASCII letters, digits and `_` that does not begin with a digit, of at most 128 bytes; `None` for what is
    /// no name.
    pub fn new(name: &str) -> Option<Self> {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = name.starts_with(|c: char| !c.is_ascii_digit());
        (plain && begins && name.len() <= 128).then(|| Self(name.to_owned()))
    }
}

fn shown(location: &str) -> String {
    escape_bounded(&redact_sas(location), MAX_TEXT)
}

/// What a handler may do beyond the contract's folders, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantSummary {
    /// How many folders of the host it may read.
    pub read: usize,
    /// How many it may write in.
    pub write: usize,
    /// How many variables of the host it gets.
    pub variables: usize,
    /// The first of those that it may write in.
    writes_in: Vec<DirectoryText>,
    /// The names of the first variables.
    gets: Vec<VariableName>,
    /// Whether it runs on after enable; left out where it does not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    service: bool,
}

impl GrantSummary {
    /// Folders that it may read, folders that it may write in, and the names of variables.
    pub fn new(read: usize, writes_in: &[DirectoryText], gets: &[VariableName]) -> Self {
        Self {
            read,
            write: writes_in.len(),
            variables: gets.len(),
            writes_in: writes_in.iter().take(MAX_LISTED).cloned().collect(),
            gets: gets.iter().take(MAX_LISTED).cloned().collect(),
            service: false,
        }
    }

    /// The same, of a handler that runs on after enable or does not.
    #[must_use]
    pub fn with_service(self, service: bool) -> Self {
        Self { service, ..self }
    }
}

/// How a command ended, without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// It came back.
    Exited,
    /// Its component trapped.
    Trapped,
    /// It ran out of time.
    TimedOut,
    /// It was stopped at another limit.
    Stopped,
    /// Its worker process ended before it did.
    WorkerDied,
    /// The host failed.
    HostFault,
    /// It was not run in the end.
    NotRun,
}

impl From<&End> for EndKind {
    fn from(end: &End) -> Self {
        match end {
            End::Exited { .. } => Self::Exited,
            End::Trapped { .. } => Self::Trapped,
            End::TimedOut(_) => Self::TimedOut,
            End::Stopped(_) => Self::Stopped,
            End::WorkerDied { .. } => Self::WorkerDied,
            End::HostFault { .. } => Self::HostFault,
        }
    }
}
