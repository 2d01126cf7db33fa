//! The worker processes of this test, as the system lists them.
//!
//! They are children of this process, whose tests run beside each other: a test that looks at them holds [`alone`].

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take on a machine that is busy: far longer than it does.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// No other test of this program that looks at processes runs while this is held.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every child of this process.
pub(crate) fn children() -> Vec<u32> {
    let mut found = Vec::new();
    for task in fs::read_dir("/proc/self/task").unwrap().flatten() {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(children.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
    }
    found
}

/// The child that runs a component just now: it has more than one thread. Waits for one.
pub(crate) fn busy_worker() -> u32 {
    let started = Instant::now();
    while started.elapsed() < LONG {
        if let Some(busy) = one_at_work() {
            return busy;
        }
        std::thread::yield_now();
    }
    panic!("no worker was ever at work");
}

/// Waits until none is at work: one that has compiled, or was stopped, may take its time to go away on a busy machine.
pub(crate) fn wait_until_none_is_busy() {
    let started = Instant::now();
    while let Some(busy) = one_at_work() {
        assert!(started.elapsed() < LONG, "{busy} does not go away");
        std::thread::yield_now();
    }
}

fn one_at_work() -> Option<u32> {
    let has_threads =
        |child: &u32| fs::read_dir(format!("/proc/{child}/task")).is_ok_and(|threads| threads.count() > 1);
    children().into_iter().find(has_threads)
}

/// A file of `/proc` about `process`, empty when it has ended.
pub(crate) fn about(process: u32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default()
}

/// The value of a field in `/proc/PROCESS/status`.
pub(crate) fn status(process: u32, field: &str) -> String {
    let all = about(process, "status");
    let line = all.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// Sends `signal` to `process`.
pub(crate) fn signal(process: u32, signal: rustix::process::Signal) {
    let process = rustix::process::Pid::from_raw(process.cast_signed()).unwrap();
    // It may have ended meanwhile.
    let _ = rustix::process::kill_process(process, signal);
}

/// Waits until `process` has ended, though nobody has taken note of it yet.
pub(crate) fn wait_until_dead(process: u32) {
    let started = Instant::now();
    while !matches!(status(process, "State").as_bytes().first(), None | Some(b'Z' | b'X')) {
        assert!(started.elapsed() < LONG, "{process} does not end");
        std::thread::yield_now();
    }
}
