//! Output streams over files, behind the ledger.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rustix::io::{Errno, ReadWriteFlags, pwritev2};
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
    /// Whether it is written to on the component's own thread.
    is_here: bool,
    /// A write has begun and is not known to have ended.
    is_writing: bool,
    /// Something was refused, after which a stream takes nothing more.
    is_closed: bool,
}

impl Metered {
    /// A stream over `file`, which is `key`, from `position` on; what `inner` does is what it would do without limits.
    pub(super) fn new(
        inner: DynOutputStream,
        file: Arc<File>,
        key: Key,
        position: Option<u64>,
        disk: Disk,
        is_here: bool,
    ) -> Self {
        Self {
            inner,
            file,
            key,
            position,
            disk,
            is_here,
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

    /// Writes on this thread: wasmtime's own hands each write to another and is told when it is done, which costs more
    /// than the write. Its stream is then only asked whether there is room for more.
    fn write_here(&mut self, bytes: &[u8]) -> StreamResult<()> {
        let start = self.position;
        self.begin(bytes.len())?;
        let written = match start {
            Some(start) => self.file.write_all_at(bytes, start),
            None => append_all(&self.file, bytes),
        };
        match written {
            Ok(()) => {
                self.disk.settle_whole(self.key);
                Ok(())
            }
            Err(error) => {
                self.disk.settle(self.key, &self.file);
                self.is_closed = true;
                Err(StreamError::LastOperationFailed(error.into()))
            }
        }
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
        if self.is_here {
            return self.write_here(&bytes);
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
        if self.is_here {
            return self.write_here(&bytes);
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

/// Writes all of `bytes` to the end of `file`, wherever that is by then.
fn append_all(file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match pwritev2(file, &[IoSlice::new(bytes)], 0, ReadWriteFlags::APPEND) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
