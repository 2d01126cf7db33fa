//! Components written out as text, and all ways to run one.

use std::sync::OnceLock;

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Rule};
use hostler_host::sandbox::{End, Entry, Invocation, Outcome, RequiredIsolation, Sandbox, WorkerOptions};

/// A `wasi:cli/run` component whose `run` is `body`, with `module` beside it in its core module.
pub(crate) fn run_component(module: &str, body: &str) -> Vec<u8> {
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
pub(crate) fn with_imports(imports: &str) -> Vec<u8> {
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

pub(crate) fn limits(lowered: &[(LimitName, u64)]) -> Limits {
    let mut limits = Limits::of_command(Command::Enable);
    for (name, value) in lowered {
        limits.lower(*name, *value, Rule::CommandLine).unwrap();
    }
    limits
}

pub(crate) fn with_workers() -> Sandbox {
    let options = WorkerOptions::of_program(env!("CARGO_BIN_EXE_hostler").as_ref(), RequiredIsolation::Process);
    Sandbox::with_workers(&options).unwrap()
}

/// All ways to run a component, made once.
pub(crate) fn sandboxes() -> &'static [Sandbox; 3] {
    static SANDBOXES: OnceLock<[Sandbox; 3]> = OnceLock::new();
    SANDBOXES.get_or_init(|| {
        [
            Sandbox::in_process().unwrap(),
            Sandbox::in_process_blocking().unwrap(),
            with_workers(),
        ]
    })
}

/// What came of `component` in this process; in each other way the same comes of it.
pub(crate) fn run(component: &[u8], limits: Limits) -> Outcome {
    let [here, blocking, there] = sandboxes()
        .each_ref()
        .map(|sandbox| run_in(sandbox, component, limits.clone()));
    assert_the_same(&here, &blocking);
    assert_the_same(&here, &there);
    here
}

fn assert_the_same(here: &Outcome, there: &Outcome) {
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
}

pub(crate) fn run_in(sandbox: &Sandbox, component: &[u8], limits: Limits) -> Outcome {
    let code = sandbox.code(Source::new("test.wasm", component), None).unwrap();
    let entry = Entry::Run(vec!["test.wasm".to_owned(), "enable".to_owned()]);
    let invocation = Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry,
        is_service: false,
        environment: vec![],
        preopens: vec![],
        may_link: true,
        limits,
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
    };
    // What crosses a channel comes out as it went in.
    let sent = serde_json::to_string(&invocation).unwrap();
    assert_eq!(serde_json::from_str::<Invocation>(&sent).unwrap(), invocation);
    let outcome = sandbox.run(&code, &invocation, vec![]);
    let sent = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&sent).unwrap(), outcome);
    outcome
}

pub(crate) fn stopped_at(outcome: &Outcome) -> Option<LimitName> {
    match &outcome.end {
        End::TimedOut(reached) | End::Stopped(reached) => {
            assert!(outcome.usage.get(reached.name).reached);
            Some(reached.name)
        }
        _ => None,
    }
}
