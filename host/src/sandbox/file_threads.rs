//! The threads that make a component's file calls, and the processor time they take.
//!
//! A component waits for its file calls, and writes go on behind its back: without these, a handler could use the
//! machine far beyond its limit of processor time by reading and writing alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::thread::{Pid, gettid};

use super::watchdog::thread_cpu_time;

/// The threads of one command. Clones are the same threads.
#[derive(Debug, Clone, Default)]
pub(super) struct FileThreads(Arc<Mutex<Threads>>);

#[derive(Debug, Default)]
struct Threads {
    running: Vec<Pid>,
    /// Processor time of those that have ended.
    ended: Duration,
}

impl FileThreads {
    /// Notes that the current thread is one, from now on.
    pub(super) fn begin(&self) {
        self.lock().running.push(gettid());
    }

    /// Notes that the current thread is about to end.
    pub(super) fn end(&self) {
        let (thread, used) = (gettid(), thread_cpu_time());
        let mut threads = self.lock();
        threads.running.retain(|running| *running != thread);
        threads.ended = threads.ended.saturating_add(used);
    }

    /// Whether there are any, busy or not.
    pub(super) fn are_any(&self) -> bool {
        !self.lock().running.is_empty()
    }

    /// Processor time of all of them so far.
    pub(super) fn cpu_time(&self) -> Duration {
        let threads = self.lock();
        threads
            .running
            .iter()
            .copied()
            .map(cpu_time_of)
            .fold(threads.ended, Duration::saturating_add)
    }

    fn lock(&self) -> MutexGuard<'_, Threads> {
        // Each change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Processor time of another thread of this process, as the kernel's scheduler counts it; nothing where it does not tell.
fn cpu_time_of(thread: Pid) -> Duration {
    let path = format!("/proc/self/task/{}/schedstat", thread.as_raw_nonzero());
    let told = std::fs::read_to_string(path).unwrap_or_default();
    let nanoseconds = told
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanoseconds)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn threads_are_counted_while_they_run_and_after() {
        const WORK: Duration = Duration::from_millis(60);
        let threads = FileThreads::default();
        let (worked, seen) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let theirs = threads.clone();
        let thread = std::thread::spawn(move || {
            theirs.begin();
            while thread_cpu_time() < WORK {
                std::hint::black_box(0);
            }
            worked.send(()).unwrap();
            wait.recv().unwrap();
            theirs.end();
        });
        seen.recv().unwrap();
        // The scheduler's count may lag a tick or so behind the clock's.
        let started = std::time::Instant::now();
        while threads.cpu_time() < WORK {
            assert!(started.elapsed() < Duration::from_secs(120), "{:?}", threads.cpu_time());
            std::thread::yield_now();
        }
        go_on.send(()).unwrap();
        thread.join().unwrap();
        assert!(threads.cpu_time() >= WORK);
        assert!(threads.lock().running.is_empty());
    }
}
