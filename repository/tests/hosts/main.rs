//! Uploads, admission, replication, what hosts fetch, and the page: through the real server, over TLS on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod azurite;
mod client;
mod crash;
mod fetched;
mod index;
mod media;
mod mirrors;
mod page;
mod publish;
mod regions;
mod registration;
mod server;
mod uploads;
