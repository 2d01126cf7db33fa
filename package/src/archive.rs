//! A zip archive with exactly one possible reading.
//!
//! Zip has many corners in which readers differ, and what one reviews another would run. This reader accepts only
//! archives without such corners: it walks the end record, the directory and every entry by itself, then has the
//! `zip` crate read them again, and refuses at the first difference. Nothing is unpacked before all of that passed.

mod central;
mod content;
mod end_record;
mod extra;
mod faults;
mod fields;
mod kind;
mod layout;
mod name;
mod second_reader;
mod tree;

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use hostler_contract::{Refused, codes};

pub use kind::EntryKind;

use self::{
    end_record::EndRecord,
    faults::Faults,
    second_reader::{Bytes, SecondReader},
};
use crate::{ContentError, PackageDigest, PackageLimits, source};

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    name: String,
    kind: EntryKind,
    size: u64,
}

impl Entry {
    /// The name: a relative path with `/` between its parts, without one at the end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a file or a directory.
    pub fn kind(&self) -> EntryKind {
        self.kind
    }

    /// The unpacked size in bytes, counted while unpacking; 0 for a directory.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// An archive that was checked from the first byte to the last, content included, and is held in memory.
#[derive(Clone)]
pub struct Archive {
    file: String,
    digest: PackageDigest,
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    bytes: Bytes,
    reader: SecondReader,
    /// What was unpacked while it was checked, for each entry as long as there was [room](KEPT).
    kept: Arc<Vec<Option<Vec<u8>>>>,
}

/// Most bytes of content, of all entries together, that are kept when they are checked: what is small is not unpacked
/// twice.
const KEPT: usize = 8 << 20;

impl Archive {
    /// Checks the archive in `bytes`; `file` is what findings call it.
    ///
    /// Uses no more memory than `bytes`, the list of entries, 8 MiB of content and two buffers of 64 KiB.
    ///
    /// # Errors
    /// A refusal with a `pkg.` code for each thing that is wrong. All entries are looked at before names are
    /// refused; layout and content are refused at their first fault.
    pub fn read(file: &str, bytes: Vec<u8>, limits: &PackageLimits) -> Result<Self, Refused> {
        let digest = PackageDigest::of(&bytes);
        Self::scan(file, bytes, digest, limits)
    }

    /// As [`Self::read`], for bytes whose digest was computed while they were read.
    pub(crate) fn scan(
        file: &str,
        bytes: Vec<u8>,
        digest: PackageDigest,
        limits: &PackageLimits,
    ) -> Result<Self, Refused> {
        if bytes.len() as u64 > limits.zip_bytes {
            return Err(source::too_large(file, bytes.len() as u64, limits.zip_bytes));
        }
        let bytes = Bytes(Arc::new(bytes));
        let end = EndRecord::read(bytes.as_ref(), Faults::new(file))?;
        let headers = central::read(file, bytes.as_ref(), &end, limits)?;
        let contents = layout::read(file, bytes.as_ref(), &end, &headers, limits)?;
        let total: u64 = headers.iter().map(|checked| u64::from(checked.header.size)).sum();
        if total > limits.total_unpacked {
            return Err(Faults::new(file).whole(
                codes::PKG_SIZE,
                format!("the package unpacks to {total} bytes"),
                format!(
                    "a package unpacks to at most {} bytes (pkg.total_unpacked)",
                    limits.total_unpacked
                ),
            ));
        }
        let reader = SecondReader::open(file, bytes.clone(), &headers, &contents)?;
        let mut entries = Vec::with_capacity(headers.len());
        let mut kept = Vec::with_capacity(headers.len());
        let mut room = KEPT;
        for (checked, range) in headers.iter().zip(contents) {
            let packed = bytes.as_ref().get(range).unwrap_or_default();
            let content = content::verify(file, checked, packed, room)?;
            room = room.saturating_sub(content.kept.as_ref().map_or(0, Vec::len));
            kept.push(content.kept);
            entries.push(Entry {
                name: checked.name.to_owned(),
                kind: checked.kind,
                size: content.size,
            });
        }
        let by_name = entries
            .iter()
            .enumerate()
            .map(|(index, e)| (e.name.clone(), index))
            .collect();
        Ok(Self {
            file: file.to_owned(),
            digest,
            entries,
            by_name,
            bytes,
            reader,
            kept: Arc::new(kept),
        })
    }

    /// What findings call the archive.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// SHA-256 of the archive's bytes.
    pub fn digest(&self) -> PackageDigest {
        self.digest
    }

    /// The archive's bytes, all of which were checked.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// All entries in the order of the archive's directory.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of exactly this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|index| self.entries.get(*index))
    }

    /// The content of the file `name`, as large as [`Entry::size`] says.
    ///
    /// # Errors
    /// [`ContentError::NoSuchFile`] for a name that is not there or is a directory.
    pub fn content(&self, name: &str) -> Result<Cow<'_, [u8]>, ContentError> {
        let entry = self
            .entry(name)
            .filter(|entry| entry.kind == EntryKind::File)
            .ok_or_else(|| ContentError::NoSuchFile(hostler_contract::escape(name)))?;
        if let Some(kept) = self.kept(entry) {
            return Ok(Cow::Borrowed(kept));
        }
        let mut content = Vec::with_capacity(usize::try_from(entry.size).unwrap_or(0));
        self.unpack(entry, |chunk| {
            content.extend_from_slice(chunk);
            Ok::<(), std::io::Error>(())
        })
        .map_err(|source| ContentError::Changed {
            entry: name.to_owned(),
            source,
        })?;
        Ok(Cow::Owned(content))
    }

    /// The first bytes of `entry`, at most `n`.
    pub(crate) fn head(&self, entry: &Entry, n: usize) -> std::io::Result<Vec<u8>> {
        match self.kept(entry) {
            Some(kept) => Ok(kept.get(..n).unwrap_or(kept).to_vec()),
            None => self.reader.head(self.index(entry)?, n),
        }
    }

    /// The content of `entry`, where it was kept.
    fn kept(&self, entry: &Entry) -> Option<&[u8]> {
        self.kept.get(*self.by_name.get(&entry.name)?)?.as_deref()
    }

    fn index(&self, entry: &Entry) -> std::io::Result<usize> {
        let missing = std::io::ErrorKind::NotFound;
        self.by_name.get(&entry.name).copied().ok_or(missing.into())
    }

    /// Hands the content of `entry` to `sink`: in one piece where it was kept, else in chunks of at most 64 KiB.
    pub(crate) fn unpack<E: From<std::io::Error>>(
        &self,
        entry: &Entry,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.kept(entry) {
            Some(kept) => sink(kept),
            None => self.reader.unpack(self.index(entry)?, sink),
        }
    }
}

impl fmt::Debug for Archive {
    /// Name, digest and entries; never the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("file", &self.file)
            .field("digest", &self.digest)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}
