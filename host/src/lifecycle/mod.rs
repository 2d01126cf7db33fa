//! A handler's commands: with which variables each is run, and what it came to.
//!
//! The whole life (which command next, state on disk, upgrade) is not here yet; `hostler run` names its commands.

mod execution;
mod variables;

pub use execution::{Execution, ExecutionError, Handler, target};
pub use variables::{Variables, WIRE_PROTOCOL_ADDRESS};
