//! Stops a component that computes, at its deadline itself.
//!
//! A component that computes looks at the engine's epoch at every turn of a loop. The watchdog sleeps until the
//! earliest moment at which the command can have used up its time (wall time, or processor time at full speed), raises
//! the epoch, and the component's own thread then looks at its clocks ([`Watch::look`]): past a limit it stops, else
//! the watchdog sleeps on. No ticker wakes up in between.
//!
//! A component that waits in a host call does not look at the epoch: there the timeout around the call counts
//! (`run.rs`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::EngineWeak;

use crate::limits::{LimitName, LimitReached, Limits};

/// Least time between two looks, so that a clock that stands still cannot keep the watchdog busy.
const LEAST_SLEEP: Duration = Duration::from_millis(2);

/// The clocks of one command. Made on the thread that runs the component.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    start: Instant,
    cpu_start: Duration,
    deadline: Duration,
    cpu_limit: Duration,
    /// Processor time at the last look, in nanoseconds; read by the watchdog.
    cpu_seen: Arc<AtomicU64>,
}

impl Watch {
    pub(super) fn start(limits: &Limits) -> Self {
        Self {
            start: Instant::now(),
            cpu_start: thread_cpu_time(),
            deadline: limits.duration(LimitName::Deadline),
            cpu_limit: limits.duration(LimitName::Cpu),
            cpu_seen: Arc::default(),
        }
    }

    /// Wall time since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Processor time of the current thread since the start: call it on the thread that runs the component.
    pub(super) fn cpu_time(&self) -> Duration {
        thread_cpu_time().saturating_sub(self.cpu_start)
    }

    /// Looks at both clocks, on the thread that runs the component: the limit that is used up, if one is.
    pub(super) fn look(&self, limits: &Limits) -> Option<LimitReached> {
        let cpu = self.cpu_time();
        self.cpu_seen.store(u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if self.elapsed() >= self.deadline {
            Some(self.reached(LimitName::Deadline, self.elapsed(), limits))
        } else if cpu >= self.cpu_limit {
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
        LimitReached { used: Some(milliseconds(used)), ..LimitReached::new(name, limits) }
    }

    /// How long the watchdog may sleep: until the first moment at which a limit can be used up.
    fn next_look(&self) -> Duration {
        let wall = self.deadline.saturating_sub(self.elapsed());
        let cpu = self.cpu_limit.saturating_sub(Duration::from_nanos(self.cpu_seen.load(Ordering::Relaxed)));
        wall.min(cpu).max(LEAST_SLEEP)
    }
}

/// Whole milliseconds of `duration`.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The thread that raises the epoch for one command. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Watchdog {
    done: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watchdog {
    /// Begins to watch.
    ///
    /// # Errors
    ///
    /// When no thread can be started: then the command must not run.
    pub(super) fn start(engine: EngineWeak, watch: Watch) -> std::io::Result<Self> {
        let done = Arc::new((Mutex::new(false), Condvar::new()));
        let seen = Arc::clone(&done);
        let thread = std::thread::Builder::new().name("watchdog".into()).spawn(move || {
            let (flag, changed) = &*seen;
            let mut ended = flag.lock().unwrap_or_else(PoisonError::into_inner);
            while !*ended {
                let sleep = watch.next_look();
                let (guard, slept) = changed.wait_timeout(ended, sleep).unwrap_or_else(PoisonError::into_inner);
                ended = guard;
                if slept.timed_out() && !*ended {
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            }
        })?;
        Ok(Self { done, thread: Some(thread) })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let (flag, changed) = &*self.done;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It holds nothing and cannot have panicked in a way that matters here.
            let _ = thread.join();
        }
    }
}
