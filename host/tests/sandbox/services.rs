//! Components that run on: what they are told, what stops them, and what does not.

use std::time::{Duration, Instant};

use hostler_contract::Source;
use hostler_contract::manifest::Precision;
use hostler_host::limits::{LimitName, Limits};
use hostler_host::sandbox::{End, Entry, Invocation, Outcome, RunningService, Sandbox, TrapKind};

use crate::all_ways::{limits, run_component, run_in, sandboxes};

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A component that reads its standard input to the end, and has `run` as `exported` says; `returns` is what its core
/// function comes back with.
fn reader(returns: u32, exported: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
             (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
             (alias export $errors "error" (type $error))
             (import "wasi:io/streams@0.2.0" (instance $streams
               (export "input-stream" (type $in (sub resource)))
               (alias outer 1 $error (type $e))
               (export "error" (type $own (eq $e)))
               (type $variant (variant (case "last-operation-failed" (own $own)) (case "closed")))
               (export "stream-error" (type $fault (eq $variant)))
               (export "[method]input-stream.blocking-read"
                 (func (param "self" (borrow $in)) (param "len" u64) (result (result (list u8) (error $fault)))))))
             (alias export $streams "input-stream" (type $input))
             (import "wasi:cli/stdin@0.2.0" (instance $stdin
               (alias outer 1 $input (type $i))
               (export "input-stream" (type $in (eq $i)))
               (export "get-stdin" (func (result (own $in))))))
             (core module $memory
               (memory (export "memory") 1)
               (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
             (core instance $memory (instantiate $memory))
             (alias core export $memory "memory" (core memory $bytes))
             (alias core export $memory "realloc" (core func $realloc))
             (core func $get (canon lower (func $stdin "get-stdin")))
             (core func $read (canon lower (func $streams "[method]input-stream.blocking-read")
               (memory $bytes) (realloc $realloc)))
             (core module $m
               (import "m" "memory" (memory 1))
               (import "i" "get" (func $get (result i32)))
               (import "i" "read" (func $read (param i32 i64 i32)))
               (func (export "run") (result i32)
                 (local $stdin i32)
                 (local.set $stdin (call $get))
                 (loop $more
                   (call $read (local.get $stdin) (i64.const 16) (i32.const 0))
                   (br_if $more (i32.eqz (i32.load8_u (i32.const 0)))))
                 i32.const {returns}))
             (core instance $i (instantiate $m
               (with "m" (instance $memory))
               (with "i" (instance (export "get" (func $get)) (export "read" (func $read))))))
             {exported})"#
    ))
    .unwrap()
}

/// A program that ends with code 0 at the end of its standard input.
fn program() -> Vec<u8> {
    let exported = r#"
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $r (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $r))"#;
    reader(0, exported)
}

/// The same by the interface that is meant for it. It finds its result where there are zeros: it went well. A component
/// that can do nothing else is no handler, so it can be run as a program too.
fn typed() -> Vec<u8> {
    let exported = r#"
        (type $failure (record (field "exit-code" u8) (field "message" string)))
        (func $run (result (result (error $failure)))
          (canon lift (core func $i "run") (memory $bytes) (realloc $realloc)))
        (component $interface
          (type $failure (record (field "exit-code" u8) (field "message" string)))
          (import "failure" (type $given (eq $failure)))
          (import "run" (func $run (result (result (error $given)))))
          (export $made "failure" (type $failure))
          (export "run" (func $run) (func (result (result (error $made))))))
        (instance $r (instantiate $interface (with "failure" (type $failure)) (with "run" (func $run))))
        (export "hostler:handler/service@0.1.0" (instance $r))
        (core module $n (func (export "run") (result i32) i32.const 0))
        (core instance $n (instantiate $n))
        (func $main (result (result)) (canon lift (core func $n "run")))
        (instance $main (export "run" (func $main)))
        (export "wasi:cli/run@0.2.0" (instance $main))"#;
    reader(64, exported)
}

fn start(sandbox: &Sandbox, component: &[u8], entry: Entry, limits: Limits) -> RunningService {
    let code = sandbox.code(Source::new("test.wasm", component), None).unwrap();
    let invocation = Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry,
        is_service: true,
        environment: vec![],
        preopens: vec![],
        may_link: true,
        limits,
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
    };
    sandbox.start(&code, invocation, vec![]).unwrap()
}

fn as_program() -> Entry {
    Entry::Run(vec!["test.wasm".to_owned(), "service".to_owned()])
}

fn end_of(service: &mut RunningService) -> Outcome {
    let started = Instant::now();
    loop {
        if let Some(outcome) = service.ended() {
            return outcome;
        }
        assert!(started.elapsed() < LONG, "it does not end");
        std::thread::yield_now();
    }
}

fn exited(code: u8) -> End {
    End::Exited { code, message: None }
}

#[test]
fn it_ends_when_it_is_told_to_and_not_at_the_deadline_of_a_command() {
    let short = Duration::from_millis(30);
    for sandbox in sandboxes() {
        for (component, entry) in [(program(), as_program()), (typed(), Entry::Service)] {
            let mut service = start(sandbox, &component, entry, limits(&[(LimitName::Deadline, 30)]));
            let started = Instant::now();
            while started.elapsed() < short * 3 {
                assert!(service.ended().is_none());
                std::thread::yield_now();
            }
            service.tell_to_stop();
            assert_eq!(end_of(&mut service).end, exited(0));
            assert!(service.ended().is_none(), "it is told once");
        }
    }
}

#[test]
fn the_standard_input_of_a_command_has_ended_when_it_begins() {
    for sandbox in sandboxes() {
        assert_eq!(run_in(sandbox, &program(), limits(&[])).end, exited(0));
    }
}

#[test]
fn it_is_stopped_when_it_computes_more_than_comes_back() {
    for sandbox in sandboxes() {
        let limits = limits(&[(LimitName::Cpu, 200)]);
        let mut service = start(sandbox, &run_component("", "(loop br 0)"), as_program(), limits);
        let End::Stopped(reached) = end_of(&mut service).end else {
            panic!("it was not stopped");
        };
        assert_eq!((reached.name, reached.limit.value), (LimitName::Cpu, 200));
    }
}

#[test]
fn how_it_falls_is_told() {
    for sandbox in sandboxes() {
        let mut service = start(sandbox, &run_component("", "unreachable"), as_program(), limits(&[]));
        let End::Trapped { trap, .. } = end_of(&mut service).end else {
            panic!("it did not trap");
        };
        assert_eq!(trap, TrapKind::Unreachable);
    }
}

/// Also one that computes and reads nothing, and in its own process it is gone then.
#[test]
fn one_that_is_dropped_is_over() {
    for sandbox in sandboxes() {
        let service = start(sandbox, &run_component("", "(loop br 0)"), as_program(), limits(&[]));
        let process = service.process();
        drop(service);
        if let Some(process) = process {
            let gone = format!("/proc/{process}");
            let started = Instant::now();
            while std::path::Path::new(&gone).exists() {
                assert!(started.elapsed() < LONG, "it is still there");
                std::thread::yield_now();
            }
        }
    }
}

#[test]
fn commands_do_not_wait_for_services() {
    let places = std::thread::available_parallelism().unwrap().get();
    for sandbox in sandboxes() {
        let services: Vec<_> = (0..places + 1)
            .map(|_| start(sandbox, &program(), as_program(), limits(&[])))
            .collect();
        assert_eq!(run_in(sandbox, &run_component("", ""), limits(&[])).end, exited(0));
        drop(services);
    }
}
