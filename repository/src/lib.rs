//! The repository: what publishers register, and what hosts install from.
//!
//! # Layout, in the order in which a request goes
//!
//! - [`commands`]: the command line.
//! - [`server`]: HTTPS, who a client is, and the calls of the management API.
//! - [`records`]: what is known of subscriptions, versions, operations and uploads, in one database.
//! - [`operations`]: what was accepted and is carried out afterwards, by whichever server has the time.
//! - [`versions`]: what versions may become, and which one a machine gets.
//! - [`media`]: from a MediaLink to a package, and to nothing else.
//! - [`stores`]: where packages lie, and what hosts fetch: folders, Azure Blob Storage, S3.
//! - [`admission`]: what a package must be before a version of it becomes visible.
//! - [`page`]: what people see of all this.
//! - [`replication`]: copying packages to the regions.
//! - [`published`]: what hosts fetch: version manifests, packages and the signed index, as plain files.
//! - [`versions`]: what versions may become, and which one a machine gets.
//! - [`goal_state`]: the document that machines poll.
//! - [`context`]: what a server works with for as long as it runs.
//! - [`server_identity`]: who a server is, among those that work on one database.
//! - [`starting`]: what is made in a data folder when it is used first, one at a time.
//! - [`surroundings`]: the clock, where numbers come from, and how long is waited; tests put their own.

pub mod admission;
pub mod commands;
pub mod context;
pub mod goal_state;
pub mod media;
pub mod operations;
pub mod page;
pub mod published;
pub mod records;
pub mod replication;
pub mod server;
pub mod server_identity;
pub mod starting;
pub mod stores;
pub mod surroundings;
pub mod versions;
