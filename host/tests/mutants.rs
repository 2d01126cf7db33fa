//! CMP-04: ten thousand components with a few bytes changed are refused, or compiled and run like any other; nothing
//! crashes and nothing hangs.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Rule};
use hostler_host::sandbox::{End, Entry, Invocation, Sandbox};

/// How many there are.
const MUTANTS: usize = 10_000;

/// A component with something of everything: memory, table, data, branches, an import of WASI, a nested component.
fn component() -> Vec<u8> {
    wat::parse_str(
        r#"(component
             (import "wasi:random/insecure-seed@0.2.0" (instance $wasi
               (export "insecure-seed" (func (result (tuple u64 u64))))))
             (component $inner
               (core module $m (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
               (core instance $i (instantiate $m))
               (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))
             (instance $inner (instantiate $inner))
             (core func $twice (canon lower (func $inner "twice")))
             (core module $memory (memory (export "memory") 1))
             (core instance $memory (instantiate $memory))
             (core func $seed (canon lower (func $wasi "insecure-seed") (memory (core memory $memory "memory"))))
             (core module $main
               (import "host" "twice" (func $twice (param i32) (result i32)))
               (import "host" "seed" (func $seed (param i32)))
               (import "host" "memory" (memory 1))
               (table 2 funcref)
               (elem (i32.const 0) $leaf)
               (data (i32.const 64) "some data")
               (global $n (mut i32) (i32.const 3))
               (func $leaf (result i32) (i32.load (i32.const 64)))
               (func (export "run") (result i32) (local $i i32)
                 (call $seed (i32.const 8))
                 (loop $again
                   (local.set $i (i32.add (local.get $i) (i32.const 1)))
                   (global.set $n (call $twice (global.get $n)))
                   (br_if $again (i32.lt_u (local.get $i) (i32.const 9))))
                 (drop (call_indirect (result i32) (i32.const 0)))
                 (i32.const 0)))
             (core instance $host
               (export "twice" (func $twice)) (export "seed" (func $seed))
               (export "memory" (memory $memory "memory")))
             (core instance $main (instantiate $main (with "host" (instance $host))))
             (func $run (result (result)) (canon lift (core func $main "run")))
             (instance $r (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    )
    .unwrap()
}

/// Numbers that look random and are the same every time (splitmix64).
struct Chance(u64);

impl Chance {
    /// One below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ bits >> 31) >> 33).unwrap() % end
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// One to three bytes changed, put in or taken out, or the end cut off.
fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        match chance.below(9) {
            0..3 => bytes[at] ^= 1 << chance.below(8),
            3..5 => bytes[at] = chance.byte(),
            5 => bytes.insert(at, chance.byte()),
            6 | 7 => {
                bytes.remove(at);
            }
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
}

#[test]
fn changed_components_are_refused_or_run() {
    let good = component();
    let sandbox = Sandbox::in_process().unwrap();
    let mut limits = Limits::of_command(Command::Enable);
    for (name, value) in [
        (LimitName::Cpu, 50),
        (LimitName::Deadline, 2_000),
        (LimitName::Memory, 4 << 20),
    ] {
        limits.lower(name, value, Rule::CommandLine).unwrap();
    }
    let invocation = Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry: Entry::Run(vec!["test.wasm".to_owned(), "enable".to_owned()]),
        is_service: false,
        environment: vec![],
        preopens: vec![],
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
        may_link: true,
        limits,
    };
    assert!(sandbox.code(Source::new("good.wasm", &good), None).is_ok());
    let mut chance = Chance(4);
    let mut came = BTreeMap::<String, usize>::new();
    for _ in 0..MUTANTS {
        let mut bytes = good.clone();
        mutate(&mut bytes, &mut chance);
        let what = match sandbox.code(Source::new("mutant.wasm", &bytes), None) {
            Err(refused) => refused.first().code().name().to_owned(),
            Ok(code) => {
                let outcome = sandbox.run(&code, &invocation, vec![]);
                let by_host = matches!(outcome.end, End::HostFault { .. });
                assert!(!by_host, "{:?} of {bytes:02x?}", outcome.end);
                "run".to_owned()
            }
        };
        *came.entry(what).or_default() += 1;
    }
    // Some of everything, or the changes were the wrong ones.
    for expected in ["run", "wasm.invalid", "wasm.import", "wasm.export"] {
        assert!(came.contains_key(expected), "{came:?}");
    }
    let known = |what: &String| what == "run" || what == "compile.failed" || what.starts_with("wasm.");
    assert!(came.keys().all(known), "{came:?}");
}
