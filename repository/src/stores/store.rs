//! One store, and what is done in it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use hostler_package::PackageDigest;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use sha2::Digest as _;
use tokio::io::AsyncWriteExt as _;

use super::StoreError;
use super::error::said;

/// How much of what is written is held at a time, in bytes. Stores take parts of 5 MiB and more.
const PART: usize = 5 * 1024 * 1024;

/// Bytes that come one piece after the other.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

/// A folder, a container or a bucket, or what lies under one prefix in it.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    shown: String,
}

/// What was written, as it was counted and hashed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub size: u64,
    /// Their SHA-256.
    pub digest: PackageDigest,
}

/// Something in a store: what is known of it, and its bytes.
pub struct Object {
    /// Bytes.
    pub size: u64,
    /// What changes when the object does, if the store says so.
    pub tag: Option<String>,
    /// The bytes.
    pub pieces: Pieces,
}

impl Store {
    pub(super) fn new(objects: Arc<dyn ObjectStore>, prefix: Path, shown: String) -> Self {
        Self { objects, prefix, shown }
    }

    /// What lies in this store under the folder `name`.
    pub fn under(&self, name: &str) -> Self {
        Self {
            objects: self.objects.clone(),
            prefix: self.prefix.clone().join(name),
            shown: format!("{}/{name}", self.shown),
        }
    }

    /// Whether both are the same folder, container or bucket, opened once: then copies are made by the store itself.
    pub fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.objects, &other.objects)
    }

    /// Opens what `name` is, unless there is nothing of that name.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(&self, name: &str) -> Result<Option<Object>, StoreError> {
        let found = match self.objects.get(&self.path(name)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed("read", name, &error)),
        };
        let (size, tag) = (found.meta.size, found.meta.e_tag.clone());
        let (store, name) = (self.clone(), name.to_owned());
        let pieces = found.into_stream().map_err(move |e| store.failed("read", &name, &e));
        Ok(Some(Object {
            size,
            tag,
            pieces: pieces.boxed(),
        }))
    }

    /// All bytes of `name`, for what is small; nothing where there is nothing of that name.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] above `max` bytes, and what the store says.
    pub async fn read_small(&self, name: &str, max: u64) -> Result<Option<Bytes>, StoreError> {
        let Some(object) = self.read(name).await? else {
            return Ok(None);
        };
        let too_large = || StoreError::TooLarge {
            store: self.shown.clone(),
            name: name.to_owned(),
            max,
        };
        let mut pieces = object.pieces;
        let mut all = Vec::new();
        while let Some(piece) = pieces.try_next().await? {
            if (all.len() + piece.len()) as u64 > max {
                return Err(too_large());
            }
            all.extend_from_slice(&piece);
        }
        Ok(Some(all.into()))
    }

    /// Size and digest of what `name` is, read from the first byte to the last; nothing where there is nothing.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read_back(&self, name: &str) -> Result<Option<Written>, StoreError> {
        let Some(object) = self.read(name).await? else {
            return Ok(None);
        };
        let mut pieces = object.pieces;
        let mut count = Count::default();
        while let Some(piece) = pieces.try_next().await? {
            count.add(&piece);
        }
        Ok(Some(count.finish()))
    }

    /// Whether there is something of that name, and how many bytes it has.
    ///
    /// # Errors
    /// What the store says.
    pub async fn size_of(&self, name: &str) -> Result<Option<u64>, StoreError> {
        match self.objects.head(&self.path(name)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("look for", name, &error)),
        }
    }

    /// Writes what is small, in one step: a reader gets all of the old or all of the new.
    ///
    /// # Errors
    /// What the store says.
    pub async fn write_small(&self, name: &str, bytes: Bytes) -> Result<(), StoreError> {
        let put = self.objects.put(&self.path(name), bytes.into()).await;
        put.map(|_| ()).map_err(|e| self.failed("write", name, &e))
    }

    /// Writes `pieces` as `name`, which is there with the last of them or not at all; two parts of 5 MiB are held at most.
    ///
    /// # Errors
    /// What `pieces` or the store say, and [`StoreError::Other`] where they are not what was `expected`; then nothing was
    /// written.
    pub async fn write(&self, name: &str, mut pieces: Pieces, expected: Written) -> Result<(), StoreError> {
        let path = self.path(name);
        let mut writer = BufWriter::with_capacity(self.objects.clone(), path, PART).with_max_concurrency(1);
        let mut count = Count::default();
        let taken = async {
            while let Some(piece) = pieces.try_next().await? {
                count.add(&piece);
                writer.put(piece).await.map_err(|e| self.failed("write", name, &e))?;
            }
            self.is_expected(name, count.finish(), expected)
        };
        if let Err(error) = taken.await {
            // What the store keeps of an upload that was given up is its own to clear; it is no object of any name.
            let _ = writer.abort().await;
            return Err(error);
        }
        writer.shutdown().await.map_err(|e| StoreError::Failed {
            store: self.shown.clone(),
            action: "write",
            name: name.to_owned(),
            why: hostler_contract::escape_bounded(&hostler_contract::redact_sas(&e.to_string()), 300),
        })
    }

    /// Copies `from` of a store [beside](Self::is_beside) this one to `to` of this one, without the bytes coming here.
    ///
    /// # Errors
    /// What the store says.
    pub async fn copy(&self, other: &Self, from: &str, to: &str) -> Result<(), StoreError> {
        let copied = self.objects.copy(&other.path(from), &self.path(to)).await;
        copied.map_err(|e| self.failed("copy", from, &e))
    }

    /// Reads `name` back and compares.
    ///
    /// # Errors
    /// [`StoreError::Other`] where it is missing or another, and what the store says.
    pub async fn prove(&self, name: &str, expected: Written) -> Result<(), StoreError> {
        match self.read_back(name).await? {
            Some(found) => self.is_expected(name, found, expected),
            None => Err(self.other(name, "it is not there".to_owned())),
        }
    }

    /// Removes `name`; that there is nothing of that name is as good.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        match self.objects.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("remove", name, &error)),
        }
    }

    /// The names in this store, those in folders of it left out, with their sizes; sorted.
    ///
    /// # Errors
    /// What the store says.
    pub async fn names(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let prefix = (self.prefix != Path::default()).then_some(&self.prefix);
        let listed = self.objects.list_with_delimiter(prefix).await;
        let listed = listed.map_err(|e| self.failed("list", "what lies there", &e))?;
        let named = |meta: ObjectMeta| Some((meta.location.filename()?.to_owned(), meta.size));
        let mut names: Vec<_> = listed.objects.into_iter().filter_map(named).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    fn is_expected(&self, name: &str, found: Written, expected: Written) -> Result<(), StoreError> {
        if found == expected {
            return Ok(());
        }
        let Written { size, digest } = expected;
        let what = format!(
            "it has {} bytes and the SHA-256 {}, not {size} and {digest}",
            found.size, found.digest
        );
        Err(self.other(name, what))
    }

    fn other(&self, name: &str, what: String) -> StoreError {
        StoreError::Other {
            store: self.shown.clone(),
            name: name.to_owned(),
            what,
        }
    }

    fn failed(&self, action: &'static str, name: &str, error: &object_store::Error) -> StoreError {
        StoreError::Failed {
            store: self.shown.clone(),
            action,
            name: name.to_owned(),
            why: said(error),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.shown)
    }
}

impl fmt::Display for Store {
    /// The store as people may see it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Counting and hashing what goes by.
#[derive(Default)]
pub(super) struct Count {
    size: u64,
    hash: sha2::Sha256,
}

impl Count {
    pub(super) fn add(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.hash.update(piece);
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn finish(&mut self) -> Written {
        let hash: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        Written {
            size: self.size,
            digest: PackageDigest::from(hash),
        }
    }
}
