//! What is done to a log is found, where it was done.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;

use super::Bench;
use crate::audit::{Sizes, verify};

#[test]
fn nothing_is_found_where_nothing_happened() {
    let bench = Bench::new();
    assert!(bench.verify().whole, "no log is a whole one");
    for lines in [0, 1, 100] {
        assert_eq!(bench.write(Sizes::default(), lines), [""; 0]);
        assert_eq!(bench.faults(), []);
    }
    assert_eq!(bench.verify().last.unwrap().sequence, 102);
    let modes = ["audit", "audit/audit-000001.jsonl"].map(|path| {
        let found = fs::metadata(bench.folder.path().join(path)).unwrap();
        found.permissions().mode() & 0o7777
    });
    assert_eq!(modes, [0o700, 0o600]);
}

/// What somebody does to one line, or to the lines from there on.
#[derive(Debug, Clone, Copy)]
enum Change {
    Edit { byte: usize, bit: u8 },
    Remove,
    Repeat,
    Garbage,
    SwapWithNext,
    CutFrom,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..10_000usize, 0..8u8).prop_map(|(byte, bit)| Change::Edit { byte, bit }),
        Just(Change::Remove),
        Just(Change::Repeat),
        Just(Change::Garbage),
        Just(Change::SwapWithNext),
        Just(Change::CutFrom),
    ]
}

const LINES: usize = 12;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is done to a log once, it is found, and the first fault is where it was done.
    #[test]
    fn every_single_change_is_found_where_it_is(at in 0..LINES, change in change()) {
        let bench = good_log();
        let good = bench.text();
        let mut lines: Vec<Vec<u8>> = good.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        prop_assert_eq!(lines.len(), LINES);
        let mut expected = at + 1;
        match change {
            Change::Edit { byte, bit } => {
                let line = &mut lines[at];
                let byte = byte % line.len();
                line[byte] ^= 1 << bit;
            }
            Change::Remove => {
                lines.remove(at);
                // Of the last one, the end is where it is missing.
                expected = expected.min(LINES - 1);
            }
            Change::Repeat => {
                let line = lines[at].clone();
                lines.insert(at, line);
                expected += 1;
            }
            Change::Garbage => lines.insert(at, b"{}\n".to_vec()),
            Change::SwapWithNext => {
                let next = (at + 1) % LINES;
                lines.swap(at, next);
                expected = expected.min(next + 1);
            }
            Change::CutFrom => {
                lines.truncate(at);
                expected = at;
            }
        }
        fs::write(bench.file(1), lines.concat()).unwrap();
        let verdict = bench.verify();
        prop_assert!(!verdict.whole, "{:?} at line {} was not found", change, at + 1);
        let found = verdict.faults[0].line;
        // Two lines that became one, or one that became two, are seen at either.
        let near = matches!(change, Change::Edit { .. }) && found.abs_diff(expected as u64) <= 1;
        prop_assert!(found == expected as u64 || near, "{:?} at line {}: {:?}", change, at + 1, verdict.faults);
    }
}

/// A copy of one log, since making one takes a while.
fn good_log() -> &'static Bench {
    thread_local! {
        static GOOD: (&'static Bench, Vec<u8>) = {
            let bench = Box::leak(Box::new(Bench::with_lines(LINES as u64)));
            (bench, bench.text())
        };
    }
    GOOD.with(|(bench, text)| {
        fs::write(bench.file(1), text).unwrap();
        *bench
    })
}

/// What a host that owns everything writes anew is a chain, and not the one that somebody knows.
#[test]
fn a_line_kept_elsewhere_finds_a_log_that_was_written_anew() {
    let bench = Bench::with_lines(5);
    let kept = bench.verify().last.unwrap();
    bench.write(Sizes::default(), 3);
    assert!(verify(&bench.root, Some(kept)).unwrap().whole);
    fs::remove_dir_all(bench.folder.path().join("audit")).unwrap();
    bench.forget_head();
    bench.write(Sizes::default(), 8);
    assert!(bench.verify().whole);
    let verdict = verify(&bench.root, Some(kept)).unwrap();
    assert_eq!(verdict.faults[0].code.name(), "audit.anchor");
}
