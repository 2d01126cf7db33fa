//! What the author of an Azure VM extension handler links against.
//!
//! A handler is one type with the trait [`Handler`] and one line, [`export!`]. The same source is, for
//! `wasm32-wasip2`, a component with typed commands that is also a `wasi:cli/command` program, and everywhere else a
//! native program with the contract's command line (`my-handler enable`). The SDK reads what the agent wrote, calls
//! the handler, and writes status, log and exit code from what it returns: whatever happens, a command ends in a
//! status.
//!
//! ```
//! use hostler_sdk::{Context, Failure, Handler, Success};
//!
//! #[derive(Default)]
//! struct Greeter;
//!
//! #[derive(serde::Deserialize)]
//! struct Settings {
//!     name: String,
//! }
//!
//! impl Handler for Greeter {
//!     type Settings = Settings;
//!
//!     fn enable(&self, context: &mut Context, settings: Settings) -> Result<Success, Failure> {
//!         context.info("greeting");
//!         Ok(Success::new(format!("Hello, {}", settings.name)))
//!     }
//! }
//!
//! // In src/main.rs, at the top level:
//! hostler_sdk::export!(Greeter);
//! ```
//!
//! # Layout
//!
//! In the order of one command: `variables` and `folders` read the surroundings, `settings`, `protected` and `arrival` what
//! is asked and whether it is new; `run` calls the `handler` with a `context`, or a `service` that `stop` tells to end;
//! `reporting` tells of it by way of `status_file`, `log`, `event` and `heartbeat`. `program` and `component` are the two
//! ways in, [`harness`] the one for tests.

mod arrival;
mod clock;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
#[doc(hidden)]
pub mod component;
mod context;
mod departure;
mod event;
pub mod exit_code;
mod export;
mod failure;
mod files;
mod folders;
mod handler;
#[cfg(not(target_family = "wasm"))]
pub mod harness;
mod heartbeat;
mod log;
mod panic;
#[doc(hidden)]
pub mod program;
mod protected;
mod reporting;
mod run;
#[cfg(feature = "schema")]
mod schema;
mod service;
mod settings;
mod state;
mod status;
mod status_file;
mod stop;
mod variables;

pub use arrival::Arrival;
pub use clock::{now, utc};
pub use context::Context;
pub use departure::Departure;
pub use failure::Failure;
pub use folders::Folders;
pub use handler::Handler;
pub use heartbeat::Heartbeat;
pub use hostler_contract::{Command, ExtensionName, SequenceNumber, StatusKind};
pub use log::Level;
pub use protected::Protected;
#[cfg(feature = "schema")]
pub use schema::settings_schema;
pub use service::{Service, Wait};
pub use settings::{NoSettings, RawSettings};
pub use status::{Message, Status, Substatus, Success};
pub use variables::EarlierExit;
