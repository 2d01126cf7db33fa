//! Standard output and error of a command: the first bytes kept, the rest counted.
//!
//! A component that writes without end is neither stopped nor blocked by it: it costs its own time, and no memory here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use super::Captured;

/// A stream whose first `limit` bytes are kept. Clones write to the same place.
#[derive(Debug, Clone)]
pub(super) struct Output {
    limit: usize,
    captured: Arc<Mutex<Captured>>,
}

impl Output {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            captured: Arc::default(),
        }
    }

    /// Takes what was captured so far.
    pub(super) fn take(&self) -> Captured {
        std::mem::take(&mut *self.lock())
    }

    fn write(&self, bytes: &[u8]) {
        let mut captured = self.lock();
        let room = self.limit.saturating_sub(captured.bytes.len()).min(bytes.len());
        let (kept, dropped) = bytes.split_at(room);
        captured.bytes.extend_from_slice(kept);
        captured.dropped = captured.dropped.saturating_add(dropped.len() as u64);
    }

    fn lock(&self) -> MutexGuard<'_, Captured> {
        // Nothing is left half-done by a panic while the lock is held, so what a poisoned one holds is whole.
        self.captured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_kept_and_the_rest_counted() {
        let output = Output::new(5);
        output.write(b"abc");
        output.write(b"defg");
        output.write(b"h");
        assert_eq!(
            output.take(),
            Captured {
                bytes: b"abcde".to_vec(),
                dropped: 3
            }
        );
    }
}
