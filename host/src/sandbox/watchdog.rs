//! Stops a component that computes, at its deadline itself.
//!
//! A component that computes looks at the engine's epoch at every turn of a loop. One thread for all commands of the
//! process ([`keeper`]) sleeps until the earliest moment at which a command can have used up its time (wall time, or
//! processor time at full speed), and raises the epoch until the component's own thread has looked at its clocks
//! ([`Watch::look`]): past a limit it stops, else the thread sleeps on. No ticker wakes up in between.
//!
//! A component that waits in a host call does not look at the epoch: there the timeout around the call counts
//! (`run.rs`).

mod keeper;

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::EngineWeak;

use super::file_calls::FileCalls;
use super::file_threads::FileThreads;
use super::{Invocation, SERVICE_CPU_PERIOD};
use crate::limits::{LimitName, LimitReached, Limits};

/// How much time there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Wall time; a service has as much as there is.
    deadline: Option<Duration>,
    /// Processor time at one go.
    cpu: Duration,
    /// In which time all of that comes back; not to a command.
    comes_back_in: Option<Duration>,
}

impl Pace {
    pub(super) fn of(invocation: &Invocation) -> Self {
        let limits = &invocation.limits;
        let is_service = invocation.is_service;
        Self {
            deadline: (!is_service).then(|| limits.duration(LimitName::Deadline)),
            cpu: limits.duration(LimitName::Cpu),
            comes_back_in: is_service.then_some(SERVICE_CPU_PERIOD),
        }
    }

    /// Processor time that there is after `elapsed` of wall time when `spent` of it is used: what comes back is no more
    /// than what there was at first. `floor` is what was beyond that when it was looked last, and is kept up.
    fn left(&self, elapsed: Duration, spent: Duration, floor: &mut Duration) -> Duration {
        let came_back = match self.comes_back_in {
            Some(period) if !period.is_zero() => self.cpu.mul_f64(elapsed.as_secs_f64() / period.as_secs_f64()),
            _ => Duration::ZERO,
        };
        let all = self.cpu.saturating_add(came_back);
        *floor = (*floor).max(all.saturating_sub(spent).saturating_sub(self.cpu));
        all.saturating_sub(spent).saturating_sub(*floor)
    }
}

/// The clocks of one command. Made on the thread that runs the component.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    start: Instant,
    cpu_start: Duration,
    file_calls: FileCalls,
    pace: Pace,
    file_threads: FileThreads,
    number: u64,
}

impl Watch {
    /// Wall time since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Processor time since the start, file calls included: call it on the thread that runs the component.
    pub(super) fn cpu_time(&self) -> Duration {
        let own = used(self.file_calls).saturating_sub(self.cpu_start);
        own.saturating_add(self.file_threads.cpu_time())
    }

    /// Looks at both clocks, on the thread that runs the component: the limit that is used up, if one is.
    pub(super) fn look(&self, limits: &Limits) -> Option<LimitReached> {
        let (cpu, elapsed) = (self.cpu_time(), self.elapsed());
        let left = keeper::looked(self.number, |unused| self.pace.left(elapsed, cpu, unused));
        if self.pace.deadline.is_some_and(|deadline| elapsed >= deadline) {
            Some(self.reached(LimitName::Deadline, elapsed, limits))
        } else if left.is_zero() {
            Some(self.reached(LimitName::Cpu, cpu, limits))
        } else {
            None
        }
    }

    /// The deadline as reached now.
    pub(super) fn deadline_reached(&self, limits: &Limits) -> LimitReached {
        self.reached(LimitName::Deadline, self.elapsed(), limits)
    }

    fn reached(&self, name: LimitName, used: Duration, limits: &Limits) -> LimitReached {
        LimitReached {
            used: Some(milliseconds(used)),
            ..LimitReached::new(name, limits)
        }
    }

    /// Wall time until the deadline.
    pub(super) fn left(&self) -> Duration {
        match self.pace.deadline {
            Some(deadline) => deadline.saturating_sub(self.elapsed()),
            None => Duration::MAX,
        }
    }
}

/// One command that is watched. Dropping it ends that.
#[derive(Debug)]
pub(super) struct Watchdog(Watch);

impl Watchdog {
    /// Has a thread ready that watches, before a command of that `pace`: one that begins soon need not wake it.
    ///
    /// # Errors
    ///
    /// When no thread can be started: then the command must not run.
    pub(super) fn ready(pace: &Pace) -> std::io::Result<()> {
        keeper::ready(pace)
    }

    /// Begins to watch a command, on the thread that is about to run it.
    pub(super) fn start(engine: EngineWeak, pace: Pace, file_calls: FileCalls, file_threads: FileThreads) -> Self {
        let start = Instant::now();
        Self(Watch {
            start,
            cpu_start: used(file_calls),
            file_calls,
            pace,
            file_threads,
            number: keeper::watch(engine, start, pace),
        })
    }

    /// Its clocks.
    pub(super) fn watch(&self) -> &Watch {
        &self.0
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        keeper::forget(self.0.number);
    }
}

/// Whole milliseconds of `duration`.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Processor time of what runs the component: the whole process's where that does nothing else, whatever threads the engine
/// starts.
fn used(file_calls: FileCalls) -> Duration {
    match file_calls {
        FileCalls::InItsProcess => cpu_time(ClockId::ProcessCPUTime),
        FileCalls::OnItsThread | FileCalls::Aside => thread_cpu_time(),
    }
}

/// Processor time of the current thread since it began.
pub(super) fn thread_cpu_time() -> Duration {
    cpu_time(ClockId::ThreadCPUTime)
}

fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left, in seconds, at each look: after so much wall time, with so much of the processor's used in all.
    fn left(comes_back_in: Option<Duration>, looks: &[(u64, u64)]) -> Vec<u64> {
        let pace = Pace {
            deadline: None,
            cpu: Duration::from_secs(60),
            comes_back_in,
        };
        let mut floor = Duration::ZERO;
        looks
            .iter()
            .map(|(elapsed, spent)| {
                let [elapsed, spent] = [*elapsed, *spent].map(Duration::from_secs);
                pace.left(elapsed, spent, &mut floor).as_secs()
            })
            .collect()
    }

    #[test]
    fn to_a_command_nothing_comes_back_and_to_a_service_no_more_than_there_was() {
        let looks = [(0, 0), (100, 30), (600, 60), (700, 60)];
        assert_eq!(left(None, &looks), [60, 30, 0, 0]);
        let ten_minutes = Some(Duration::from_secs(600));
        assert_eq!(left(ten_minutes, &looks), [60, 40, 60, 60], "what is full stays full");
        // An hour without work saves nothing up: a minute of it is all that there is then.
        assert_eq!(
            left(ten_minutes, &[(3600, 0), (3600, 59), (3600, 60), (3610, 61)]),
            [60, 1, 0, 0]
        );
    }
}
