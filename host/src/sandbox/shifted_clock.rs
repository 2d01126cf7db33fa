//! A wall clock that is wrong, for tests of how a handler bears that.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime_wasi::HostWallClock;

/// A clock that is some seconds ahead of the machine's, or behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShiftedClock {
    shift: i64,
}

impl ShiftedClock {
    /// A clock that is `shift` seconds ahead.
    pub(super) fn new(shift: i64) -> Self {
        Self { shift }
    }
}

impl HostWallClock for ShiftedClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(10)
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let by = Duration::from_secs(self.shift.unsigned_abs());
        // WASI has no time before 1970.
        if self.shift < 0 {
            now.saturating_sub(by)
        } else {
            now.saturating_add(by)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_far_off_as_it_is_told() {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let ahead = ShiftedClock::new(1000).now();
        assert!(ahead >= real + Duration::from_secs(1000));
        assert_eq!(ShiftedClock::new(i64::MIN).now(), Duration::ZERO);
    }
}
