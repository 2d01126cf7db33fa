//! Numbers that look random and come again with the same seed.

use std::env;

/// A source of numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of the variable `HOSTLER_SEED` if it is set, as `cargo xtask crash` does, else the same each time: a test
    /// that fails is to fail for what was changed. The seed is to be shown then.
    pub(crate) fn seeded() -> (u64, Self) {
        let given = env::var("HOSTLER_SEED").ok();
        let seed = given.map_or(20_261_122, |text| text.parse().expect("HOSTLER_SEED is a number"));
        (seed, Self(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// A part of a whole: from 0 to 1.
    pub(crate) fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }
}
