//! SHA-256. Natively with the instructions that the processor has for it, which a component cannot use.

use sha2::Digest as _;

use crate::Kernel;

/// Bytes that are hashed.
const BYTES: usize = 8 << 20;

pub(crate) struct Sha256 {
    data: Vec<u8>,
    digest: [u8; 32],
}

impl Sha256 {
    pub(crate) fn new() -> Self {
        Self {
            // Every byte value, in an order that repeats late.
            data: (0..BYTES).map(|index| (index ^ (index >> 8)) as u8).collect(),
            digest: [0; 32],
        }
    }
}

impl Kernel for Sha256 {
    fn work(&mut self) {
        self.digest = sha2::Sha256::digest(&self.data).into();
    }

    fn checksum(&self) -> u64 {
        crate::checksum(&self.digest)
    }
}
