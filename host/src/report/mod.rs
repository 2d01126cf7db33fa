//! What is reported: the agent's status document with our additions, and the same for people.
//!
//! Deciding what a command came to ([`extension_status`], [`handler_verdict`]) is pure; [`document()`] puts it into the
//! agent's document, [`account()`] into words.

mod account;
mod addition;
mod document;
mod extension;
mod failure;
mod handler;
mod output;

pub use account::{account, finding_lines, refusal_lines};
pub use addition::{Addition, CommandReport, ComponentReport, LimitReport, PackageReport, StreamReport};
pub use document::{Run, document};
pub use extension::{StatusRead, extension_status, host_reason, read_status};
pub use handler::{HandlerVerdict, handler_verdict, read_heartbeat};
pub use output::{command_output, printable};
