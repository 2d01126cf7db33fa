//! HTTPS, who a client is, and the calls of the management API.
//!
//! [`serve`] takes connections within [`ServerLimits`], and hands each request to one of three: the calls of the
//! management API (`management`), what hosts and people fetch (`routes`), and what watches the server (`watch`). Every
//! answer gets its headers in one place (`answer`), and every request one line in the log, without its query, since that
//! is where secrets stand.

mod answer;
mod blobs;
mod body;
mod client;
mod client_certificate;
mod connections;
mod der;
mod goal_states;
mod limits;
mod listener;
mod management;
mod metrics;
mod patience;
mod people;
mod published;
mod routes;
mod service;
mod tls;
mod watch;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch as channel;
use tokio_rustls::TlsAcceptor;

pub use client::Client;
pub use limits::ServerLimits;
pub use metrics::Metrics;
pub use tls::{CertificateFiles, TlsError, certificate_in, server_config};

use crate::context::Context;

/// What requests are answered with.
#[derive(Debug)]
pub struct Server {
    /// Records, settings and surroundings.
    pub context: Context,
    /// What bounds a client.
    pub limits: ServerLimits,
    /// What was done so far.
    pub metrics: Arc<Metrics>,
    /// Becomes true when the server is to stop.
    pub stop: channel::Receiver<bool>,
    /// Lists that were put together, until something changes.
    lists: management::ListCache,
}

impl Server {
    /// A server that takes no connections yet.
    pub fn new(
        context: Context,
        limits: ServerLimits,
        metrics: Arc<Metrics>,
        stop: channel::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            context,
            limits,
            metrics,
            stop,
            lists: management::ListCache::default(),
        })
    }
}

/// Serves on `tcp` until the server is told to stop, and lets requests that were begun come to their end.
pub async fn serve(server: Arc<Server>, tcp: TcpListener, tls: Arc<rustls::ServerConfig>) {
    let stop = server.stop.clone();
    let listener = listener::Listener {
        tcp,
        tls: TlsAcceptor::from(tls),
        limits: server.limits.clone(),
        metrics: Arc::clone(&server.metrics),
        answer: service::Service::new(server),
    };
    listener.serve(stop).await;
}
