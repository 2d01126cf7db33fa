//! Files that follow one another, and looking at them meanwhile.

use std::fs;

use super::{Bench, entry};
use crate::audit::{AuditFolder, AuditLog, Sizes};
use crate::state::Store;

const SMALL: Sizes = Sizes { bytes: 2000, files: 3 };

/// The chain goes on over files; what was removed in order is no fault, and anything else is.
#[test]
fn files_are_rotated_and_the_oldest_go() {
    let bench = Bench::new();
    for _ in 0..4 {
        bench.write(SMALL, 20);
        assert_eq!(bench.faults(), []);
    }
    let numbers: Vec<u32> = AuditFolder::files(&bench.root)
        .unwrap()
        .iter()
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(numbers.len(), SMALL.files);
    assert!(numbers[0] > 1);
    let verdict = bench.verify();
    assert!(
        verdict.first.unwrap() > 1 && verdict.last.unwrap().sequence > 80,
        "{verdict:?}"
    );
    for number in &numbers {
        assert!(fs::metadata(bench.file(*number)).unwrap().len() <= SMALL.bytes);
    }

    // Stopped between the line that says so and the removal: the file is still there, and goes with the next one.
    let copies: Vec<_> = numbers
        .iter()
        .map(|number| (*number, fs::read(bench.file(*number)).unwrap()))
        .collect();
    bench.write(SMALL, 8);
    fs::write(bench.file(copies[0].0), &copies[0].1).unwrap();
    assert_eq!(bench.faults(), []);
    bench.write(SMALL, 20);
    assert_eq!(bench.faults(), []);
    assert!(!bench.file(copies[0].0).exists());

    // A whole file that somebody else took away.
    let numbers: Vec<u32> = AuditFolder::files(&bench.root)
        .unwrap()
        .iter()
        .map(|(number, _)| *number)
        .collect();
    for (at, code) in [(0, "audit.begin"), (1, "audit.sequence"), (2, "audit.end")] {
        let path = bench.file(numbers[at]);
        let text = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let verdict = bench.verify();
        // The last file also says where the log begins.
        let found = verdict.faults.iter().any(|fault| fault.code.name() == code);
        assert!(found, "{verdict:?}");
        fs::write(&path, text).unwrap();
    }
    assert_eq!(bench.faults(), []);
}

/// Stopped when the next file is made and has no line yet.
#[test]
fn an_empty_file_is_gone_on_with() {
    let bench = Bench::with_lines(3);
    fs::write(bench.file(2), "").unwrap();
    assert_eq!(bench.faults(), []);
    assert_eq!(bench.write(Sizes::default(), 2), [""; 0]);
    assert_eq!(bench.faults(), []);
    assert_eq!(fs::read_to_string(bench.file(2)).unwrap().lines().count(), 2);
}

/// Whatever moment of a running host it meets, a look finds nothing.
#[test]
fn a_log_is_looked_over_while_it_is_written() {
    let bench = Bench::new();
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let (mut store, _) = Store::open(&bench.root).unwrap();
            let (mut log, _) = AuditLog::open_with(&bench.root, &mut store, SMALL).unwrap();
            for number in 0..300 {
                log.record(&mut store, entry(number)).unwrap();
                if number % 7 == 0 {
                    log.commit(&mut store, vec![]).unwrap();
                }
            }
            log.commit(&mut store, vec![]).unwrap();
        });
        let mut looks = 0;
        while !writer.is_finished() || looks == 0 {
            let verdict = bench.verify();
            assert!(verdict.whole, "{verdict:?}");
            looks += 1;
        }
        writer.join().unwrap();
    });
    assert_eq!(bench.faults(), []);
}
