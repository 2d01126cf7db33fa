//! Clocks in steps of 10 ms, for handlers that may not measure finer.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// One step, in nanoseconds.
const STEP: u128 = 10_000_000;

/// Both clocks of a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoarseClock {
    started: Instant,
}

impl CoarseClock {
    /// Clocks of which the monotonic one starts now.
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

/// `time` without what is finer than a step, in nanoseconds.
fn coarse(time: Duration) -> u64 {
    let nanoseconds = time.as_nanos();
    u64::try_from(nanoseconds - nanoseconds % STEP).unwrap_or(u64::MAX)
}

impl HostWallClock for CoarseClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn now(&self) -> Duration {
        // A clock before 1970 is one that nobody has set.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Duration::from_nanos(coarse(now))
    }
}

impl HostMonotonicClock for CoarseClock {
    fn resolution(&self) -> u64 {
        10_000_000
    }

    fn now(&self) -> u64 {
        coarse(self.started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_finer_than_a_step_is_told() {
        for (nanoseconds, told) in [
            (0, 0),
            (9_999_999, 0),
            (10_000_000, 10_000_000),
            (1_239_999_999, 1_230_000_000),
        ] {
            assert_eq!(coarse(Duration::from_nanos(nanoseconds)), told);
        }
        assert_eq!(HostWallClock::now(&CoarseClock::new()).as_nanos() % STEP, 0);
        assert_eq!(HostMonotonicClock::now(&CoarseClock::new()), 0);
    }
}
