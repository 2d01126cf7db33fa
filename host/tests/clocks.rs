//! Coarse clocks, as a component finds them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::Limits;
use hostler_host::sandbox::{Entry, Invocation, Outcome, Sandbox};

fn run(component: &[u8], clock: Precision) -> Outcome {
    let sandbox = Sandbox::in_process().unwrap();
    let code = sandbox.code(Source::new("test.wasm", component), None).unwrap();
    let invocation = Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry: Entry::Run(vec!["test.wasm".to_owned()]),
        is_service: false,
        environment: vec![],
        preopens: vec![],
        may_link: true,
        limits: Limits::of_command(Command::Enable),
        clock,
        clock_shift: 0,
        random: Precision::Coarse,
    };
    sandbox.run(&code, &invocation, vec![])
}

/// A component that fails where its clock is finer than a step of 10 ms.
#[test]
fn a_coarse_clock_is_coarse_in_the_component() {
    let component = wat::parse_str(
        r#"(component
             (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
             (core func $now (canon lower (func $clock "now")))
             (core instance $clocks (export "now" (func $now)))
             (core module $m
               (import "clock" "now" (func $now (result i64)))
               (func (export "run") (result i32)
                 call $now i64.const 10000000 i64.rem_u i64.eqz i32.eqz))
             (core instance $i (instantiate $m (with "clock" (instance $clocks))))
             (func $run (result (result)) (canon lift (core func $i "run")))
             (instance $r (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    )
    .unwrap();
    let ended = |clock| run(&component, clock).end.exit_code();
    assert_eq!(ended(Precision::Coarse), 0);
    assert_eq!(
        ended(Precision::Full),
        1,
        "a full clock stands on such a step once in ten million times"
    );
}
