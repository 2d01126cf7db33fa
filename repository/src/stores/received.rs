//! Something that comes in and lies nowhere yet.
//!
//! It is a file without a name: it goes with the process that holds it, so that whatever breaks off on the way, the
//! connection, this process or the machine, nothing of it is left (REP-06).

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use hostler_package::{PackageDigest, PackageLimits};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout_at};

use super::store::Count;
use super::{Pieces, Written};

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 256 * 1024;

/// How much is taken in, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes. Default 64 MiB, the limit of a package.
    pub max_bytes: u64,
    /// Longest time without a byte. Default 10 s.
    pub idle: Duration,
    /// Longest time for all of it. Default 5 minutes.
    pub total: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_bytes: PackageLimits::default().zip_bytes,
            idle: Duration::from_secs(10),
            total: Duration::from_secs(300),
        }
    }
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// There is more than may be taken in.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// Nothing came for too long.
    #[error("nothing came for {} s", .0.as_secs())]
    Idle(Duration),
    /// It took too long altogether.
    #[error("it was not there within {} s", .0.as_secs())]
    Total(Duration),
    /// What came broke off.
    #[error("it broke off after {read} bytes: {why}")]
    Broken {
        /// Bytes that had come.
        read: u64,
        /// What is known of it.
        why: String,
    },
    /// The bytes are not those that were announced.
    #[error("{announced} was announced, and {found} came")]
    Announced {
        /// Size or digest, as it was announced.
        announced: String,
        /// What came.
        found: String,
    },
    /// It could not be written down here.
    #[error("it cannot be written to a temporary file")]
    File(#[from] std::io::Error),
}

/// Something that came in, in a file without a name.
#[derive(Debug, Clone)]
pub struct Received {
    file: Arc<File>,
    written: Written,
}

impl Received {
    /// Takes in all of `pieces`, and keeps them in a file without a name in `folder`.
    ///
    /// # Errors
    /// Each [`ReceiveError`]; then nothing is left.
    pub async fn take_in<E: std::fmt::Display>(
        folder: &Path,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        bounds: Bounds,
    ) -> Result<Self, ReceiveError> {
        let mut file = tokio::fs::File::from_std(tempfile::tempfile_in(folder)?);
        let end = Instant::now() + bounds.total;
        let mut count = Count::default();
        let mut pieces = std::pin::pin!(pieces);
        loop {
            let idle = Instant::now() + bounds.idle;
            let piece = match timeout_at(idle.min(end), pieces.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(error))) => {
                    return Err(ReceiveError::Broken {
                        read: count.size(),
                        why: hostler_contract::escape_bounded(&error.to_string(), 300),
                    });
                }
                Ok(None) => break,
                Err(_) if Instant::now() >= end => return Err(ReceiveError::Total(bounds.total)),
                Err(_) => return Err(ReceiveError::Idle(bounds.idle)),
            };
            if count.size() + piece.len() as u64 > bounds.max_bytes {
                return Err(ReceiveError::TooLarge(bounds.max_bytes));
            }
            count.add(&piece);
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(Self {
            file: Arc::new(file.into_std().await),
            written: count.finish(),
        })
    }

    /// Refuses it unless it is what was announced before it came; what was not announced is not compared.
    ///
    /// # Errors
    /// [`ReceiveError::Announced`].
    pub fn was_announced(self, size: Option<u64>, digest: Option<PackageDigest>) -> Result<Self, ReceiveError> {
        if let Some(size) = size.filter(|size| *size != self.written.size) {
            return Err(ReceiveError::Announced {
                announced: format!("{size} bytes"),
                found: self.written.size.to_string(),
            });
        }
        match digest.filter(|digest| *digest != self.written.digest) {
            Some(digest) => Err(ReceiveError::Announced {
                announced: format!("the SHA-256 {digest}"),
                found: self.written.digest.to_string(),
            }),
            None => Ok(self),
        }
    }

    /// Its size and digest.
    pub fn written(&self) -> Written {
        self.written
    }

    /// The file, for a process that is to read it from its start. What is read through [`Self::pieces`] is not in its way.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Its bytes, as often as they are wanted.
    pub fn pieces(&self) -> Pieces {
        stream::try_unfold((self.file.clone(), 0), |(file, offset)| async move {
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; PIECE];
                let n = file.read_at(&mut piece, offset)?;
                piece.truncate(n);
                Ok::<_, std::io::Error>((file, piece))
            });
            let (file, piece) = read.await.map_err(std::io::Error::other).flatten()?;
            let next = offset + piece.len() as u64;
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), (file, next))))
        })
        .boxed()
    }
}
