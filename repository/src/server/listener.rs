//! Connections: taken within bounds, secured, served request by request, and ended gently.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::client::Client;
use super::connections::Connections;
use super::limits::ServerLimits;
use super::metrics::Metrics;
use super::patience::Patience;
use crate::records::Certificate;

/// How long the rest of a request is read and thrown away after it was answered early, so that the client gets to see
/// the answer before the connection breaks.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes that are thrown away so at most.
const LINGER_BYTES: u64 = 64 << 20;
/// Pause after the system gave no connection, as when no descriptor is free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A service of one connection.
type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, std::convert::Infallible>> + Send>>;

/// What answers a request.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    /// Answers it.
    fn answer(&self, client: Arc<Client>, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;
}

/// Takes connections until it is told to stop.
pub(super) struct Listener<A> {
    pub(super) tcp: TcpListener,
    pub(super) tls: TlsAcceptor,
    pub(super) limits: ServerLimits,
    pub(super) metrics: Arc<Metrics>,
    pub(super) answer: A,
}

impl<A: Answer> Listener<A> {
    /// Serves until `stop` becomes true, and lets requests that were begun come to their end.
    pub(super) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let connections = Arc::new(Connections::default());
        let this = Arc::new(self);
        let mut tasks = JoinSet::new();
        loop {
            // Those that have ended: what came of them was said by themselves.
            while tasks.try_join_next().is_some() {}
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = told(&mut stop) => break,
            };
            let Ok(place) = place else { break };
            let accepted = tokio::select! {
                accepted = this.tcp.accept() => accepted,
                () = told(&mut stop) => break,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Some(counted) = connections.count(plain(address), this.limits.connections_of_address) else {
                this.metrics.connection_refused();
                continue;
            };
            this.metrics.connections(connections.all());
            let (this, stop, connections) = (Arc::clone(&this), stop.clone(), Arc::clone(&connections));
            tasks.spawn(async move {
                if let Err(error) = this.connection(stream, address, stop).await {
                    tracing::debug!(%address, %error, "a connection ended early");
                }
                drop((place, counted));
                this.metrics.connections(connections.all());
            });
        }
        let limit = this.limits.stop;
        drop(this);
        if timeout(limit, async { while tasks.join_next().await.is_some() {} })
            .await
            .is_err()
        {
            tracing::warn!(connections = tasks.len(), "requests took too long and were broken off");
            tasks.shutdown().await;
        }
    }

    async fn connection(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        mut stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        // Answers are written in one piece: waiting to fill a packet would only delay them.
        stream.set_nodelay(true)?;
        let idle = self.limits.idle;
        let handshake = timeout(idle, self.tls.accept(Patience::new(stream, idle))).await;
        let stream = handshake
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .inspect_err(|_| self.metrics.handshake_failed())?;
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let client = Arc::new(Client {
            address: plain(address),
            certificate: certificates
                .first()
                .map(|certificate| Certificate::new("", certificate)),
        });
        let service = hyper::service::service_fn(|request: Request<Incoming>| -> Answering {
            let (answer, client) = (self.answer.clone(), Arc::clone(&client));
            Box::pin(async move { Ok(answer.answer(client, request).await) })
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Also between requests.
            .header_read_timeout(idle)
            .max_headers(self.limits.headers)
            .max_header_size(self.limits.header_bytes)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service);
        let ended = tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
            () = told(&mut stop) => {
                Pin::new(&mut connection).graceful_shutdown();
                poll_fn(|cx| connection.poll_without_shutdown(cx)).await
            }
        };
        let mut stream = connection.into_parts().io.into_inner();
        ended.map_err(io::Error::other)?;
        stream.shutdown().await?;
        let mut rest = vec![0; 16 << 10];
        let mut left = LINGER_BYTES;
        let _ = timeout(LINGER, async {
            while let Ok(read) = stream.read(&mut rest).await {
                left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
                if read == 0 || left == 0 {
                    break;
                }
            }
        })
        .await;
        Ok(())
    }
}

/// Ends when the server is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The address without the form that a socket for both kinds gives to an old one.
fn plain(address: SocketAddr) -> IpAddr {
    address.ip().to_canonical()
}
