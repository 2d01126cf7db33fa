//! Many hostile commands: in a row, and at once beside one that is not (GST-18, GST-20, O7).

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hostler_host::sandbox::Sandbox;

use crate::components::{Does, run, sandbox};
use crate::processes::{LONG, alone, children};

/// What this process has: memory in KiB, descriptors, threads.
fn held() -> (u64, usize, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory = memory.trim().trim_end_matches("kB").trim().parse().unwrap();
    let count = |folder: &str| fs::read_dir(folder).unwrap().count();
    (memory, count("/proc/self/fd"), count("/proc/self/task"))
}

#[test]
fn a_thousand_hostile_commands_leave_nothing_behind() {
    let _alone = alone();
    let sandbox = sandbox();
    let codes = [
        Does::Traps,
        Does::GrowsMemory,
        Does::OverflowsItsStack,
        Does::LoopsForEver,
    ];
    let codes = codes.map(|does| does.code(&sandbox));
    let some = |count: usize| {
        for index in 0..count {
            // A loop takes its whole deadline: one in ten.
            let code = &codes[if index % 10 == 9 { 3 } else { index % 3 }];
            let outcome = run(&sandbox, code, 20);
            assert!(!outcome.end.is_success(), "{:?}", outcome.end);
        }
        sandbox.isolation().unwrap();
        held()
    };
    let (memory, descriptors, threads) = some(100);
    let (memory_after, descriptors_after, threads_after) = some(900);
    assert!(
        memory_after <= memory + memory / 20 + 1024,
        "{memory} KiB after 100, {memory_after} KiB after 1,000"
    );
    // One worker may be starting or ending just now, and more of them where these have to wait for their turn.
    let started = Instant::now();
    let (mut descriptors_after, mut threads_after) = (descriptors_after, threads_after);
    while descriptors_after > descriptors + 4 || threads_after > threads + 1 || children().len() > 3 {
        let seen = (descriptors, descriptors_after, threads, threads_after, children());
        assert!(started.elapsed() < LONG, "{seen:?}");
        thread::yield_now();
        (_, descriptors_after, threads_after) = held();
    }
}

/// How long `run` of a command that does nothing takes from its own start to its end, when it is its turn.
fn own_time(sandbox: &Sandbox) -> Duration {
    run(sandbox, &Does::Nothing.code(sandbox), 60_000).duration
}

/// As many compute at once as there are processors, those that get ready among them, and with less weight than the host: the
/// victim's own time stays within three times of what it takes alone, by the middle one of several. A machine may have
/// other things to do, so one that is busy with them gets another chance.
#[test]
fn a_victim_among_twenty_attackers_is_not_much_slower() {
    let _alone = alone();
    let sandbox = sandbox();
    let median = || {
        let mut times: Vec<Duration> = (0..15).map(|_| own_time(&sandbox)).collect();
        times.sort();
        times[times.len() / 2]
    };
    let mut seen = Vec::new();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(300) {
        let alone = median();
        let over = AtomicBool::new(false);
        let beside = thread::scope(|threads| {
            for index in 0..20 {
                let (sandbox, over) = (&sandbox, &over);
                threads.spawn(move || {
                    let code = Does::HOSTILE[index % 4].code(sandbox);
                    while !over.load(Ordering::Relaxed) {
                        run(sandbox, &code, 100);
                    }
                });
            }
            let beside = median();
            over.store(true, Ordering::Relaxed);
            beside
        });
        if beside <= alone * 3 {
            return;
        }
        seen.push((alone, beside));
    }
    panic!("alone and beside twenty attackers: {seen:?}");
}
