//! GST-20: a thousand hostile commands in a row in one process leave nothing behind: no memory, descriptor, thread or
//! file. A host that runs on for months does nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs::{self, File};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Quota, Rule};
use hostler_host::sandbox::{Access, Code, End, Entry, Invocation, Preopen, Sandbox};

/// How many commands are run of each table.
const COMMANDS: usize = 1_000;

/// How many are run before anything is measured: what the engine and the allocator keep for the next is there then.
const BEFORE: usize = 100;

/// How much memory may come in all that time, in KiB. A page lost by each command would be 4,000.
const GROWTH_KIB: u64 = 3_000;

/// What this process measures is its own, so one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// An attack: its core module's parts, the function's body, and how it ends.
type Attack = (&'static str, &'static str, fn(&End) -> bool);

const TRAPS: [Attack; 4] = [
    ("", "unreachable", |end| matches!(end, End::Trapped { .. })),
    ("", "(drop (i32.div_s (i32.const 1) (i32.const 0)))", |end| {
        matches!(end, End::Trapped { .. })
    }),
    ("(memory 16)", "(drop (i32.load (i32.const 0x7fffffff)))", |end| {
        matches!(end, End::Trapped { .. })
    }),
    ("", "(drop (call $run))", |end| matches!(end, End::Trapped { .. })),
];

const MIXTURE: [Attack; 6] = [
    ("", "", End::is_success),
    ("", "unreachable", |end| matches!(end, End::Trapped { .. })),
    ("", "(return (i32.const 1))", |end| {
        matches!(end, End::Exited { code: 1, .. })
    }),
    ("", "(loop br 0)", |end| {
        matches!(end, End::Stopped(_) | End::TimedOut(_))
    }),
    (
        "(memory 1)",
        "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))",
        End::is_success,
    ),
    ("(memory 65536)", "", |end| matches!(end, End::Stopped(_))),
];

/// A component whose `wasi:cli/run` does `body`.
fn component(module: &str, body: &str) -> Vec<u8> {
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

/// A command with one folder that it may write in.
fn invocation() -> Invocation {
    let mut limits = Limits::of_command(Command::Enable);
    for (name, value) in [(LimitName::Cpu, 5), (LimitName::Memory, 4 << 20)] {
        limits.lower(name, value, Rule::CommandLine).unwrap();
    }
    Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry: Entry::Run(vec!["test.wasm".to_owned(), "enable".to_owned()]),
        is_service: false,
        environment: vec![],
        preopens: vec![Preopen {
            name: "/data".to_owned(),
            access: Access::ReadWrite(Quota::Data),
            granted: false,
        }],
        may_link: true,
        limits,
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
    }
}

/// What a process has at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Has {
    memory_kib: u64,
    descriptors: usize,
    threads: usize,
}

impl Has {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        Self {
            memory_kib: line.trim().trim_end_matches("kB").trim().parse().unwrap(),
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            threads: fs::read_dir("/proc/self/task").unwrap().count(),
        }
    }

    /// As soon as no more than `most` is there, or after a while: threads that have nothing to do end by themselves.
    fn settled(most: &Self) -> Self {
        let started = Instant::now();
        loop {
            let now = Self::now();
            if (now.threads <= most.threads && now.descriptors <= most.descriptors)
                || started.elapsed() > Duration::from_secs(120)
            {
                return now;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs `attacks` in turn, `COMMANDS` times in all, each compiled once.
fn soak(attacks: &[Attack]) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::in_process().unwrap();
    let invocation = invocation();
    let codes: Vec<Code> = attacks
        .iter()
        .map(|(module, body, _)| {
            let bytes = component(module, body);
            sandbox.code(Source::new("test.wasm", &bytes), None).unwrap()
        })
        .collect();
    let run = |times: usize| {
        for ((_, body, ended), code) in attacks.iter().zip(&codes).cycle().take(times) {
            let outcome = sandbox.run(code, &invocation, vec![File::open(folder.path()).unwrap().into()]);
            assert!(ended(&outcome.end), "{body}: {:?}", outcome.end);
        }
    };
    run(BEFORE);
    let before = Has::now();
    run(COMMANDS);
    let after = Has::settled(&before);
    assert!(
        after.descriptors <= before.descriptors && after.threads <= before.threads,
        "before: {before:?}, after: {after:?}"
    );
    assert!(
        after.memory_kib <= before.memory_kib + GROWTH_KIB,
        "before: {before:?}, after: {after:?}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_thousand_traps_leave_nothing_behind() {
    soak(&TRAPS);
}

#[test]
fn a_thousand_commands_of_every_end_leave_nothing_behind() {
    soak(&MIXTURE);
}
