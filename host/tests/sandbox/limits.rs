//! Each limit that the engine keeps, and each way of ending.

use hostler_host::limits::LimitName;
use hostler_host::sandbox::{End, TrapKind};

use crate::all_ways::{limits, run, run_component, stopped_at};

#[test]
fn a_command_that_comes_back_has_its_exit_code() {
    let outcome = run(&run_component("", ""), limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 0, message: None });
    let outcome = run(&run_component("", "(return (i32.const 1))"), limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 1, message: None });
}

/// A limit that is not reached, in milliseconds: a minute of either clock.
const LONG: u64 = 60_000;

/// GST-01: computing for ever is stopped by processor time, and by wall time where that is shorter.
#[test]
fn a_loop_is_stopped_at_its_time() {
    let component = run_component("", "(loop br 0)");
    for (name, other) in [
        (LimitName::Cpu, LimitName::Deadline),
        (LimitName::Deadline, LimitName::Cpu),
    ] {
        let outcome = run(&component, limits(&[(name, 300), (other, LONG)]));
        assert_eq!(stopped_at(&outcome), Some(name), "{:?}", outcome.end);
        assert!(outcome.usage.get(name).used >= Some(300));
    }
}

/// A look at the clocks that is interrupted just when the watchdog wakes up must not make it wait for the deadline.
#[test]
fn processor_time_is_watched_on_a_busy_machine_too() {
    let component = run_component("", "(loop br 0)");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        for round in 0..30 {
            let stopped = stopped_at(&run(&component, limits(&[(LimitName::Cpu, 20)])));
            // Set first, so that a failure ends the scope.
            if stopped != Some(LimitName::Cpu) {
                done.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            assert_eq!(stopped, Some(LimitName::Cpu), "round {round}");
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// CMP-14: the deadline covers the start function too.
#[test]
fn a_start_function_is_stopped_too() {
    let component = run_component("(func $start (loop br 0)) (start $start)", "");
    assert_eq!(
        stopped_at(&run(&component, limits(&[(LimitName::Cpu, 200)]))),
        Some(LimitName::Cpu)
    );
}

#[test]
fn traps_are_told_apart() {
    let memory = "(memory 1)";
    let cases = [
        ("unreachable", "", TrapKind::Unreachable),
        (
            "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
            "",
            TrapKind::Arithmetic,
        ),
        ("(drop (i32.load (i32.const 65536)))", memory, TrapKind::Bounds),
        ("(drop (call $run))", "", TrapKind::Stack),
    ];
    for (body, module, kind) in cases {
        let outcome = run(&run_component(module, body), limits(&[]));
        match outcome.end {
            End::Trapped { trap, .. } => assert_eq!(trap, kind, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// GST-02, GST-03: growth beyond the total is refused in the guest, and reported.
#[test]
fn memory_and_tables_are_counted_over_the_whole_component() {
    let body = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))";
    let outcome = run(
        &run_component("(memory 1)", body),
        limits(&[(LimitName::Memory, 1 << 20)]),
    );
    assert!(outcome.end.is_success());
    let memory = outcome.usage.get(LimitName::Memory);
    assert_eq!((memory.used, memory.reached), (Some(1 << 20), true));

    let body = "(loop $more (br_if $more (i32.ne (table.grow (ref.null func) (i32.const 10)) (i32.const -1))))";
    let outcome = run(
        &run_component("(table 1 funcref)", body),
        limits(&[(LimitName::TableElements, 1_000)]),
    );
    assert!(outcome.end.is_success());
    let elements = outcome.usage.get(LimitName::TableElements);
    assert_eq!((elements.used, elements.reached), (Some(991), true));
}

/// CMP-12, CMP-13: what a component has from the start counts as well.
#[test]
fn what_an_instance_begins_with_is_counted() {
    let parts = |memory: &str, count: usize| {
        let instances: String = (0..count).map(|_| format!("(core module {memory}) ")).collect();
        let instantiated: String = (0..count)
            .map(|i| format!("(core instance (instantiate {i}))"))
            .collect();
        wat::parse_str(format!(
            r#"(component {instances} {instantiated}
                 (core module $m (func (export "run") (result i32) i32.const 0))
                 (core instance $i (instantiate $m))
                 (func $run (result (result)) (canon lift (core func $i "run")))
                 (instance $r (export "run" (func $run)))
                 (export "wasi:cli/run@0.2.0" (instance $r)))"#
        ))
        .unwrap()
    };
    let cases = [
        (parts("(memory 1)", 9), vec![], LimitName::Memories),
        (
            parts("(table 1 funcref) (table 1 funcref)", 33),
            vec![],
            LimitName::Tables,
        ),
        (parts("", 8), vec![(LimitName::Instances, 8)], LimitName::Instances),
        (parts("(memory 65536)", 1), vec![], LimitName::Memory),
        (parts("(table 10000000 funcref)", 1), vec![], LimitName::TableElements),
        (parts("(memory 2048)", 3), vec![], LimitName::Memory),
    ];
    for (component, lowered, expected) in cases {
        let outcome = run(&component, limits(&lowered));
        assert_eq!(stopped_at(&outcome), Some(expected), "{:?}", outcome.end);
    }
}
