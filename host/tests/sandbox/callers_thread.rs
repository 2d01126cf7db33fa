//! Commands on the thread of who calls.

use hostler_host::limits::LimitName;
use hostler_host::sandbox::{End, Sandbox};

use crate::all_ways::{limits, run_component, run_in, stopped_at};

/// A runtime cannot be driven within another one: there the command is run on a thread of its own.
#[test]
fn who_calls_may_drive_a_runtime() {
    for sandbox in [Sandbox::in_process().unwrap(), Sandbox::in_process_blocking().unwrap()] {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ended = runtime.block_on(async { run_in(&sandbox, &run_component("", ""), limits(&[])) });
        assert!(matches!(ended.end, End::Exited { code: 0, .. }), "{:?}", ended.end);
    }
}

/// Many commands at one time, each on a thread that calls: one watchdog stops each of them at its own limit.
#[test]
fn each_of_many_is_stopped_at_its_own_deadline() {
    let sandbox = Sandbox::in_process().unwrap();
    let endless = run_component("", "(loop $again (br $again))");
    std::thread::scope(|threads| {
        let runs: Vec<_> = [50, 400, 100, 200]
            .into_iter()
            .map(|deadline| {
                let (sandbox, endless) = (&sandbox, &endless);
                let run = move || run_in(sandbox, endless, limits(&[(LimitName::Deadline, deadline)]));
                (deadline, threads.spawn(run))
            })
            .collect();
        for (deadline, run) in runs {
            let outcome = run.join().unwrap();
            assert_eq!(stopped_at(&outcome), Some(LimitName::Deadline), "{:?}", outcome.end);
            assert!(
                outcome.duration.as_millis() >= u128::from(deadline),
                "{:?}",
                outcome.duration
            );
        }
    });
}
