//! What a server works with, for as long as it runs: made once, shared by requests and operations.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::records::Records;
use crate::surroundings::Surroundings;

/// A region: a store of its own, from which hosts there fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its name, as in a definition's `Regions`.
    pub name: String,
    /// Where its store is: `file:`, `az:`, `s3:`. It may hold a secret: it is never shown as it is.
    pub store: String,
}

/// What the operator decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder with everything that is no other's: database, packages, keys.
    pub data: PathBuf,
    /// The regions; at least one.
    pub regions: Vec<Region>,
    /// Hosts, some with a port, from which a `MediaLink` may be fetched.
    pub media_hosts: Vec<String>,
    /// Versions that a subscription may have at one time, unless it has a quota of its own.
    pub version_quota: i64,
    /// What this server calls itself in front of clients: `https://...`, without a slash at the end.
    pub public_url: String,
}

/// What requests and operations work with.
#[derive(Debug, Clone)]
pub struct Context {
    /// What is known.
    pub records: Records,
    /// What the operator decided.
    pub settings: Settings,
    /// The clock and all else that comes from outside.
    pub surroundings: Surroundings,
    /// Who this server is, among those that work on one database.
    pub server: String,
    /// Told when an operation was accepted, so that it need not wait to be looked for.
    pub accepted: Arc<Notify>,
}
