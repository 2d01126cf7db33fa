//! The conformance kit: does a handler keep its side of the contract?
//!
//! A [`Case`] is data: one rule, its section in `docs/contract.md`, and the steps that show whether it holds. Each is carried
//! out on a handler of its own that was just put in place, a component in the sandbox or a native program as an agent would
//! start it ([`HandlerUnderTest`]). What was seen of each command ([`Seen`]) is judged by what the case expects, and the
//! outcome is a [`Ruling`] for every rule.
//!
//! ```text
//! cases/*.json + the user's own ──► Case ──► carry_out ──► Seen ──► Expectation::judge ──► Ruling ──► Account
//!                                              │ HandlerUnderTest: Components | NativePrograms
//! ```

mod account;
mod carry_out;
mod case;
mod cases;
mod components;
mod expectation;
mod folders;
mod handler;
mod native;
mod seen;

pub use account::{Account, Ruling, Verdict};
pub use carry_out::carry_out;
pub use case::{Case, Fault, SettingsKind, Step, StepAction, Whose};
pub use cases::{built_in, read_folder};
pub use components::Components;
pub use expectation::Expectation;
pub use folders::Folders;
pub use handler::{Asked, HandlerUnderTest, PutInPlace, UnderTestError};
pub use native::{NativeFiles, NativePrograms};
pub use seen::{Ended, Seen};
