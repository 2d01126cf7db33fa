//! Output streams over files, behind the ledger.

use std::fs::File;
use std::io;
use std::sync::Arc;

use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{DynOutputStream, OutputStream, StreamError, StreamResult};

use super::Disk;
use super::found::Key;

/// wasmtime-wasi's stream over a file, asked for room before each write.
pub(super) struct Metered {
    inner: DynOutputStream,
    file: Arc<File>,
    key: Key,
    /// Where the next byte goes; `None` for the end of the file.
    position: Option<u64>,
    disk: Disk,
    /// A write has begun and is not known to have ended.
    is_writing: bool,
    /// Something was refused, after which a stream takes nothing more.
    is_closed: bool,
}

impl Metered {
    pub(super) fn new(inner: DynOutputStream, file: Arc<File>, key: Key, position: Option<u64>, disk: Disk) -> Self {
        Self {
            inner,
            file,
            key,
            position,
            disk,
            is_writing: false,
            is_closed: false,
        }
    }

    /// Charges for `length` bytes, or closes the stream.
    fn begin(&mut self, length: usize) -> StreamResult<()> {
        let length = length as u64;
        let charged = match self.position {
            _ if length == 0 => self.disk.begin(self.key, 0),
            Some(position) => self.disk.begin(self.key, position.saturating_add(length)),
            None => self.disk.begin_append(self.key, length),
        };
        if let Err(refusal) = charged {
            self.is_closed = true;
            return Err(StreamError::LastOperationFailed(io::Error::from(refusal).into()));
        }
        if let Some(position) = &mut self.position {
            *position = position.saturating_add(length);
        }
        Ok(())
    }

    fn settle(&mut self) {
        if std::mem::take(&mut self.is_writing) {
            self.disk.settle(self.key, &self.file);
        }
    }
}

#[async_trait]
impl Pollable for Metered {
    async fn ready(&mut self) {
        self.inner.ready().await;
        self.settle();
    }
}

#[async_trait]
impl OutputStream for Metered {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        if self.is_writing {
            // Not allowed: wasmtime's own says so, and ends the command.
            return self.inner.write(bytes);
        }
        self.begin(bytes.len())?;
        self.is_writing = true;
        let written = self.inner.write(bytes);
        if written.is_err() {
            self.settle();
        }
        written
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.ready().await;
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        self.begin(bytes.len())?;
        self.is_writing = true;
        let written = self.inner.blocking_write_and_flush(bytes).await;
        self.settle();
        written
    }

    fn flush(&mut self) -> StreamResult<()> {
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        if self.is_closed {
            return Err(StreamError::Closed);
        }
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await;
        self.settle();
    }
}
