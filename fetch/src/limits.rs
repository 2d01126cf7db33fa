//! How much and how long: what bounds a fetch, and what is known beforehand of what comes.

use std::time::{Duration, Instant};

/// What one call of [`Fetcher`](crate::Fetcher) may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Most bytes that are read of one location. Does not count the heads of answers, which the client bounds itself.
    pub max_bytes: u64,
    /// Time for everything together: all locations, rounds and pauses, and what the caller does with what came. A file is
    /// read in pieces between which this is looked at; a file system that hangs is not noticed.
    pub budget: Duration,
    /// Longest wait for the head of an answer, looking up the name and connecting included, and then for each further
    /// piece. Connecting takes 10 s at most even if this is longer.
    pub idle: Duration,
}

impl FetchLimits {
    /// At most `max_bytes`, with the times of the agent: 5 minutes in all, and 10 s without a byte (contract 1.4).
    pub const fn of(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            budget: Duration::from_secs(300),
            idle: Duration::from_secs(10),
        }
    }
}

/// What a document said beforehand of what lies at a location. Nothing by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// The SHA-256.
    pub sha256: Option<[u8; 32]>,
    /// The size in bytes.
    pub size: Option<u64>,
}

/// When the budget is used up. Held as start and length, since adding a long duration to an instant can overflow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    start: Instant,
    budget: Duration,
}

impl Deadline {
    pub(crate) fn after(budget: Duration) -> Self {
        Self {
            start: Instant::now(),
            budget,
        }
    }

    /// What is left; zero when it is used up.
    pub(crate) fn left(self) -> Duration {
        self.budget.saturating_sub(self.start.elapsed())
    }

    pub(crate) fn is_over(self) -> bool {
        self.left().is_zero()
    }
}
