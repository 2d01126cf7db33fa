//! Beside the native agent: what the program in a launcher package does when that agent runs a command of it.
//!
//! ```text
//! agent ── command, variables, its folders ──► launch ──► lifecycle ──► sandbox ──► answer ──► status file, heartbeat file,
//!                                                                                             exit code, output ──► agent
//! ```
//!
//! Nothing of hostler is there before a command or after it. What decides is where the agent unpacked the package
//! ([`Place`]), what it handed over ([`HandedOn`](crate::lifecycle::HandedOn)) and the operator's policy.

mod answer;
mod launch;
mod place;

pub use answer::Answer;
pub use launch::{Launched, LauncherError, launch};
pub use place::{Place, PlaceError};

/// The file in a launcher package that says what the handler's own package in it was when it was packed.
pub const PACKAGE_FILE: &str = "hostler-package.json";

/// The program in a launcher package.
pub const PROGRAM: &str = "bin/hostler-launcher";
