//! Launcher packages: what the native agent finds when it runs one, by itself and by the real agent.
//!
//! `agent` does by folder what that agent does, as the contract has it: it unpacks, writes its files and runs the
//! manifest's commands through a shell. `real` runs the distribution's own package of that agent.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent;
mod answers;
mod commands;
mod hostile;
mod packs;
mod places;
mod real;
mod secrets;
