//! Metrics over HTTP, on this machine only: one small request at a time, bounded in bytes and time.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::metrics::metrics;
use super::published::Published;

/// Most bytes of a request.
const MAX_REQUEST: usize = 8 << 10;

/// Longest time for a request and its answer. The next one waits for it, and nobody else does.
const TIME: Duration = Duration::from_secs(2);

/// Why no metrics are offered.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Others than this machine could ask.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// It cannot be listened at.
    #[error("{address} cannot be listened at")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Listens, and does not answer yet.
#[derive(Debug)]
pub struct MetricsServer {
    listener: TcpListener,
}

impl MetricsServer {
    /// Listens at `address`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`].
    pub fn listen(address: SocketAddr) -> Result<Self, MetricsError> {
        if !address.ip().is_loopback() {
            return Err(MetricsError::NotLoopback(address));
        }
        let listener = TcpListener::bind(address).map_err(|source| MetricsError::Listen { address, source })?;
        Ok(Self { listener })
    }

    /// Where it listens: with the port that was had, where none was named.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Answers from a thread of its own, for as long as the process lives.
    ///
    /// # Errors
    ///
    /// What the system says of the thread.
    pub fn start(self, published: Published) -> io::Result<()> {
        let answer = move || {
            for stream in self.listener.incoming() {
                // A client that goes away is its own affair; where there are no descriptors there may be some later.
                match stream {
                    Ok(mut stream) => drop(serve(&mut stream, &published)),
                    Err(_) => thread::sleep(Duration::from_millis(100)),
                }
            }
        };
        thread::Builder::new().name("metrics".into()).spawn(answer).map(|_| ())
    }
}

fn serve(stream: &mut TcpStream, published: &Published) -> io::Result<()> {
    let head = read_head(stream)?;
    let request = String::from_utf8_lossy(&head);
    let (status, body) = answer(request.lines().next().unwrap_or_default(), published);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// Reads to the end of the head of a request; what would be a body is not looked at.
fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let started = Instant::now();
    stream.set_write_timeout(Some(TIME))?;
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = TIME.saturating_sub(started.elapsed());
        if left.is_zero() || head.len() > MAX_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => head.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
    Ok(head)
}

fn answer(request: &str, published: &Published) -> (&'static str, String) {
    let mut words = request.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some("GET"), Some("/metrics"), Some("HTTP/1.1" | "HTTP/1.0")) => ("200 OK", metrics(&published.now())),
        (Some("GET"), Some(_), Some("HTTP/1.1" | "HTTP/1.0")) => {
            ("404 Not Found", "metrics are at /metrics\n".to_owned())
        }
        (Some(_), Some(_), Some("HTTP/1.1" | "HTTP/1.0")) => {
            ("405 Method Not Allowed", "only GET is known\n".to_owned())
        }
        _ => ("400 Bad Request", "this is not HTTP\n".to_owned()),
    }
}
