//! The agent as its operators meet it: the real binary, sources that are well or not, signals, what it tells others.
//!
//! What takes an hour is played in the host's own tests with a clock of theirs; here it is shown that the parts fit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dependencies;
mod follows;
mod health;
mod machine;
mod metrics;
mod notices;
mod policies;
mod reports;
mod server;
mod services;
mod sources;
mod stops;
mod watched;
