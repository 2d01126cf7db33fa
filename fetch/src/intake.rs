//! Bytes on their way in: counted, bounded and hashed, wherever they come from.

use sha2::Digest as _;

use crate::{Expected, error::Failure};

/// Most bytes that room is made for on somebody's word alone.
const MAX_PREPARED: u64 = 1024 * 1024;

/// What has come so far.
pub(crate) struct Intake {
    max: u64,
    expected: Expected,
    bytes: Vec<u8>,
    hash: sha2::Sha256,
}

impl Intake {
    /// Starts with nothing, unless more than `max` bytes are expected.
    pub(crate) fn new(max: u64, expected: Expected) -> Result<Self, Failure> {
        let intake = Self {
            max,
            expected,
            bytes: Vec::new(),
            hash: sha2::Sha256::new(),
        };
        match expected.size {
            Some(size) if size > max => Err(Failure::TooLarge { size, max }),
            _ => Ok(intake),
        }
    }

    /// Takes note of a size that is promised before the first byte; refuses one that cannot be right.
    pub(crate) fn announced(&mut self, size: u64) -> Result<(), Failure> {
        if size > self.max {
            return Err(Failure::TooLarge { size, max: self.max });
        }
        if let Some(declared) = self.expected.size.filter(|declared| *declared != size) {
            return Err(Failure::OtherSize { size, declared });
        }
        self.bytes
            .reserve(usize::try_from(size.min(MAX_PREPARED)).unwrap_or_default());
        Ok(())
    }

    /// Takes a piece, unless it makes more than there may be.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Failure> {
        let size = self.size() + piece.len() as u64;
        if let Some(declared) = self.expected.size.filter(|declared| *declared < size) {
            return Err(Failure::OtherSize { size, declared });
        }
        if size > self.max {
            return Err(Failure::TooLarge { size, max: self.max });
        }
        self.hash.update(piece);
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// All of it and its SHA-256, if it is what was expected.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, [u8; 32]), Failure> {
        let size = self.size();
        if let Some(declared) = self.expected.size.filter(|declared| *declared != size) {
            return Err(Failure::OtherSize { size, declared });
        }
        let sha256: [u8; 32] = self.hash.finalize().into();
        match self.expected.sha256 {
            Some(declared) if declared != sha256 => Err(Failure::Digest {
                found: sha256,
                declared,
            }),
            _ => Ok((self.bytes, sha256)),
        }
    }
}
