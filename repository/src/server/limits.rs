//! What bounds a client: sizes, counts and times, all in one place.

use std::time::Duration;

use hostler_contract::definition::MAX_DEFINITION_BYTES;
use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for everything but connections: the database, stores, packages being checked.
const OTHER_FILES: usize = 192;

/// Bounds of one server. None of them is about a subscription; its quota is in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLimits {
    /// Bytes of a request's first line and headers together. More is answered with 431.
    pub header_bytes: usize,
    /// Headers of a request. More is answered with 431.
    pub headers: usize,
    /// Bytes of a request's path and query. More is answered with 414.
    pub uri_bytes: usize,
    /// Bytes of a definition. More is answered with 413.
    pub definition_bytes: usize,
    /// Bytes of an upload: those of a package. More is answered with 413.
    pub upload_bytes: u64,
    /// How long a client may say nothing: in the handshake, between requests, while it sends headers, between two pieces
    /// of a body, and while it does not read an answer.
    pub idle: Duration,
    /// How long a request may take from its headers to the end of its body.
    pub request: Duration,
    /// Connections at one time. More wait to be accepted.
    pub connections: usize,
    /// Connections at one time from one address. More are closed.
    pub connections_of_address: usize,
    /// How long requests that were begun may take after the server was told to stop.
    pub stop: Duration,
}

impl ServerLimits {
    /// The defaults, as far as this process may have as many files open; it is given as many as the system allows.
    pub fn for_this_process() -> Self {
        let mut limits = Self::default();
        let mut files = getrlimit(Resource::Nofile);
        if files.current < files.maximum {
            files.current = files.maximum;
            if let Err(error) = setrlimit(Resource::Nofile, files) {
                tracing::warn!(%error, "the number of open files could not be raised");
            }
        }
        let allowed = getrlimit(Resource::Nofile).current;
        let allowed = allowed
            .and_then(|files| usize::try_from(files).ok())
            .unwrap_or(usize::MAX);
        limits.connections = limits.connections.min(allowed.saturating_sub(OTHER_FILES).max(16));
        limits.connections_of_address = limits.connections_of_address.min(limits.connections);
        limits
    }
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            header_bytes: 16 << 10,
            headers: 64,
            uri_bytes: 4 << 10,
            definition_bytes: MAX_DEFINITION_BYTES,
            upload_bytes: 64 << 20,
            idle: Duration::from_secs(10),
            request: Duration::from_mins(5),
            connections: 2048,
            connections_of_address: 1024,
            stop: Duration::from_secs(20),
        }
    }
}
