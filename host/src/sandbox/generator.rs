//! Random numbers of a command's own: seeded once from the system, which is not asked again.

use sha2::{Digest as _, Sha256};

/// Bytes of one block.
const BLOCK: usize = 32;

/// SHA-256 over a seed and a counter, block by block: nothing of the seed can be told from what it gives.
pub(super) struct Generator {
    seed: [u8; BLOCK],
    counter: u64,
    block: [u8; BLOCK],
    used: usize,
}

impl Generator {
    /// One with a seed of the system.
    ///
    /// # Errors
    ///
    /// When the system gives none.
    pub(super) fn new() -> std::io::Result<Self> {
        let mut seed = [0; BLOCK];
        getrandom::fill(&mut seed).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self::of_seed(seed))
    }

    fn of_seed(seed: [u8; BLOCK]) -> Self {
        Self {
            seed,
            counter: 0,
            block: [0; BLOCK],
            used: BLOCK,
        }
    }

    /// Fills `bytes`.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == BLOCK {
                let hash = Sha256::new()
                    .chain_update(self.seed)
                    .chain_update(self.counter.to_le_bytes());
                self.block = hash.finalize().into();
                self.counter += 1;
                self.used = 0;
            }
            *byte = self.block[self.used];
            self.used += 1;
        }
    }

    /// The next number.
    pub(super) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl std::fmt::Debug for Generator {
    /// Without the seed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_without_repeating_itself_and_no_two_are_alike() {
        let mut whole = [0; 100];
        Generator::of_seed([7; BLOCK]).fill(&mut whole);
        let mut parts = Generator::of_seed([7; BLOCK]);
        let mut pieces = [0; 100];
        for piece in pieces.chunks_mut(7) {
            parts.fill(piece);
        }
        assert_eq!(whole, pieces, "how much is asked for at a time makes no difference");
        assert_ne!(whole[..BLOCK], whole[BLOCK..2 * BLOCK]);
        assert_ne!(Generator::new().unwrap().number(), Generator::new().unwrap().number());
    }
}
