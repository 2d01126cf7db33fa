//! What is reported: the agent's status document with our additions, and the same for people.
//!
//! Deciding what a command came to ([`extension_verdict`], [`handler_verdict`]) is pure; [`document()`] puts it into the
//! agent's document, [`account()`] into words.

mod account;
mod addition;
mod document;
mod extension;
mod failure;
mod handler;
mod output;
mod status_file;

pub use account::{account, error_lines, finding_lines};
pub use addition::{Addition, CommandReport, ComponentReport, LimitReport, PackageReport, StreamReport};
pub use document::{AtFault, Run, document};
pub use extension::{ExtensionVerdict, extension_verdict};
pub use handler::{HandlerVerdict, handler_verdict, read_heartbeat};
pub use output::{command_output, printable};
pub use status_file::{StatusRead, read_status};
