//! How a service is told to stop: its standard input, which is empty and stays open, ends.
//!
//! The end of standard input is something that a program of every language can wait for.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, StreamError, StreamResult};

/// Most places of a component that wait for its standard input at one time; another one is told that there is none.
const MOST_WAITING: usize = 64;

/// What a service was told. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// To stop: standard input has ended.
    to_stop: bool,
    /// That it is over: nothing of it runs on.
    is_over: bool,
    /// Who waits for standard input.
    readers: Vec<Waker>,
    /// Who runs it.
    runner: Option<Waker>,
}

impl Stop {
    /// Of a command, whose standard input is empty.
    pub(super) fn of_command() -> Self {
        let stop = Self::default();
        stop.lock().to_stop = true;
        stop
    }

    /// Tells it to stop.
    pub(super) fn tell(&self) {
        let mut told = self.lock();
        told.to_stop = true;
        let readers = std::mem::take(&mut told.readers);
        drop(told);
        readers.into_iter().for_each(Waker::wake);
    }

    /// Ends it where it is.
    pub(super) fn end(&self) {
        let mut told = self.lock();
        told.is_over = true;
        let runner = told.runner.take();
        drop(told);
        runner.into_iter().for_each(Waker::wake);
    }

    /// Whether it was ended; else whoever runs it is woken then.
    pub(super) fn poll_over(&self, context: &Context<'_>) -> Poll<()> {
        let mut told = self.lock();
        if told.is_over {
            return Poll::Ready(());
        }
        told.runner = Some(context.waker().clone());
        Poll::Pending
    }

    /// Whether standard input has ended; else whoever reads is woken then.
    fn poll_end(&self, context: &Context<'_>) -> Poll<()> {
        let mut told = self.lock();
        if told.to_stop || told.readers.len() >= MOST_WAITING {
            return Poll::Ready(());
        }
        if !told.readers.iter().any(|reader| reader.will_wake(context.waker())) {
            told.readers.push(context.waker().clone());
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // What it holds is whole after every step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Stop {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Stop {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        // wasmtime-wasi's own has a task and a buffer of 64 KiB, for bytes that never come.
        Box::new(self.clone())
    }
}

impl AsyncRead for Stop {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        self.poll_end(context).map(Ok)
    }
}

#[async_trait]
impl Pollable for Stop {
    async fn ready(&mut self) {
        poll_fn(|context| self.poll_end(context)).await;
    }
}

impl InputStream for Stop {
    fn read(&mut self, _: usize) -> StreamResult<Bytes> {
        match self.lock().to_stop {
            true => Err(StreamError::Closed),
            false => Ok(Bytes::new()),
        }
    }
}
