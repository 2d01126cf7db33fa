//! The repository: what publishers register, and what hosts install from.
//!
//! # Layout, in the order in which a request goes
//!
//! - [`commands`]: the command line.
//! - [`server`]: HTTPS, who a client is, and the calls of the management API.
//! - [`records`]: what is known of subscriptions, versions, operations and uploads, in one database.
//! - [`operations`]: what was accepted and is carried out afterwards, by whichever server has the time.
//! - [`context`]: what a server works with for as long as it runs.
//! - [`server_identity`]: who a server is, among those that work on one database.
//! - [`surroundings`]: the clock, where numbers come from, and how long is waited; tests put their own.

pub mod commands;
pub mod context;
pub mod operations;
pub mod records;
pub mod server;
pub mod server_identity;
pub mod surroundings;
