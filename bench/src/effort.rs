//! How much is measured.

/// Rounds and counts, as the command line has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Rounds of what is quick.
    pub(crate) rounds: usize,
    /// Commands after which the supervisor's memory is looked at.
    pub(crate) commands: usize,
    /// Whether what takes minutes is done with less.
    pub(crate) quick: bool,
}

impl Effort {
    /// Whether so few rounds are asked for that nothing is learned but that everything works.
    pub(crate) fn is_smoke(&self) -> bool {
        self.rounds < 5
    }

    /// A share of the rounds, for what takes longer, but not so few that a median means nothing.
    pub(crate) fn share(&self, of: usize) -> usize {
        (self.rounds / of).max(self.rounds.min(5))
    }
}

#[cfg(test)]
mod tests {
    use super::Effort;

    #[test]
    fn shares_do_not_fall_below_five_rounds_or_all_there_are() {
        let shares = |rounds, of| {
            let effort = Effort {
                rounds,
                commands: 0,
                quick: false,
            };
            effort.share(of)
        };
        assert_eq!([shares(200, 20), shares(60, 20), shares(2, 20)], [10, 5, 2]);
    }
}
