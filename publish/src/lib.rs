//! The publisher's client of a repository.
//!
//! # Layout, in the order in which a call goes
//!
//! - `settings`: where the repository is, and as whom it is spoken to: from a file or from variables.
//! - `client`: a connection with the publisher's certificate, one request and its answer.
//! - `pauses`: what is tried again, and after how long.
//! - `calls`: the calls of the management API, each with the answer that it has.
//! - `resend`: what is done about a request of which nobody knows whether it arrived.
//! - `wait`: waiting for the end of an operation.
//!
//! Nothing here prints, and nothing is written to disk.

mod calls;
mod client;
mod error;
mod pauses;
mod resend;
mod settings;
mod wait;

pub use calls::Uploaded;
pub use client::Client;
pub use error::PublishError;
pub use pauses::{POLL_PAUSES, Pauses, RETRY_PAUSES, is_tried_again};
pub use settings::{API_VERSION, ClientSettings, PartialSettings, VARIABLES};
pub use wait::Waited;
