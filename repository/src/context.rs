//! What a server works with, for as long as it runs: made once, shared by requests and operations.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::admission::Checker;
use crate::media::MediaFetcher;
use crate::published::Publisher;
use crate::records::Records;
use crate::replication::Replicator;
use crate::stores::{Packages, Regions};
use crate::surroundings::Surroundings;

/// What the operator decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder with everything that is no other's: database, packages, keys.
    pub data: PathBuf,
    /// Versions that a subscription may have at one time, unless it has a quota of its own.
    pub version_quota: i64,
    /// How old an upload gets that no version has; `None` where it stays for ever.
    pub unused_uploads: Option<Duration>,
}

/// What requests and operations work with.
#[derive(Clone)]
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
    /// Where packages are kept.
    pub packages: Packages,
    /// Writes what hosts fetch; knows the regions.
    pub publisher: Publisher,
    /// Copies packages to the regions.
    pub replicator: Replicator,
    /// Has packages checked.
    pub checker: Checker,
    /// Fetches packages from where a MediaLink leads.
    pub fetcher: MediaFetcher,
}

impl Context {
    /// The regions of this repository.
    pub fn regions(&self) -> &Regions {
        self.publisher.regions()
    }

    /// The folder for what comes in and lies nowhere yet.
    pub fn incoming(&self) -> PathBuf {
        self.settings.data.join("incoming")
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("settings", &self.settings)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
