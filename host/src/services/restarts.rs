//! When a service that fell is started again, and when no more.

use std::collections::VecDeque;
use std::time::Duration;

/// The first pause, and the longest: each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// After running so long without falling, the pauses begin anew.
const WELL: Duration = Duration::from_secs(600);

/// As many falls within [`BUDGET_PERIOD`] are too many.
pub const BUDGET: usize = 10;

/// The time over which falls are counted.
pub const BUDGET_PERIOD: Duration = Duration::from_secs(3600);

/// What is done about a service that fell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is started again after that time.
    After(Duration),
    /// It is given up on, until the handler is enabled again.
    GiveUp,
}

/// The falls of one service.
#[derive(Debug, Default)]
pub struct Restarts {
    /// When it fell, by the monotonic clock, as far back as counts.
    falls: VecDeque<Duration>,
    /// How many pauses were made one after another.
    pauses: u32,
}

impl Restarts {
    /// It fell at `now` after having run for `ran`.
    pub fn fell(&mut self, now: Duration, ran: Duration) -> Next {
        self.falls.push_back(now);
        while let Some(first) = self.falls.front()
            && now.saturating_sub(*first) >= BUDGET_PERIOD
        {
            self.falls.pop_front();
        }
        if self.falls.len() >= BUDGET {
            return Next::GiveUp;
        }
        if ran >= WELL {
            self.pauses = 0;
        }
        let pause = PAUSES.0.saturating_mul(2u32.saturating_pow(self.pauses)).min(PAUSES.1);
        self.pauses = self.pauses.saturating_add(1);
        Next::After(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TIME: Duration = Duration::ZERO;

    /// What is done about falls that come as soon as they can, each after running for `ran`.
    fn falls(number: usize, ran: Duration) -> Vec<Next> {
        let mut restarts = Restarts::default();
        let mut now = NO_TIME;
        (0..number)
            .map(|_| {
                now += ran;
                let next = restarts.fell(now, ran);
                if let Next::After(pause) = next {
                    now += pause;
                }
                next
            })
            .collect()
    }

    #[test]
    fn pauses_grow_and_the_tenth_fall_in_an_hour_is_the_last() {
        let seconds = |seconds| Next::After(Duration::from_secs(seconds));
        let nine = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(seconds);
        assert_eq!(falls(9, NO_TIME), nine);
        assert_eq!(falls(10, NO_TIME).last(), Some(&Next::GiveUp));
    }

    #[test]
    fn one_that_falls_now_and_then_is_started_for_ever() {
        let falls = falls(100, WELL);
        assert!(falls.iter().all(|next| *next == Next::After(PAUSES.0)), "{falls:?}");
        let nearly = WELL - Duration::from_secs(1);
        let falls = self::falls(100, nearly);
        assert_eq!(
            falls.last(),
            Some(&Next::After(PAUSES.1)),
            "it never ran well, and not too often in an hour"
        );
    }
}
