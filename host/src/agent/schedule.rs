//! When it is time for something. Times are those of the monotonic clock since some beginning: it never goes back, and no
//! jump of the wall clock moves it.

use std::time::Duration;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// To look at the source, and to report.
    Period,
    /// To tell the service manager that the agent is alive.
    SignOfLife,
    /// To leave, whatever still runs.
    Leave,
}

/// When what is due next.
#[derive(Debug)]
pub struct Schedule {
    period: Duration,
    next: Duration,
    sign: Option<(Duration, Duration)>,
    leave: Option<Duration>,
}

impl Schedule {
    /// Something each `period` from `now` on, and a sign of life twice in `watchdog`, where somebody waits for one.
    pub fn new(period: Duration, watchdog: Option<Duration>, now: Duration) -> Self {
        Self {
            period,
            next: now,
            sign: watchdog.map(|every| (every / 2, now)),
            leave: None,
        }
    }

    /// Has it left at `time` at the latest.
    pub fn leave_at(&mut self, time: Duration) {
        self.leave = Some(self.leave.map_or(time, |before| before.min(time)));
    }

    /// What is due at `now`. What was missed, while the machine stood still, is not made up for.
    pub fn due(&mut self, now: Duration) -> Vec<Due> {
        let mut due = Vec::new();
        if self.leave.is_some_and(|at| at <= now) {
            due.push(Due::Leave);
        }
        if self.next <= now {
            due.push(Due::Period);
            self.next = after(self.next, self.period, now);
        }
        if let Some((every, next)) = &mut self.sign
            && *next <= now
        {
            due.push(Due::SignOfLife);
            *next = after(*next, *every, now);
        }
        due
    }

    /// When the next thing is due.
    pub fn next(&self) -> Duration {
        let sign = self.sign.map(|(_, next)| next);
        [sign, self.leave].into_iter().flatten().fold(self.next, Duration::min)
    }
}

fn after(due: Duration, every: Duration, now: Duration) -> Duration {
    match due.saturating_add(every) {
        next if next > now => next,
        _ => now.saturating_add(every),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_signs_and_the_end() {
        let seconds = Duration::from_secs;
        let mut schedule = Schedule::new(seconds(6), Some(seconds(8)), seconds(100));
        let mut seen = Vec::new();
        let mut at = |schedule: &mut Schedule, now: u64| {
            let due = schedule.due(seconds(now));
            seen.push(format!("{now}: {due:?}, then {}", schedule.next().as_secs()));
        };
        for now in [100, 101, 104, 106, 108] {
            at(&mut schedule, now);
        }
        // An hour in which the machine stood still is one period.
        at(&mut schedule, 3708);
        schedule.leave_at(seconds(3710));
        schedule.leave_at(seconds(3800));
        at(&mut schedule, 3710);
        insta::assert_snapshot!(seen.join("\n"), @"
        100: [Period, SignOfLife], then 104
        101: [], then 104
        104: [SignOfLife], then 106
        106: [Period], then 108
        108: [SignOfLife], then 112
        3708: [Period, SignOfLife], then 3712
        3710: [Leave], then 3710
        ");
    }
}
