//! The sandbox through its library interface, on components written out as text: each limit that the engine keeps,
//! each way of ending, and the compiled code that is kept.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Rule};
use hostler_host::sandbox::{
    CodeCache, End, Entry, Invocation, Isolation, Origin, Outcome, RequiredIsolation, Sandbox, TrapKind, WorkerOptions,
};

/// A `wasi:cli/run` component whose `run` is `body`, with `module` beside it in its core module.
fn run_component(module: &str, body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
             (core module $m {module} (func $run (export "run") (result i32) {body} i32.const 0))
             (core instance $i (instantiate $m))
             (func $run (result (result)) (canon lift (core func $i "run")))
             (instance $r (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#
    ))
    .unwrap()
}

/// A `wasi:cli/run` component that imports `imports` and does nothing.
fn with_imports(imports: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component {imports}
             (core module $m (func (export "run") (result i32) i32.const 0))
             (core instance $i (instantiate $m))
             (func $run (result (result)) (canon lift (core func $i "run")))
             (instance $r (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#
    ))
    .unwrap()
}

fn limits(lowered: &[(LimitName, u64)]) -> Limits {
    let mut limits = Limits::of_command(Command::Enable);
    for (name, value) in lowered {
        limits.lower(*name, *value, Rule::CommandLine).unwrap();
    }
    limits
}

fn with_workers() -> Sandbox {
    let options = WorkerOptions {
        program: env!("CARGO_BIN_EXE_hostler").into(),
        ..WorkerOptions::this_program(RequiredIsolation::Process)
    };
    Sandbox::with_workers(&options).unwrap()
}

#[test]
fn without_ready_workers_each_is_started_when_it_is_wanted() {
    let options = WorkerOptions {
        program: env!("CARGO_BIN_EXE_hostler").into(),
        ready: 0,
        ..WorkerOptions::this_program(RequiredIsolation::Process)
    };
    let sandbox = Sandbox::with_workers(&options).unwrap();
    for _ in 0..2 {
        let outcome = run_in(&sandbox, &run_component("", ""), limits(&[]));
        assert_eq!(outcome.end, End::Exited { code: 0, message: None });
    }
    assert_eq!(sandbox.isolation().unwrap().mode, Isolation::Worker);
}

/// Both ways to run a component, made once.
fn sandboxes() -> &'static [Sandbox; 2] {
    static SANDBOXES: OnceLock<[Sandbox; 2]> = OnceLock::new();
    SANDBOXES.get_or_init(|| [Sandbox::in_process().unwrap(), with_workers()])
}

/// What came of `component` in this process; in a worker the same comes of it.
fn run(component: &[u8], limits: Limits) -> Outcome {
    let [here, there] = sandboxes()
        .each_ref()
        .map(|sandbox| run_in(sandbox, component, limits.clone()));
    match (&here.end, &there.end) {
        (End::TimedOut(one) | End::Stopped(one), End::TimedOut(other) | End::Stopped(other)) => {
            assert_eq!(one.name, other.name);
            assert_eq!(one.limit, other.limit);
        }
        (one, other) => assert_eq!(one, other),
    }
    assert_eq!((&here.stdout, &here.stderr), (&there.stdout, &there.stderr));
    for (one, other) in here.usage.iter().zip(there.usage.iter()) {
        assert_eq!(
            (one.name, one.limit, one.reached),
            (other.name, other.limit, other.reached)
        );
        if !matches!(one.name, LimitName::Deadline | LimitName::Cpu) {
            assert_eq!(one.used, other.used, "{}", one.name.name());
        }
    }
    here
}

fn run_in(sandbox: &Sandbox, component: &[u8], limits: Limits) -> Outcome {
    let code = sandbox.code(Source::new("test.wasm", component), None).unwrap();
    let entry = Entry::Run(vec!["test.wasm".to_owned(), "enable".to_owned()]);
    let invocation = Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry,
        environment: vec![],
        preopens: vec![],
        limits,
    };
    // What crosses a channel comes out as it went in.
    let sent = serde_json::to_string(&invocation).unwrap();
    assert_eq!(serde_json::from_str::<Invocation>(&sent).unwrap(), invocation);
    let outcome = sandbox.run(&code, &invocation, vec![]);
    let sent = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&sent).unwrap(), outcome);
    outcome
}

fn stopped_at(outcome: &Outcome) -> Option<LimitName> {
    match &outcome.end {
        End::TimedOut(reached) | End::Stopped(reached) => {
            assert!(outcome.usage.get(reached.name).reached);
            Some(reached.name)
        }
        _ => None,
    }
}

#[test]
fn a_command_that_comes_back_has_its_exit_code() {
    let outcome = run(&run_component("", ""), limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 0, message: None });
    let outcome = run(&run_component("", "(return (i32.const 1))"), limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 1, message: None });
}

/// GST-01: computing for ever is stopped by processor time, and by wall time where that is shorter.
#[test]
fn a_loop_is_stopped_at_its_time() {
    let component = run_component("", "(loop br 0)");
    for (name, other) in [
        (LimitName::Cpu, LimitName::Deadline),
        (LimitName::Deadline, LimitName::Cpu),
    ] {
        let started = Instant::now();
        let outcome = run(&component, limits(&[(name, 300), (other, 20_000)]));
        assert_eq!(stopped_at(&outcome), Some(name), "{:?}", outcome.end);
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "took {:?}",
            started.elapsed()
        );
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

/// Components that are put together from others are run: what passes a string from one memory to another is made by
/// wasmtime itself and has both.
#[test]
fn components_within_a_component_pass_strings() {
    let component = wat::parse_str(
        r#"(component
             (component $a
               (core module $m
                 (memory (export "mem") 1)
                 (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
                 (func (export "f") (param i32 i32)))
               (core instance $i (instantiate $m))
               (func (export "f") (param "x" string)
                 (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
             (component $b
               (import "f" (func $f (param "x" string)))
               (core module $l (memory (export "mem") 1))
               (core instance $i (instantiate $l))
               (core func $g (canon lower (func $f) (memory (core memory $i "mem"))))
               (core module $n
                 (import "" "f" (func $f (param i32 i32)))
                 (func (export "run") (result i32) (call $f (i32.const 0) (i32.const 4)) i32.const 0))
               (core instance $j (instantiate $n (with "" (instance (export "f" (func $g))))))
               (func (export "run") (result (result)) (canon lift (core func $j "run"))))
             (instance $a (instantiate $a))
             (instance $b (instantiate $b (with "f" (func $a "f"))))
             (instance $r (export "run" (func $b "run")))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    )
    .unwrap();
    let outcome = run(&component, limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 0, message: None });
}

#[test]
fn code_is_compiled_once_and_never_taken_from_a_changed_file() {
    code_is_kept_by(|| Sandbox::in_process().unwrap());
    code_is_kept_by(with_workers);
}

/// Each look is by a sandbox of its own, as after a start of the host: one keeps at hand what it has seen.
fn code_is_kept_by(sandbox: impl Fn() -> Sandbox) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let component = run_component("", "");
    let source = Source::new("test.wasm", &component);
    let origin = || {
        sandbox()
            .code(source, Some(&CodeCache::open(&path).unwrap()))
            .unwrap()
            .origin()
    };
    assert!(matches!(origin(), Origin::Compiled(_)));
    assert_eq!(origin(), Origin::Kept);

    // CMP-17: one bit flipped at the start, in the middle and at the end; cut short; empty.
    let entry = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap() != "key")
        .unwrap();
    let good = std::fs::read(&entry).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bad in [
        flipped(0),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
        good[..good.len() - 1].to_vec(),
        vec![],
    ] {
        std::fs::write(&entry, bad).unwrap();
        assert!(matches!(origin(), Origin::Compiled(_)));
        assert_eq!(origin(), Origin::Kept, "what was compiled anew is kept");
    }
    // An entry of another component does not pass for this one, and one under another key not at all.
    let other = run_component("", "(drop (i32.const 5))");
    sandbox()
        .code(
            Source::new("other.wasm", &other),
            Some(&CodeCache::open(&path).unwrap()),
        )
        .unwrap();
    let other_entry = std::fs::read_dir(&path)
        .unwrap()
        .map(|found| found.unwrap().path())
        .find(|path| path.file_name().unwrap() != "key" && *path != entry)
        .unwrap();
    std::fs::copy(other_entry, &entry).unwrap();
    assert!(matches!(origin(), Origin::Compiled(_)));
    std::fs::remove_file(path.join("key")).unwrap();
    assert!(matches!(origin(), Origin::Compiled(_)));
}

#[test]
fn a_cache_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(
        CodeCache::open(&path)
            .unwrap_err()
            .to_string()
            .contains("nobody else may write")
    );
}

/// CMP-01 to CMP-03, CMP-05, CMP-10, CMP-11 as far as they do not need a package.
#[test]
fn what_is_no_runnable_component_is_refused_before_it_is_compiled() {
    let wat = |text: &str| wat::parse_str(text).unwrap();
    let imports = r#"(import "wasi:cli/environment@0.2.0" (instance (export "steal" (func))))"#;
    let newer = r#"(import "wasi:cli/environment@0.2.999" (instance))"#;
    let bomb = format!("(local {}) {}", "i32 ".repeat(4_000), "(block)".repeat(2_000));
    let cases: [(&str, Vec<u8>); 14] = [
        // CMP-05: what is imported by a known name must be what is linked under it.
        ("wasm.import", with_imports(imports)),
        ("wasm.import", with_imports(newer)),
        // CMP-11: a way in is a function without parameters and with one result.
        (
            "wasm.export",
            wat(r#"(component (instance $r) (export "wasi:cli/run@0.2.0" (instance $r)))"#),
        ),
        // CMP-08: little to read and much to compile.
        (
            "wasm.functions",
            wat(&format!("(component (core module (func {bomb})))")),
        ),
        ("wasm.invalid", wat("(component (core module (memory 1) (memory 1)))")),
        ("wasm.not_component", wat("(module)")),
        ("wasm.format", b"(component)".to_vec()),
        ("wasm.format", vec![]),
        ("wasm.native", b"\x7fELF\x02\x01\x01".to_vec()),
        ("wasm.export", wat("(component)")),
        ("wasm.import", wat(r#"(component (import "evil:host/exec" (func)))"#)),
        (
            "wasm.import",
            wat(r#"(component (import "wasi:sockets/tcp@0.2.0" (instance)))"#),
        ),
        ("wasm.invalid", wat("(component (core module (memory i64 1)))")),
        ("wasm.invalid", run_component("", "")[..60].to_vec()),
    ];
    for (sandbox, (expected, bytes)) in sandboxes()
        .iter()
        .flat_map(|sandbox| cases.iter().map(move |case| (sandbox, case)))
    {
        match sandbox.code(Source::new("bad.wasm", bytes), None) {
            Err(refused) => assert_eq!(refused.first().code().name(), *expected, "{refused}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
}
