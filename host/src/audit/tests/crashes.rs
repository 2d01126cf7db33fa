//! A host that is stopped, or finds no room: what is forgiven, what is not, and how the log goes on.

use std::fs;

use super::{Bench, entry};
use crate::audit::{AuditError, AuditLog, Head, MAX_AHEAD, Sizes};
use crate::state::{Kind, Store, Write};

/// A host that is stopped between the log and the state: no tampering, told in the log, and gone on with.
#[test]
fn a_crash_between_log_and_state_is_none_of_anybodys_doing() {
    for ahead in [1, 5, 20] {
        let bench = Bench::with_lines(4);
        bench.write_and_stop(ahead);
        assert_eq!(bench.faults(), [], "{ahead} ahead");
        assert_eq!(bench.write(Sizes::default(), 2), [""; 0], "{ahead} ahead");
        assert_eq!(bench.faults(), []);
        let resumed = bench.events().iter().filter(|event| *event == "log-resumed").count();
        assert_eq!(resumed, 1);
    }
}

/// Stopped after the very first line, and again and again.
#[test]
fn stopped_from_the_beginning_on() {
    let bench = Bench::new();
    bench.write_and_stop(0);
    assert_eq!(bench.events(), ["log-begun"]);
    assert_eq!(bench.faults(), []);
    assert_eq!(bench.write(Sizes::default(), 0), [""; 0]);
    for _ in 0..5 {
        bench.write_and_stop(1);
        assert_eq!(bench.faults(), []);
    }
    assert_eq!(bench.write(Sizes::default(), 1), [""; 0]);
    assert_eq!(bench.faults(), []);
}

/// Every length to which a crash can cut the lines that the state does not know of.
#[test]
fn a_line_that_was_cut_off_is_taken_away_and_told() {
    let bench = Bench::with_lines(3);
    let known = bench.text().len();
    bench.write_and_stop(1);
    let whole = bench.text();
    for length in known..=whole.len() {
        fs::write(bench.file(1), &whole[..length]).unwrap();
        let cut_off = length != known && length != whole.len();
        let verdict = bench.verify();
        assert!(
            verdict.whole && (verdict.unfinished > 0) == cut_off,
            "{length}: {verdict:?}"
        );
    }
    fs::write(bench.file(1), &whole[..whole.len() - 7]).unwrap();
    assert_eq!(bench.write(Sizes::default(), 1), [""; 0]);
    assert_eq!(bench.faults(), []);
    let expected = [
        "log-begun",
        "command-begun",
        "command-begun",
        "torn-line-removed",
        "command-begun",
    ];
    assert_eq!(bench.events(), expected);
}

/// A log that is behind the state is never a crash; it is told when it is opened, and for good in the log.
#[test]
fn what_is_missing_at_the_end_is_found_and_stays_found() {
    type Harm = fn(&Bench);
    let table: [(&str, Harm); 5] = [
        ("the last line", |bench| {
            let text = bench.text();
            let end = text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            fs::write(bench.file(1), &text[..end]).unwrap();
        }),
        ("the line feed at the end", |bench| {
            let text = bench.text();
            fs::write(bench.file(1), &text[..text.len() - 1]).unwrap();
        }),
        ("all lines", |bench| fs::write(bench.file(1), "").unwrap()),
        ("the folder", |bench| {
            fs::remove_dir_all(bench.folder.path().join("audit")).unwrap()
        }),
        ("what the state knows", Bench::forget_head),
    ];
    for (what, harm) in table {
        let bench = Bench::with_lines(5);
        harm(&bench);
        assert!(!bench.verify().whole, "{what}");
        assert_eq!(bench.write(Sizes::default(), 3), ["audit.end"], "{what}");
        let after = bench.verify();
        assert!(!after.whole, "{what}: a new head hides nothing");
        assert_eq!(after.faults[0].code.name(), "audit.end", "{what}: {:?}", after.faults);
        assert_eq!(bench.write(Sizes::default(), 3), [""; 0], "{what}: told once");
    }
}

#[test]
fn more_lines_than_a_crash_leaves_are_found() {
    let bench = Bench::with_lines(3);
    let (mut store, _) = Store::open(&bench.root).unwrap();
    let known: Head = store.get(Kind::Audit, "").unwrap().unwrap();
    let (mut log, _) = AuditLog::open(&bench.root, &mut store).unwrap();
    for number in 0..=MAX_AHEAD {
        log.record(&mut store, entry(number)).unwrap();
    }
    store.commit(&[Write::put(Kind::Audit, "", &known).unwrap()]).unwrap();
    assert_eq!(bench.faults(), [("audit.end".to_owned(), 3 + MAX_AHEAD + 1)]);
    drop(store);
    assert_eq!(bench.write(Sizes::default(), 1), ["audit.end"]);
}

/// A disk without room: nothing is recorded, so nothing may be done, and what is there stays whole.
#[test]
fn what_cannot_be_written_is_an_error() {
    let bench = Bench::with_lines(3);
    let (mut store, _) = Store::open(&bench.root).unwrap();
    let (mut log, _) = AuditLog::open(&bench.root, &mut store).unwrap();
    log.redirect_to_full_disk();
    assert!(matches!(
        log.record_durably(&mut store, entry(1)),
        Err(AuditError::File { .. })
    ));
    drop((log, store));
    assert_eq!(bench.faults(), []);
    assert_eq!(bench.write(Sizes::default(), 1), [""; 0]);
}
