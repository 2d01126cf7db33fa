//! Standard output and error of a command: the first bytes kept, the rest counted. Of a service, the last ones: what it
//! said before it fell says why.
//!
//! A component that writes without end is neither stopped nor blocked by it: it costs its own time, and no memory here.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{OutputStream, StreamResult};

use super::Captured;
use crate::secrets::{Redactor, RedactorStream};

/// Bytes that are taken at one time.
const AT_ONCE: usize = 64 * 1024;

/// A stream of which `limit` bytes are kept. Clones write to the same place.
#[derive(Debug, Clone)]
pub(super) struct Output {
    limit: usize,
    keeps: Keeps,
    captured: Arc<Mutex<Capture>>,
}

/// What was captured, and what is held back until it is told whether it is known.
#[derive(Debug)]
struct Capture {
    kept: Captured,
    stream: RedactorStream,
}

/// Which bytes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    First,
    Last,
}

impl Output {
    /// Without what `redactor` knows: taken out before bytes are counted and dropped, so that no part of it is left at an
    /// end.
    pub(super) fn new(limit: usize, keeps: Keeps, redactor: &Redactor) -> Self {
        let capture = Capture {
            kept: Captured::default(),
            stream: redactor.stream(),
        };
        Self {
            limit,
            keeps,
            captured: Arc::new(Mutex::new(capture)),
        }
    }

    /// Takes what was captured so far.
    pub(super) fn take(&self) -> Captured {
        let mut capture = self.lock();
        let last = capture.stream.finish();
        self.keep(&mut capture.kept, &last);
        let mut captured = std::mem::take(&mut capture.kept);
        self.forget(&mut captured, self.limit);
        captured
    }

    /// Leaves the last `most` bytes, where the last ones are kept.
    fn forget(&self, captured: &mut Captured, most: usize) {
        let over = captured.bytes.len().saturating_sub(most);
        if self.keeps == Keeps::Last && over > 0 {
            captured.bytes.drain(..over);
            captured.dropped = captured.dropped.saturating_add(over as u64);
        }
    }

    fn capture(&self, bytes: &[u8]) {
        let mut capture = self.lock();
        let told = capture.stream.push(bytes);
        self.keep(&mut capture.kept, &told);
    }

    fn keep(&self, captured: &mut Captured, bytes: &[u8]) {
        if self.keeps == Keeps::Last {
            let (before, last) = bytes.split_at(bytes.len().saturating_sub(self.limit));
            captured.dropped = captured.dropped.saturating_add(before.len() as u64);
            captured.bytes.extend_from_slice(last);
            // Now and then, so that a byte at a time does not move all the others.
            if captured.bytes.len() > self.limit.saturating_mul(2) {
                self.forget(captured, self.limit);
            }
            return;
        }
        let room = self.limit.saturating_sub(captured.bytes.len()).min(bytes.len());
        let (kept, dropped) = bytes.split_at(room);
        captured.bytes.extend_from_slice(kept);
        captured.dropped = captured.dropped.saturating_add(dropped.len() as u64);
    }

    fn lock(&self) -> MutexGuard<'_, Capture> {
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

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        // wasmtime-wasi's own has a task for what takes time; this takes none.
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.capture(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(AT_ONCE)
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.capture(bytes);
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
    use crate::secrets::Secret;

    #[test]
    fn the_first_bytes_are_kept_and_the_rest_counted() {
        let output = Output::new(5, Keeps::First, &Redactor::default());
        output.capture(b"abc");
        output.capture(b"defg");
        output.capture(b"h");
        assert_eq!(
            output.take(),
            Captured {
                bytes: b"abcde".to_vec(),
                dropped: 3
            }
        );
    }

    #[test]
    fn or_the_last_ones() {
        let output = Output::new(4, Keeps::Last, &Redactor::default());
        for byte in b"abcdefghi" {
            output.capture(&[*byte]);
        }
        let kept = |bytes: &[u8], dropped| Captured {
            bytes: bytes.to_vec(),
            dropped,
        };
        assert_eq!(output.take(), kept(b"fghi", 5));
        output.capture(b"0123456789");
        assert_eq!(output.take(), kept(b"6789", 6));
        output.capture(b"x");
        assert_eq!(output.take(), kept(b"x", 0));
    }

    #[test]
    fn what_is_known_is_gone_before_anything_is_cut() {
        let secret = Secret::new(br#"{"key": "correct horse"}"#.to_vec()).unwrap();
        for (keeps, kept, dropped) in [(Keeps::First, &b"say **"[..], 6), (Keeps::Last, b"* well", 6)] {
            let output = Output::new(6, keeps, &Redactor::of(&secret));
            for byte in b"say correct horse well" {
                output.capture(&[*byte]);
            }
            let expected = Captured {
                bytes: kept.to_vec(),
                dropped,
            };
            assert_eq!(output.take(), expected);
        }
    }
}
