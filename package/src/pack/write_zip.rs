//! Writes an archive of the plainest form, in which nothing depends on when, where or by whom it is made.
//!
//! Entries come in the order of their names, all with the same time and one of two modes, without extra fields,
//! comments or data descriptors, so the same content always makes the same bytes.

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::PackageLimits;

/// Fixed, since another level makes other bytes.
const LEVEL: u32 = 6;
/// Version 2.0 of the format: deflate and directories.
const NEEDED: u16 = 20;
/// Made on Unix (3), by the same version of the format.
const MADE_BY: u16 = 3 << 8 | NEEDED;
/// 1980-01-01 00:00, the first time that the format can express.
const DATE: u16 = 1 << 5 | 1;
const TIME: u16 = 0;
const UTF8: u16 = 1 << 11;
const FILE: u32 = 0o10_0644 << 16;
/// The second bit pattern says "directory" to readers that know only DOS.
const FOLDER: u32 = 0o04_0755 << 16 | 0x10;

/// An archive that is being written.
pub(super) struct ZipWriter<'a> {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
    limits: &'a PackageLimits,
}

/// What is written has no place in an archive without zip64: too many entries, or too many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

impl<'a> ZipWriter<'a> {
    /// An archive without entries; `limits` decide what is packed and what only stored.
    pub(super) fn new(limits: &'a PackageLimits) -> Self {
        Self {
            bytes: Vec::new(),
            directory: Vec::new(),
            entries: 0,
            limits,
        }
    }

    /// Adds the directory `name`, given without a `/` at the end.
    pub(super) fn folder(&mut self, name: &str) -> Result<(), TooLarge> {
        self.entry(&format!("{name}/"), FOLDER, &[])
    }

    /// Adds the file `name`.
    pub(super) fn file(&mut self, name: &str, content: &[u8]) -> Result<(), TooLarge> {
        self.entry(name, FILE, content)
    }

    /// The finished archive.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TooLarge> {
        let offset = number(self.bytes.len())?;
        let size = number(self.directory.len())?;
        self.bytes.append(&mut self.directory);
        let end = Record::new(0x0605_4b50)
            .u16(&[0, 0, self.entries, self.entries])
            .u32(&[size, offset])
            .u16(&[0]);
        self.bytes.extend(end.0);
        Ok(self.bytes)
    }

    fn entry(&mut self, name: &str, attributes: u32, content: &[u8]) -> Result<(), TooLarge> {
        let offset = number(self.bytes.len())?;
        let deflated = self.deflate(content);
        let (method, packed) = match &deflated {
            Some(deflated) => (8, deflated.as_slice()),
            None => (0, content),
        };
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        let sizes = [crc32fast::hash(content), number(packed.len())?, number(content.len())?];
        let length = u16::try_from(name.len()).map_err(|_| TooLarge)?;
        let local = Record::new(0x0403_4b50)
            .u16(&[NEEDED, flags, method, TIME, DATE])
            .u32(&sizes)
            .u16(&[length, 0]);
        let central = Record::new(0x0201_4b50)
            .u16(&[MADE_BY, NEEDED, flags, method, TIME, DATE])
            .u32(&sizes)
            .u16(&[length, 0, 0, 0, 0])
            .u32(&[attributes, offset]);
        self.bytes.extend(local.0);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(packed);
        self.directory.extend(central.0);
        self.directory.extend_from_slice(name.as_bytes());
        self.entries = self.entries.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    /// The deflated content; nothing where that is no smaller, or so much smaller that a reader would suspect a bomb.
    fn deflate(&self, content: &[u8]) -> Option<Vec<u8>> {
        let mut compress = Compress::new(Compression::new(LEVEL), false);
        let mut deflated = Vec::with_capacity(content.len());
        // The room is that of the content: what does not fit into it is not worth being packed.
        let status = compress
            .compress_vec(content, &mut deflated, FlushCompress::Finish)
            .ok()?;
        let (size, packed) = (content.len() as u64, deflated.len() as u64);
        let suspicious = size > self.limits.ratio_above && size > packed.saturating_mul(self.limits.ratio);
        (status == Status::StreamEnd && packed < size && !suspicious).then_some(deflated)
    }
}

fn number(length: usize) -> Result<u32, TooLarge> {
    u32::try_from(length).map_err(|_| TooLarge)
}

/// The fixed fields of a header.
struct Record(Vec<u8>);

impl Record {
    fn new(signature: u32) -> Self {
        Self(signature.to_le_bytes().to_vec())
    }

    fn u16(mut self, fields: &[u16]) -> Self {
        self.0.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }

    fn u32(mut self, fields: &[u32]) -> Self {
        self.0.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }
}
