//! The ways in which hostler can run a handler's command, for tests that hold in each of them.

/// How a handler's command is kept apart from the rest of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// In the host's own process, by the WebAssembly runtime alone.
    InProcess,
    /// In a process of its own, which the kernel restricts.
    Worker,
}

impl Isolation {
    /// The ways that there are, the default first.
    pub const ALL: &'static [Self] = &[Self::Worker, Self::InProcess];

    /// Its name in messages of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::InProcess => "in-process",
            Self::Worker => "worker",
        }
    }

    /// The arguments of `hostler run` and `apply` that choose it.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Worker => &[],
            Self::InProcess => &["--isolation", "in-process", "--require-isolation", "none"],
        }
    }

    /// Why a case of the threat catalogue cannot be tried in it, if it cannot.
    pub fn leaves_out(self, case: &str) -> Option<&'static str> {
        ONLY.iter()
            .find(|(isolation, cases, _)| *isolation != self && cases.contains(&case))
            .map(|(_, _, why)| *why)
    }

    /// What each row of a table is run in: every way there is, and twice at least, so that the same input is seen to
    /// have the same verdict twice (O9).
    pub fn rounds() -> Vec<Self> {
        let again = Self::ALL.iter().take(2usize.saturating_sub(Self::ALL.len()));
        Self::ALL.iter().chain(again).copied().collect()
    }
}

/// Cases that can be tried in one way only, and why.
const ONLY: [(Isolation, &[&str], &str); 0] = [];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_tried_and_the_default_twice_if_it_is_alone() {
        let rounds = Isolation::rounds();
        assert!(rounds.len() >= 2);
        assert!(Isolation::ALL.iter().all(|one| rounds.contains(one)));
        let of_worker = ONLY.iter().filter(|(only, ..)| *only == Isolation::Worker);
        for case in of_worker.flat_map(|(_, cases, _)| *cases) {
            assert!(Isolation::InProcess.leaves_out(case).is_some(), "{case}");
            assert!(Isolation::Worker.leaves_out(case).is_none(), "{case}");
        }
    }
}
