//! Inflate: unpack a log that was packed with deflate.

use crate::deflate::{BYTES, pack, unpack};
use crate::{Kernel, text};

pub(crate) struct Inflate {
    packed: Vec<u8>,
    unpacked: Vec<u8>,
}

impl Inflate {
    pub(crate) fn new() -> Self {
        Self {
            packed: pack(text::log(BYTES).as_bytes(), Vec::new()),
            unpacked: Vec::new(),
        }
    }
}

impl Kernel for Inflate {
    fn work(&mut self) {
        let mut out = std::mem::take(&mut self.unpacked);
        out.clear();
        self.unpacked = unpack(&self.packed, out);
    }

    fn checksum(&self) -> u64 {
        crate::checksum(&self.unpacked)
    }
}

#[cfg(test)]
mod tests {
    use super::Inflate;
    use crate::deflate::BYTES;
    use crate::{Kernel as _, text};

    #[test]
    fn the_log_comes_out() {
        let mut inflate = Inflate::new();
        inflate.work();
        assert!(inflate.unpacked == text::log(BYTES).as_bytes());
    }
}
