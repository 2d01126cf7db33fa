//! A forge for zip archives that lie.
//!
//! It writes local headers, the central directory and the end record byte by byte, with whatever it is told to write
//! in them, so that each threat to a reader of packages can be made at run time and none has to be kept as a file.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};

/// Checksum, packed size and unpacked size, as a header has them.
pub type Sizes = (u32, u32, u32);

/// An archive to be written. Everything that is `None` is written as it should be.
#[derive(Debug, Clone, Default)]
pub struct ZipForge {
    /// Bytes before the first entry, which no offset knows of.
    pub prefix: Vec<u8>,
    /// The entries, in the order of the file and of the directory.
    pub entries: Vec<ZipEntry>,
    /// The number of entries in the end record.
    pub count: Option<u16>,
    /// Bytes between the last entry and the directory.
    pub before_directory: Vec<u8>,
    /// The archive's comment.
    pub comment: Vec<u8>,
    /// Bytes after the end record.
    pub suffix: Vec<u8>,
}

/// One entry, with one field for each thing that can be said of it.
#[derive(Debug, Clone)]
pub struct ZipEntry {
    /// The name in the directory and, unless told otherwise, before the content.
    pub name: Vec<u8>,
    /// The name before the content.
    pub local_name: Option<Vec<u8>>,
    /// The packing method's number: 0 stored, 8 deflate.
    pub method: u16,
    /// The flags: bit 0 encrypted, bit 3 sizes after the content, bit 11 name in UTF-8.
    pub flags: u16,
    /// Version of the format, and in the upper byte the system: 0 DOS, 3 Unix.
    pub made_by: u16,
    /// Version of the format that a reader needs.
    pub needed: u16,
    /// The attributes: a Unix mode in the upper half, DOS attributes in the lower.
    pub attributes: u32,
    /// The content as it lies in the file.
    pub packed: Vec<u8>,
    /// What both headers say of the content.
    pub sizes: Sizes,
    /// What the header before the content says of it.
    pub local_sizes: Option<Sizes>,
    /// The extra fields in the directory.
    pub extra: Vec<u8>,
    /// The extra fields before the content.
    pub local_extra: Vec<u8>,
    /// The comment in the directory.
    pub comment: Vec<u8>,
    /// Bytes after the content, such as a data descriptor.
    pub after: Vec<u8>,
    /// Where the directory says that the entry starts.
    pub offset: Option<u32>,
    /// Whether the entry itself is written, and not only its line in the directory.
    pub written: bool,
}

impl ZipEntry {
    /// A regular file, stored.
    pub fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let size = number(content.len());
        Self {
            name: name.as_ref().to_vec(),
            local_name: None,
            method: 0,
            flags: if name.as_ref().is_ascii() { 0 } else { 1 << 11 },
            made_by: 3 << 8 | 20,
            needed: 20,
            attributes: 0o10_0644 << 16,
            packed: content.to_vec(),
            sizes: (crc32fast::hash(content), size, size),
            local_sizes: None,
            extra: Vec::new(),
            local_extra: Vec::new(),
            comment: Vec::new(),
            after: Vec::new(),
            offset: None,
            written: true,
        }
    }

    /// A regular file, packed with deflate.
    pub fn deflated(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("a vector takes all bytes");
        let packed = encoder.finish().expect("a vector takes all bytes");
        let entry = Self::stored(name, content);
        let (crc, _, size) = entry.sizes;
        Self {
            method: 8,
            sizes: (crc, number(packed.len()), size),
            packed,
            ..entry
        }
    }

    /// A regular file of `size` zero bytes, packed with deflate; uses little memory however large `size` is.
    pub fn zeros(name: impl AsRef<[u8]>, size: u32) -> Self {
        let zeros = vec![0; 1 << 16];
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let mut crc = crc32fast::Hasher::new();
        let mut left = size as usize;
        while left > 0 {
            let chunk = &zeros[..left.min(zeros.len())];
            encoder.write_all(chunk).expect("a vector takes all bytes");
            crc.update(chunk);
            left -= chunk.len();
        }
        let packed = encoder.finish().expect("a vector takes all bytes");
        Self {
            method: 8,
            sizes: (crc.finalize(), number(packed.len()), size),
            packed,
            ..Self::stored(name, b"")
        }
    }

    /// A directory; `name` ends with `/`.
    pub fn folder(name: impl AsRef<[u8]>) -> Self {
        Self {
            attributes: 0o04_0755 << 16 | 0x10,
            ..Self::stored(name, b"")
        }
    }

    /// The same entry with another Unix mode, type bits included.
    pub fn mode(mut self, mode: u32) -> Self {
        self.attributes = mode << 16;
        self
    }

    /// The same entry with its sizes after its content only, as writers do that cannot go back.
    pub fn streamed(mut self) -> Self {
        let (crc, packed, size) = self.sizes;
        self.flags |= 1 << 3;
        self.local_sizes = Some((0, 0, 0));
        self.after = [0x0807_4b50, crc, packed, size]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        self
    }
}

impl ZipForge {
    /// An archive of these entries, without a lie.
    pub fn of(entries: impl IntoIterator<Item = ZipEntry>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The archive's bytes. Offsets do not count the prefix.
    pub fn build(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut directory = Vec::new();
        for entry in &self.entries {
            let offset = entry.offset.unwrap_or(number(bytes.len()));
            if entry.written {
                entry.write_local(&mut bytes);
            }
            entry.write_central(offset, &mut directory);
        }
        bytes.extend_from_slice(&self.before_directory);
        let (start, size) = (number(bytes.len()), number(directory.len()));
        let count = self.count.unwrap_or(short(self.entries.len()));
        bytes.append(&mut directory);
        put32(&mut bytes, &[0x0605_4b50]);
        put16(&mut bytes, &[0, 0, count, count]);
        put32(&mut bytes, &[size, start]);
        put16(&mut bytes, &[short(self.comment.len())]);
        bytes.extend_from_slice(&self.comment);
        bytes.extend_from_slice(&self.suffix);
        [self.prefix.as_slice(), &bytes].concat()
    }
}

impl ZipEntry {
    fn write_local(&self, bytes: &mut Vec<u8>) {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let (crc, packed, size) = self.local_sizes.unwrap_or(self.sizes);
        put32(bytes, &[0x0403_4b50]);
        put16(bytes, &[self.needed, self.flags, self.method, 0, 0x21]);
        put32(bytes, &[crc, packed, size]);
        put16(bytes, &[short(name.len()), short(self.local_extra.len())]);
        for part in [name, &self.local_extra, &self.packed, &self.after] {
            bytes.extend_from_slice(part);
        }
    }

    fn write_central(&self, offset: u32, bytes: &mut Vec<u8>) {
        let (crc, packed, size) = self.sizes;
        put32(bytes, &[0x0201_4b50]);
        put16(bytes, &[self.made_by, self.needed, self.flags, self.method, 0, 0x21]);
        put32(bytes, &[crc, packed, size]);
        let lengths = [self.name.len(), self.extra.len(), self.comment.len()].map(short);
        put16(bytes, &lengths);
        put16(bytes, &[0, 0]);
        put32(bytes, &[self.attributes, offset]);
        for part in [&self.name, &self.extra, &self.comment] {
            bytes.extend_from_slice(part);
        }
    }
}

/// An extra field: its number, its length and its data.
pub fn extra_field(id: u16, data: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    put16(&mut field, &[id, short(data.len())]);
    field.extend_from_slice(data);
    field
}

fn put16(bytes: &mut Vec<u8>, fields: &[u16]) {
    bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
}

fn put32(bytes: &mut Vec<u8>, fields: &[u32]) {
    bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("a forged archive is smaller than 4 GiB")
}

fn short(length: usize) -> u16 {
    u16::try_from(length).expect("a forged name, field or comment is shorter than 64 KiB")
}
