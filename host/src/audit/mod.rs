//! The audit log: one line of JSON for each decision, and for each use of a granted capability that matters, in
//! `ROOT/audit/audit-000001.jsonl` and so on. Host only; never a preopen.
//!
//! # The chain
//!
//! Every line has a number, one more than the line before it, and in `previous` the SHA-256 of that line's bytes. Nothing
//! can be changed, put in, taken out or moved without a line that does not fit the one before it. The last line has no
//! line after it, so number and hash of it ([`Head`]) are kept in the host's state as well.
//!
//! There is no key: who may write in `audit/` may read `keys/` too, since both belong to the owner of the root, so a keyed
//! hash would prove no more than this one. Who owns the root can write the whole log anew, and the state with it. What finds
//! that is a head that was kept elsewhere: [`verify`] takes one.
//!
//! # Log and state
//!
//! A line is brought to the disk before the state knows of it ([`AuditLog::commit`]), so the log is never behind the state;
//! it is ahead by at most [`MAX_AHEAD`] lines, those since the last commit. A crash between the two leaves lines that the
//! state does not know of, which the next [`AuditLog::open`] takes up, and says so in the log. Whatever else does not fit
//! together is no crash, and is said in the log for good.

mod chain;
mod error;
mod event;
mod execution;
mod field;
mod folder;
mod head;
mod line;
mod lines;
mod log;
mod resume;
#[cfg(test)]
mod tests;
mod verdict;
mod verify;

pub use error::AuditError;
pub use event::{AuditEvent, Entry, GoalStateEnd};
pub use execution::execution_entries;
pub use field::{Codes, DirectoryText, EndKind, GrantSummary, RuleName, SourceText, VariableName, Whose};
pub use folder::{AuditFolder, Files};
pub use head::{Head, LineHash};
pub use line::RemovedFiles;
pub use lines::{Line, Lines};
pub use log::{AuditLog, Sizes};
pub use verdict::{Fault, LogVerdict};
pub use verify::verify;

/// Longest line, in bytes, with its line feed. Events are bounded so that none comes near it.
pub const MAX_LINE: usize = 8 * 1024;

/// Most lines that the state does not know of.
pub const MAX_AHEAD: u64 = 64;
