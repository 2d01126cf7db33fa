//! How a service is told to stop: its standard input, which is empty and stays open, ends.
//!
//! It is the one sign that a component and a native program can both be given, and it cannot be missed: an end of input
//! stays one, and comes of itself when whoever started the service is gone.

#[cfg(all(target_family = "wasm", not(all(target_os = "wasi", target_env = "p2"))))]
mod deaf;
#[cfg(not(target_family = "wasm"))]
mod thread;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wasi;

use std::time::Duration;

#[cfg(all(target_family = "wasm", not(all(target_os = "wasi", target_env = "p2"))))]
pub(crate) use deaf::{StandardInput, can_be_heard};
#[cfg(not(target_family = "wasm"))]
pub(crate) use thread::{StandardInput, can_be_heard};
#[cfg(all(target_os = "wasi", target_env = "p2"))]
pub(crate) use wasi::{StandardInput, can_be_heard};

use crate::Wait;

/// What a service waits for: standard input, or in a test what the test says.
pub(crate) trait Waits {
    /// Sleeps until `time` is over or the service is to stop; where both are so, it is to stop.
    fn wait(&mut self, time: Duration) -> Wait;
}
