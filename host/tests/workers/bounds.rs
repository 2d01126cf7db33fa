//! What bounds a worker from outside: the system's limits on a compile worker, and the second look at the disk.

use std::fs;
use std::thread;
use std::time::Duration;

use hostler_contract::Source;
use hostler_host::limits::{LimitName, Rule};
use hostler_host::sandbox::{End, PrepareQuota};

use crate::components::{Does, invocation, sandbox, sandbox_within, with_folder};
use crate::processes::{alone, busy_worker, wait_until_none_is_busy};

/// A component that the first look lets pass, and that takes seconds to compile.
fn costly() -> Vec<u8> {
    let line = "(local.set 0 (i32.mul (i32.add (local.get 0) (local.get 1)) (i32.const 7)))";
    let function = format!(
        "(func (param i32 i32) (result i32) {} (local.get 0))",
        line.repeat(20_000)
    );
    wat::parse_str(format!(
        r#"(component
             (core module $m {} (func (export "run") (result i32) i32.const 0))
             (core instance $i (instantiate $m))
             (func $run (result (result)) (canon lift (core func $i "run")))
             (instance $r (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#,
        function.repeat(12)
    ))
    .unwrap()
}

/// CMP-08: memory and time of compiling are bounded by the worker's, and the host has none of it.
#[test]
fn compiling_is_bounded_in_memory_and_time() {
    let _alone = alone();
    let component = costly();
    let quotas = [
        (
            "48 MiB of memory",
            PrepareQuota {
                data_bytes: 48 << 20,
                ..PrepareQuota::default()
            },
        ),
        (
            "1 s of processor time",
            PrepareQuota {
                cpu_seconds: 1,
                ..PrepareQuota::default()
            },
        ),
        (
            "longer than 0 s",
            PrepareQuota {
                wall: Duration::from_millis(200),
                ..PrepareQuota::default()
            },
        ),
    ];
    for (said, quota) in quotas {
        let refused = sandbox_within(quota)
            .code(Source::new("costly.wasm", &component), None)
            .unwrap_err();
        assert_eq!(refused.first().code().name(), "compile.quota", "{refused}");
        assert!(refused.to_string().contains(said), "{refused}");
    }
    let quota = PrepareQuota {
        output_bytes: 4 << 10,
        ..PrepareQuota::default()
    };
    let small = Does::Nothing.bytes();
    let refused = sandbox_within(quota)
        .code(Source::new("small.wasm", &small), None)
        .unwrap_err();
    assert!(refused.to_string().contains("larger than is kept"), "{refused}");
}

/// Should the limits in the file calls ever miss something, a folder that holds twice what it may ends the command. Here
/// it is not the component that fills it.
#[test]
fn a_folder_far_beyond_its_limit_ends_the_command() {
    let _alone = alone();
    let sandbox = sandbox();
    let code = Does::LoopsForEver.code(&sandbox);
    let folder = tempfile::tempdir().unwrap();
    let (mut invocation, folders) = with_folder(invocation(300_000), folder.path());
    invocation
        .limits
        .lower(LimitName::DataBytes, 1_000, Rule::Package)
        .unwrap();
    wait_until_none_is_busy();
    let running = thread::spawn(move || sandbox.run(&code, &invocation, folders));
    busy_worker();
    fs::write(folder.path().join("a"), [0; 2_000]).unwrap();
    thread::sleep(Duration::from_millis(600));
    assert!(!running.is_finished(), "twice as much is not yet too much");
    fs::write(folder.path().join("b"), [0; 1]).unwrap();
    let outcome = running.join().unwrap();
    let End::Stopped(reached) = &outcome.end else {
        panic!("{:?}", outcome.end);
    };
    assert_eq!((reached.name, reached.used), (LimitName::DataBytes, Some(2_001)));
    assert!(outcome.usage.get(LimitName::DataBytes).reached);
}
