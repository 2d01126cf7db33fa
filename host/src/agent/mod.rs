//! The agent: follows a source of goal states for as long as it runs (contract 7.1, design 6).
//!
//! ```text
//!  source ──► poller ─┐                      ┌─► executor ──► apply ──► store, audit log
//!  signals ───────────┼─► course (decides) ──┤
//!  ends of executor ──┘        │             └─► reporter ──► report/status.json, --report, upload, metrics
//!                              └─► notices to the service manager
//! ```
//!
//! - [`source`]: what lies at a file, in a folder or at a URL just now.
//! - [`Course`]: what follows from what happened; pure, and all that is decided is decided there.
//! - [`Schedule`]: when it is time for something; by the monotonic clock, so that no jump of the wall clock matters.
//! - [`run`]: asks both, and has done what they say by a [`World`]: threads and a clock, or a test's.
//! - [`Threads`]: the real one. Each of them waits for one thing, so that none delays another: a long command neither
//!   the report nor a signal, a slow source or server nothing at all.
//! - [`Periodic`]: what else is done again and again.

mod collector;
mod course;
mod executor;
mod metrics;
mod metrics_server;
mod notices;
mod periodic;
mod published;
mod reporter;
mod run;
mod schedule;
pub mod source;
mod taken_up;
#[cfg(test)]
mod tests;
mod threads;
mod upload;

pub use collector::EventCollector;
pub use course::{Act, Course, Ending, Happened};
pub use executor::{Executor, Runs};
pub use metrics_server::{MetricsError, MetricsServer};
pub use notices::{Notice, Notices, watchdog};
pub use periodic::Periodic;
pub use published::{Counts, Published};
pub use reporter::{Reporter, WriteReport};
pub use run::{World, run};
pub use schedule::Schedule;
pub use threads::{Threads, ThreadsOptions};
pub use upload::Uploader;
