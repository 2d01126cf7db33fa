//! The fuzz targets under an ordinary compiler: each body with a few thousand inputs made of the corpus, and a check
//! that `fuzz/` has an entry for each.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

mod of_host;
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};

use hostler_tests::fuzz_targets::{FUZZ_TARGETS, FuzzTarget};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

/// Inputs for each target, besides the seeds themselves.
const INPUTS: u32 = 3000;

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    /// Words that documents and archives are made of.
    Word(Index, &'static [u8]),
    Remove(Index, usize),
    Repeat(Index, usize),
}

const WORDS: [&[u8]; 19] = [
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"1.5",
    b"[",
    b"]",
    b"{}",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"../",
    b"\xff",
    b"\xef\xbb\xbf",
    "\u{202e}".as_bytes(),
    b"'",
    b"PK\x03\x04",
    b"/",
    b".",
    b"\n",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), 0..8u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), vec(any::<u8>(), 1..20)).prop_map(|(at, new)| Change::Insert(at, new)),
        (at(), proptest::sample::select(WORDS.to_vec())).prop_map(|(at, word)| Change::Word(at, word)),
        (at(), 1..40usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1..200usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |index: &Index| index.index(bytes.len() + 1);
        match self {
            Self::Set(index, byte) => {
                let at = at(index);
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = *byte;
                }
            }
            Self::Flip(index, bit) => {
                let at = at(index);
                if let Some(slot) = bytes.get_mut(at) {
                    *slot ^= 1 << bit;
                }
            }
            Self::Insert(index, new) => {
                let at = at(index);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Word(index, word) => {
                let at = at(index);
                bytes.splice(at..at, word.iter().copied());
            }
            Self::Remove(index, length) => {
                let at = at(index);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Repeat(index, length) => {
                let at = at(index);
                let end = (at + length).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
}

/// Runs a target with its seeds and with what is made of them, always the same.
fn exercise(target: &FuzzTarget) {
    let seeds = seeds::seeds(target);
    assert!(!seeds.is_empty(), "{}: nothing to begin with", target.name);
    for seed in &seeds {
        (target.body)(seed);
    }
    let config = Config {
        cases: INPUTS,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    let inputs = (any::<Index>(), vec(change(), 0..6), any::<Option<Index>>());
    let ran = TestRunner::new_with_rng(config, rng).run(&inputs, |(seed, changes, other)| {
        let mut bytes = seed.get(&seeds).clone();
        // Now and then the front of one and the back of another.
        if let Some(other) = other {
            let other = other.get(&seeds);
            bytes.truncate(bytes.len() / 2);
            bytes.extend_from_slice(&other[other.len() / 2..]);
        }
        changes.iter().for_each(|change| change.apply(&mut bytes));
        (target.body)(&bytes);
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{}: {failure}", target.name);
    }
}

fn targets() -> impl Iterator<Item = FuzzTarget> {
    FUZZ_TARGETS.into_iter().chain(of_host::TARGETS)
}

/// A test for each target, so that they run beside one another and a failure names its own.
macro_rules! exercised {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let target = targets().find(|target| target.name == stringify!($name));
                exercise(&target.unwrap());
            }
        )*
        const EXERCISED: &[&str] = &[$(stringify!($name)),*];
    };
}

exercised! {
    zip_import manifest settings status heartbeat version_manifest vm_settings extensions_config definition goal_state
    command_line log_escape json_agent path_rules seq_select prescan import_allowlist limit_option goal_state_order state_record
}

#[test]
fn every_target_has_its_entries() {
    let names: Vec<&str> = targets().map(|target| target.name).collect();
    assert_eq!(names, EXERCISED, "the tests of this file");
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let entries: Vec<&str> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|entry| entry.lines().find_map(|line| line.strip_prefix("name = ")))
        .map(|name| name.trim_matches('"'))
        .collect();
    assert_eq!(names, entries, "fuzz/Cargo.toml");
    let readme = fs::read_to_string(root().join("fuzz/README.md")).unwrap();
    for name in &names {
        let of_host = of_host::TARGETS.iter().any(|target| target.name == *name);
        let module = if of_host { name } else { "hostler_tests::fuzz_targets" };
        let call = format!("{module}::{name}(bytes)");
        let entry = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(
            entry.contains(&call),
            "fuzz/fuzz_targets/{name}.rs does not call {call}"
        );
        assert!(
            readme.contains(&format!("`{name}`")),
            "fuzz/README.md does not name {name}"
        );
    }
    assert_eq!(
        fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap().count(),
        names.len()
    );
}
