//! What differs between documents in how their JSON is read.

use crate::{Code, Severity};

/// What a byte order mark at the start of a document means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrderMark {
    /// It is left out, with a warning.
    Strip,
    /// The document is refused.
    Refuse,
}

/// What a key that stands twice in one object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// The document is refused: two readers could take different values for it.
    Refuse,
    /// The later value counts, with a warning, as the agent reads it.
    LastWins,
}

impl Duplicates {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Refuse => Severity::Refusal,
            Self::LastWins => Severity::Warning,
        }
    }
}

/// The bounds of one kind of document, and the codes of what can be wrong with it as JSON.
#[derive(Debug, Clone, Copy)]
pub struct JsonRules {
    /// Most bytes that are looked at.
    pub max_bytes: usize,
    /// Most arrays and objects inside each other.
    pub max_depth: usize,
    /// What a byte order mark means.
    pub byte_order_mark: ByteOrderMark,
    /// What a repeated key means.
    pub duplicates: Duplicates,
    /// Whether the number -0 is refused (STA-05); otherwise it is 0 as in the agent's parser.
    pub refuse_negative_zero: bool,
    /// Code for text that is not JSON.
    pub json: Code,
    /// Code for bytes that are not UTF-8, and for a byte order mark.
    pub encoding: Code,
    /// Code for too many bytes.
    pub size: Code,
    /// Code for too deep nesting.
    pub depth: Code,
    /// Code for a repeated key.
    pub duplicate_key: Code,
}
