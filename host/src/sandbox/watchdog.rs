//! Stops a component that computes, at its deadline itself.
//!
//! A component that computes looks at the engine's epoch at every turn of a loop. The watchdog sleeps until the
//! earliest moment at which the command can have used up its time (wall time, or processor time at full speed), raises
//! the epoch until the component's own thread has looked at its clocks ([`Watch::look`]): past a limit it stops, else
//! the watchdog sleeps on. No ticker wakes up in between.
//!
//! A component that waits in a host call does not look at the epoch: there the timeout around the call counts
//! (`run.rs`).

use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::EngineWeak;

use super::file_calls::FileCalls;
use super::file_threads::FileThreads;
use super::threads;
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
    shared: Arc<Shared>,
}

/// What the component's thread and the watchdog tell each other.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The command has ended.
    ended: bool,
    /// Looks that were taken.
    looks: u64,
    /// Processor time that was left at the last look.
    left: Option<Duration>,
    /// Processor time that came back and was not used when there was enough: it is gone.
    unused: Duration,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is a single step, so what a poisoned lock holds is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until `enough`, or for `time`; gives the state back.
    fn wait(&self, time: Duration, enough: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), time, |state| !enough(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Watch {
    pub(super) fn start(pace: Pace, file_calls: FileCalls, file_threads: FileThreads) -> Self {
        Self {
            start: Instant::now(),
            cpu_start: used(file_calls),
            file_calls,
            pace,
            file_threads,
            shared: Arc::default(),
        }
    }

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
        let mut left = Duration::ZERO;
        self.shared.change(|state| {
            left = self.pace.left(elapsed, cpu, &mut state.unused);
            state.left = Some(left);
            state.looks += 1;
        });
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

    /// Raises the epoch of `engine` whenever a limit may be used up, until the command has ended.
    fn keep(&self, engine: &EngineWeak) {
        let mut cpu_left = self.pace.cpu;
        // A service waits most of its time, and looks as soon as it comes back to computing.
        let longest = match self.pace.comes_back_in {
            None => LONGEST_PATIENCE,
            Some(period) => period / 10,
        };
        let processors =
            std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
        loop {
            // The first moment at which a limit can be used up: the deadline, or what is left of the processor time if
            // the component and its file calls have all processors for themselves.
            let first = self.left().min(cpu_left / processors).max(SHORTEST);
            let state = self.shared.wait(first, |state| state.ended);
            let looks = state.looks;
            if state.ended {
                return;
            }
            drop(state);
            // A look that is being taken just now sets its next epoch only when it returns, and misses one that is raised
            // meanwhile; so it is raised again. A component that waits in a host call looks when it comes back, and uses
            // no processor until then: for it this gets rarer.
            let mut patience = FIRST_PATIENCE;
            let state = loop {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
                drop(engine);
                let time = patience.min(self.left().max(FIRST_PATIENCE));
                let state = self.shared.wait(time, |state| state.ended || state.looks != looks);
                if state.ended {
                    return;
                }
                if state.looks != looks {
                    break state;
                }
                patience = (patience * 2).min(longest);
            };
            cpu_left = state.left.unwrap_or_default();
        }
    }
}

/// Shortest time between two looks.
const SHORTEST: Duration = Duration::from_millis(1);

/// How soon the epoch is raised again for a component that has not looked, at first and past its deadline.
const FIRST_PATIENCE: Duration = Duration::from_millis(5);

/// How soon it is raised again at the latest.
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

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

/// The thread that raises the epoch for one command. Dropping it lets the thread go.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// Until there is something to watch.
    give: Option<SyncSender<Watch>>,
    shared: Option<Arc<Shared>>,
}

impl Watchdog {
    /// Has a thread ready, before the command.
    ///
    /// # Errors
    ///
    /// When no thread can be started: then the command must not run.
    pub(super) fn start(engine: EngineWeak) -> std::io::Result<Self> {
        let (give, take) = mpsc::sync_channel::<Watch>(1);
        threads::run("watchdog".to_owned(), move || {
            // Nothing comes where the command was called off.
            if let Ok(watch) = take.recv() {
                watch.keep(&engine);
            }
        })?;
        Ok(Self {
            give: Some(give),
            shared: None,
        })
    }

    /// Begins to watch.
    pub(super) fn watch(&mut self, watch: Watch) {
        self.shared = Some(Arc::clone(&watch.shared));
        if let Some(give) = self.give.take() {
            // It has room for one, and the thread waits for it.
            let _ = give.send(watch);
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.give = None;
        if let Some(shared) = &self.shared {
            shared.change(|state| state.ended = true);
        }
    }
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
