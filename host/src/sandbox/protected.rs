//! Protected settings on their way to a component: the import `hostler:handler/secrets`, or standard input for a component
//! without it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, ReadBuf};
use wasmtime::component::{ComponentType, Linker, Lower};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, StreamError, StreamResult};

use super::prescan::EntryPoints;
use super::store::State;
use crate::secrets::{Redactor, Secret};

/// The interface, as it is linked.
pub(super) const INTERFACE: &str = "hostler:handler/secrets@0.1.0";

/// What a command gets of protected settings. Cheap to clone.
#[derive(Clone, Default)]
pub enum Protected {
    /// There are none.
    #[default]
    Absent,
    /// They were opened.
    Opened(Arc<Secret>),
    /// There are some that could not be opened, and the command runs all the same.
    Unopened(Unopened),
}

/// Why protected settings are not handed over: `record unopened` of `hostler:handler/secrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[component(record)]
pub struct Unopened {
    /// The stable code.
    pub code: String,
    /// In words.
    pub message: String,
}

/// What goes to a worker in words; the secret itself goes beside them, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProtectedNote {
    Absent,
    Beside,
    Unopened(Unopened),
}

impl Protected {
    /// For a worker: what is said, and the bytes beside it.
    pub(super) fn parts(&self) -> (ProtectedNote, &[u8]) {
        match self {
            Self::Absent => (ProtectedNote::Absent, &[]),
            Self::Opened(secret) => (ProtectedNote::Beside, secret.expose()),
            Self::Unopened(why) => (ProtectedNote::Unopened(why.clone()), &[]),
        }
    }

    /// What a worker was handed.
    pub(super) fn of_parts(note: ProtectedNote, bytes: Vec<u8>) -> Self {
        match note {
            ProtectedNote::Absent => Self::Absent,
            ProtectedNote::Beside => Self::Opened(Arc::new(Secret::trusted(bytes))),
            ProtectedNote::Unopened(why) => Self::Unopened(why),
        }
    }

    /// What takes it out of what the component says.
    pub(super) fn redactor(&self) -> Redactor {
        Redactor::of(self.secret())
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Opened(secret) => Some(secret),
            Self::Absent | Self::Unopened(_) => None,
        }
    }

    /// What the standard input of a command of a component with these imports has: a component that can ask finds it empty.
    pub(super) fn as_input(&self, points: &EntryPoints) -> Option<Input> {
        let asks = points.imports.iter().any(|import| import == INTERFACE);
        match self {
            Self::Opened(secret) if !asks => Some(Input {
                secret: Arc::clone(secret),
                read: 0,
            }),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Protected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Opened(_) => "Opened",
            Self::Unopened(_) => "Unopened",
        })
    }
}

/// Links the import.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .instance(INTERFACE)?
        .func_wrap("protected-settings", |store, (): ()| {
            let settings: Result<Option<Vec<u8>>, Unopened> = match store.data().protected() {
                Protected::Absent => Ok(None),
                Protected::Opened(secret) => Ok(Some(secret.expose().to_vec())),
                Protected::Unopened(why) => Err(why.clone()),
            };
            Ok((settings,))
        })
}

/// Protected settings as standard input, which ends behind them.
#[derive(Clone)]
pub(super) struct Input {
    secret: Arc<Secret>,
    read: usize,
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        // wasmtime-wasi's own has a task that would have to be driven, for bytes that are there already.
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {}
}

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.next(size) {
            [] if size > 0 => Err(StreamError::Closed),
            part => Ok(Bytes::copy_from_slice(part)),
        }
    }
}

impl Input {
    /// The next bytes, at most `size`.
    fn next(&mut self, size: usize) -> &[u8] {
        let rest = self.secret.expose().get(self.read..).unwrap_or_default();
        let part = rest.get(..rest.len().min(size)).unwrap_or_default();
        self.read += part.len();
        part
    }
}

impl AsyncRead for Input {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let size = buffer.remaining();
        buffer.put_slice(self.next(size));
        Poll::Ready(Ok(()))
    }
}
