//! What was accepted and is carried out afterwards.
//!
//! A request that changes something leaves an operation on record and is answered. A server takes it ([`Runner`]), does
//! its [`steps`], and ends it. A server that dies leaves it to the next one: every step can be done once more.

mod admit;
mod runner;
pub mod steps;
mod sweep;
mod tend;

pub use runner::Runner;
pub use sweep::{HoldError, Swept, give_back, hold_package, sweep};
pub use tend::tend;
