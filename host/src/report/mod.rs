//! What is reported: the agent's status document with our additions, and the same for people.
//!
//! Deciding what a command came to ([`extension_verdict`], [`handler_verdict`]) is pure; [`document()`] puts it into the
//! agent's document, [`account()`] into words.

mod account;
mod addition;
mod agent;
mod audit_text;
mod document;
mod extension;
mod failure;
mod handler;
mod isolation;
mod log_text;
mod observed;
mod output;
mod record;
mod root_report;
mod service;
mod several;
mod status_file;
mod summary;
mod table;
mod watch;

pub use account::{account, error_lines, finding_lines};
pub use addition::{
    Addition, CommandReport, ComponentReport, FolderAccess, FolderReport, LimitReport, PackageReport, StreamReport,
    granted_folders,
};
pub use agent::{AgentReport, AgentState, Following, InForceReport};
pub use audit_text::{audit_line, audit_verdict};
pub use document::{AtFault, HandlerEntry, document};
pub use extension::{EnableReport, ExtensionVerdict, extension_verdict};
pub use failure::{Reason, failure, failure_code};
pub use handler::{HandlerVerdict, handler_verdict, read_heartbeat};
pub use isolation::isolation_lines;
pub use log_text::{log_line, log_text};
pub use observed::{HEARTBEAT_FRESH, HeartbeatSeen, Observed};
pub use output::{command_output, printable, stream_text};
pub use record::HandlerReport;
pub use root_report::{GoalStateReport, Outcome, Processed, Removal, RemovedReport, RootAddition, RootReport};
pub use service::{ServiceEnd, ServiceReport, ServiceState};
pub use several::ExtensionReport;
pub use status_file::{StatusRead, read_status};
pub use summary::{refusals, summary};
pub use table::table;
pub use watch::{Changes, Watched};
