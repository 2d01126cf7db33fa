//! Status files: what a handler says about a settings delivery.
//!
//! Read as the agent reads them, odd words and long texts included (contract 5.1 to 5.3). What makes the agent drop the
//! whole report (contract 5.2, quirk) is here a refusal of that one file, to be reported with code
//! [`BAD_STATUS_CODE`]. Written by a host in a handler's place (contract 5.4) and by handlers.

mod parse;
mod truncate;
mod write;

pub use write::timestamp;

use crate::json::Node;

/// The integer code reported for a status file that was refused (contract 0).
pub const BAD_STATUS_CODE: i32 = 1012;

/// Most bytes of a status file that are read; a reader need not take more than one byte beyond.
pub const MAX_STATUS_BYTES: usize = 1024 * 1024;

/// How an operation stands. The four words are exact in case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusKind {
    /// `transitioning`: going on.
    Transitioning,
    /// `warning`: going on or done, and something is odd.
    Warning,
    /// `error`: ended badly.
    Error,
    /// `success`: ended well.
    Success,
}

impl StatusKind {
    /// The word in a status file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transitioning => "transitioning",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Success => "success",
        }
    }

    /// The kind with exactly this word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Transitioning, Self::Warning, Self::Error, Self::Success]
            .into_iter()
            .find(|kind| kind.name() == word)
    }

    /// Whether nothing more is to be expected (contract 0).
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Error | Self::Success)
    }
}

impl std::fmt::Display for StatusKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for StatusKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a status file says.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionStatus {
    /// How the operation stands.
    pub kind: StatusKind,
    /// What is being done, as it was written; null by default.
    pub operation: Node,
    /// The handler's own code with its JSON type; 0 by default.
    pub code: Node,
    /// The text for people, from `formattedMessage.message`.
    pub message: Option<String>,
    /// Parts of the operation, in order.
    pub substatus: Vec<Substatus>,
    /// When the settings were last applied, as it was written; null by default.
    pub configuration_applied_time: Node,
}

/// One part of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Substatus {
    /// The part's name, as it was written; null by default.
    pub name: Node,
    /// How it stands.
    pub kind: StatusKind,
    /// Its code with its JSON type; 0 by default.
    pub code: Node,
    /// The text for people.
    pub message: Option<String>,
}

impl ExtensionStatus {
    /// A status without parts.
    pub fn new(kind: StatusKind, operation: &str, code: i32, message: impl Into<String>) -> Self {
        Self {
            kind,
            operation: Node::string(operation),
            code: Node::integer(code.into()),
            message: Some(message.into()),
            substatus: Vec::new(),
            configuration_applied_time: Node::null(),
        }
    }
}

/// A status file that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum StatusDocument {
    /// `null` or `[]`: the handler has nothing to say (contract 5.1).
    Nothing,
    /// The handler's status.
    Status(Box<ExtensionStatus>),
}

impl StatusDocument {
    /// The status, if there is one.
    pub fn status(&self) -> Option<&ExtensionStatus> {
        match self {
            Self::Nothing => None,
            Self::Status(status) => Some(status),
        }
    }
}
