//! A worker that is killed at any moment (HST-13): the command ends as an error, and nothing else changes.

use std::thread;
use std::time::{Duration, Instant};

use hostler_host::sandbox::{End, Sandbox};
use rustix::process::Signal;

use crate::components::{Does, run, sandbox};
use crate::processes::{alone, busy_worker, children, signal, wait_until_dead, wait_until_none_is_busy};

#[test]
fn a_worker_that_is_killed_at_work_ends_its_command_as_an_error() {
    let _alone = alone();
    let sandbox = sandbox();
    let code = Does::LoopsForEver.code(&sandbox);
    wait_until_none_is_busy();
    let running = {
        let (sandbox, code) = (sandbox.clone(), code.clone());
        thread::spawn(move || run(&sandbox, &code, 60_000))
    };
    signal(busy_worker(), Signal::KILL);
    let outcome = running.join().unwrap();
    assert!(
        matches!(&outcome.end, End::WorkerDied { message } if message.contains("signal 9")),
        "{:?}",
        outcome.end
    );
    assert_eq!((outcome.end.exit_code(), outcome.end.is_success()), (134, false));
    assert_eq!(outcome.end.code().unwrap().name(), "worker.died");
    let next = run(&sandbox, &Does::Nothing.code(&sandbox), 60_000);
    assert!(next.end.is_success(), "{:?}", next.end);
}

/// A worker that was ready and is gone when it is needed is no failure of a command: another takes its place.
#[test]
fn a_ready_worker_that_is_killed_is_replaced() {
    let _alone = alone();
    let sandbox = sandbox();
    let code = Does::Nothing.code(&sandbox);
    for _ in 0..3 {
        sandbox.isolation().unwrap();
        let ready = children();
        assert!(!ready.is_empty());
        for worker in ready {
            signal(worker, Signal::KILL);
            wait_until_dead(worker);
        }
        let outcome = run(&sandbox, &code, 60_000);
        assert!(outcome.end.is_success(), "{:?}", outcome.end);
    }
}

/// Killed after waits of all lengths, up to those that a command does not need any more: it comes back each time, as done
/// or as died. How long that is depends on what else the machine does, so it is found by waiting longer.
#[test]
fn there_is_no_moment_at_which_a_kill_is_missed() {
    const STEP: Duration = Duration::from_micros(100);
    const WHOLE: usize = 20;
    let _alone = alone();
    let sandbox = sandbox();
    let code = Does::Nothing.code(&sandbox);
    let (mut whole, mut died) = (0, 0);
    let mut wait = Duration::ZERO;
    while whole < WHOLE {
        assert!(wait < Duration::from_secs(10), "{died} died, {whole} came back whole");
        sandbox.isolation().unwrap();
        let victims = children();
        let killer = thread::spawn(move || {
            thread::sleep(wait);
            for worker in victims {
                signal(worker, Signal::KILL);
            }
        });
        let outcome = run(&sandbox, &code, 60_000);
        killer.join().unwrap();
        match outcome.end {
            End::Exited { code: 0, .. } => whole += 1,
            End::WorkerDied { .. } => died += 1,
            other => panic!("after {wait:?}: {other:?}"),
        }
        // Small steps where most happens, larger ones on a machine that is busy.
        wait += STEP.max(wait / 20);
    }
    assert!(run(&sandbox, &code, 60_000).end.is_success());
}

/// When the sandbox goes, so do its workers, also those that nobody had used.
#[test]
fn no_worker_outlives_its_sandbox() {
    let _alone = alone();
    let ours: Vec<u32> = {
        let before = children();
        let sandbox: Sandbox = sandbox();
        sandbox.isolation().unwrap();
        let ours = children().into_iter().filter(|child| !before.contains(child)).collect();
        drop(sandbox);
        ours
    };
    assert!(!ours.is_empty());
    let started = Instant::now();
    while children().iter().any(|child| ours.contains(child)) {
        assert!(started.elapsed() < Duration::from_secs(120), "still there: {ours:?}");
        thread::yield_now();
    }
}
