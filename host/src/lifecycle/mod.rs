//! A handler's life: which step is next ([`Situation`]), with which variables a command is run, and what it came to.

mod execution;
mod handed_on;
mod handler_state;
mod roll_back;
mod service;
mod table;
mod variables;

pub use execution::{Execution, ExecutionError, Handler, ReadyExecution};
pub use handed_on::{HandedOn, HandedOnError};
pub use handler_state::HandlerState;
pub use roll_back::RollBack;
pub use service::ServiceSpec;
pub use table::{After, Done, Side, Situation, Step, UpdateRules, Wanted};
pub use variables::{VARIABLES, Variables, VersionChange, WIRE_PROTOCOL_ADDRESS};
