//! The second look at the processor time of a service, from outside: its worker's clock, as the system has it.
//!
//! The limit itself is kept inside the worker ([`watchdog`](crate::sandbox)). A command's worker has the system's own limit
//! behind that; processor time that comes back, the system has no limit for.

use std::fs;
use std::time::Duration;

use crate::limits::{LimitName, LimitReached, Limits};
use crate::sandbox::SERVICE_CPU_PERIOD;
use crate::sandbox::watchdog::milliseconds;

/// How often over it may be.
const TIMES: u32 = 2;

/// The limit that `process` is far beyond, if it is. One that cannot be looked at now is looked at the next time.
pub(super) fn far_beyond(process: u32, elapsed: Duration, limits: &Limits) -> Option<LimitReached> {
    let used = used(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)?;
    (used > most(limits.duration(LimitName::Cpu), elapsed)).then(|| LimitReached {
        used: Some(milliseconds(used)),
        ..LimitReached::new(LimitName::Cpu, limits)
    })
}

/// The most that a service with the limit `once` may have used after `elapsed` before it is far beyond it.
fn most(once: Duration, elapsed: Duration) -> Duration {
    let came_back = once.mul_f64(elapsed.as_secs_f64() / SERVICE_CPU_PERIOD.as_secs_f64());
    once.saturating_add(came_back).saturating_mul(TIMES)
}

/// Processor time in the line `stat`, which the system keeps of each process.
fn used(stat: &str) -> Option<Duration> {
    // Behind the program's name, which may have anything in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let [own, of_system]: [u64; 2] = [times.next()?.parse().ok()?, times.next()?.parse().ok()?];
    let ticks = own.saturating_add(of_system);
    Some(Duration::from_millis(
        ticks.saturating_mul(1000) / rustix::param::clock_ticks_per_second().max(1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a) b) (c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(
            used(stat),
            Some(Duration::from_millis(200_000 / rustix::param::clock_ticks_per_second()))
        );
        assert_eq!(used("7 (a) S 1"), None);
    }

    #[test]
    fn what_came_back_may_be_used_too() {
        let seconds = Duration::from_secs;
        let table = [(0, 120), (300, 180), (600, 240), (6000, 1320)];
        for (elapsed, expected) in table {
            assert_eq!(
                most(seconds(60), seconds(elapsed)),
                seconds(expected),
                "after {elapsed} s"
            );
        }
        assert_eq!(most(Duration::ZERO, seconds(6000)), Duration::ZERO);
    }
}
