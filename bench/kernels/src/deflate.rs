//! Deflate at level 6, of a log.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateDecoder, DeflateEncoder};

use crate::{Kernel, text};

/// Bytes that are packed.
pub(crate) const BYTES: usize = 4 << 20;

pub(crate) struct Deflate {
    text: String,
    packed: Vec<u8>,
}

impl Deflate {
    pub(crate) fn new() -> Self {
        Self {
            text: text::log(BYTES),
            packed: Vec::new(),
        }
    }
}

/// `bytes`, packed into `out`; a vector takes all bytes.
pub(crate) fn pack(bytes: &[u8], out: Vec<u8>) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(out, Compression::new(6));
    match encoder.write_all(bytes) {
        Ok(()) => encoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

/// `bytes`, unpacked into `out`; nothing where they are not what was packed.
pub(crate) fn unpack(bytes: &[u8], out: Vec<u8>) -> Vec<u8> {
    let mut decoder = DeflateDecoder::new(out);
    match decoder.write_all(bytes) {
        Ok(()) => decoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

impl Kernel for Deflate {
    fn work(&mut self) {
        let mut out = std::mem::take(&mut self.packed);
        out.clear();
        self.packed = pack(self.text.as_bytes(), out);
    }

    /// Of what comes out again: the same text may be packed in several ways.
    fn checksum(&self) -> u64 {
        crate::checksum(&unpack(&self.packed, Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Deflate, unpack};
    use crate::Kernel as _;

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        let mut deflate = Deflate::new();
        deflate.work();
        assert!(
            deflate.packed.len() * 3 < deflate.text.len(),
            "{}",
            deflate.packed.len()
        );
        assert!(unpack(&deflate.packed, Vec::new()) == deflate.text.as_bytes());
        assert!(unpack(&deflate.packed[9..], Vec::new()) != deflate.text.as_bytes());
    }
}
