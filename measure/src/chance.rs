//! Numbers that look random and are the same each time: what is drawn again from the same samples comes out the same.

/// A generator of the SplitMix64 family: a counter, mixed.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers that belong to `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // The remainder favours small numbers by less than one in 2^40 for any number of samples there is.
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// A number from 0 up to 1.
    #[cfg(test)]
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn numbers_are_the_same_for_a_seed_and_spread_over_all_there_are() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..1000).map(|_| chance.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        for number in 0..10 {
            let seen = draw(3).iter().filter(|drawn| **drawn == number).count();
            assert!((60..140).contains(&seen), "{number} was drawn {seen} times of 1000");
        }
        assert_eq!(Chance::new(4).below(0), 0);
    }
}
