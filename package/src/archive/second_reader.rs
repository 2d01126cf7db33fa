//! The second reader: the `zip` crate, which must find in the archive exactly what the first one found.
//!
//! Both agree where the content of each entry lies, how long it is and what its checksum is. Both unpack it with the same
//! library, so what the first one unpacked and kept is given out as it is; what was too large to be kept, by this one.

use std::{
    io::{Cursor, Read as _},
    ops::Range,
    sync::Arc,
};

use hostler_contract::{Finding, Place, Refused, codes};
use zip::ZipArchive;

use super::central::CheckedHeader;
use crate::source::CHUNK;

/// The bytes of an archive, shared and never copied.
#[derive(Debug, Clone)]
pub(super) struct Bytes(pub(super) Arc<Vec<u8>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An archive opened by the second reader.
#[derive(Clone)]
pub(super) struct SecondReader(ZipArchive<Cursor<Bytes>>);

impl SecondReader {
    /// Opens `bytes` and compares what it finds with `headers` and the ranges of their `contents`.
    pub(super) fn open(
        file: &str,
        bytes: Bytes,
        headers: &[CheckedHeader<'_>],
        contents: &[Range<usize>],
    ) -> Result<Self, Refused> {
        let differs = |what: String| -> Refused {
            let hint = "make the package with `hostler pack`";
            Finding::refusal(codes::PKG_INCONSISTENT, file, Place::Whole, what, hint).into()
        };
        let refused = |error: zip::result::ZipError| differs(format!("another reader refuses the archive: {error}"));
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
        archive.validate_header_consistency().map_err(refused)?;
        if archive.len() != headers.len() || archive.offset() != 0 || !archive.comment().is_empty() {
            return Err(differs(format!(
                "another reader finds {} entries, and not {}",
                archive.len(),
                headers.len()
            )));
        }
        for (index, (checked, content)) in headers.iter().zip(contents).enumerate() {
            let header = &checked.header;
            let entry = archive.by_index_raw(index).map_err(refused)?;
            let found = (entry.crc32(), entry.compressed_size(), entry.size());
            let start = usize::try_from(entry.data_start().unwrap_or(u64::MAX)).ok();
            let same = entry.name_raw() == header.raw_name
                && found == (header.crc, u64::from(header.packed), u64::from(header.size))
                && start == Some(content.start);
            if !same {
                return Err(differs(format!(
                    "another reader finds another entry where {} is",
                    header.label()
                )));
            }
        }
        Ok(Self(archive))
    }

    /// Unpacks entry `index`, handing each chunk of at most 64 KiB to `sink`.
    pub(super) fn unpack<E: From<std::io::Error>>(
        &self,
        index: usize,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        // Cloning shares both the bytes and what was parsed of them.
        let mut archive = self.0.clone();
        let mut entry = archive.by_index(index).map_err(std::io::Error::from)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            match entry.read(&mut chunk).map_err(E::from)? {
                0 => return Ok(()),
                n => sink(chunk.get(..n).unwrap_or_default())?,
            }
        }
    }

    /// Unpacks the first bytes of entry `index`, at most `n`.
    pub(super) fn head(&self, index: usize, n: usize) -> std::io::Result<Vec<u8>> {
        let mut archive = self.0.clone();
        let entry = archive.by_index(index)?;
        let mut head = Vec::with_capacity(n);
        entry.take(n as u64).read_to_end(&mut head)?;
        Ok(head)
    }
}
