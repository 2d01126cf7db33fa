//! A state database that is not what was written: nothing of it is believed that cannot be, and the handler is there in
//! the end (HST-09, HST-12, contract 11).

use std::{env, fs};

use serde_json::json;

use crate::course::COURSES;
use crate::machine::Machine;
use crate::random::Random;
use crate::standing::{Standing, codes};
use crate::tree::{differences, tree};

/// How many bytes are changed, one at a time; `HOSTLER_FLIPS` says another number.
const FLIPS: usize = 200;

/// Where SQLite says what kind of file it is; half of the changes are there.
const HEAD: usize = 100;

/// Where the database's form stands in its file (`PRAGMA user_version`); the file format is SQLite's.
const FORM: std::ops::Range<usize> = 60..64;

/// A machine with an enabled handler, its database in one file, and the bytes of that.
fn good() -> (Machine, Standing, Vec<u8>) {
    let machine = Machine::new(&json!({}));
    let wanted = COURSES[0].wanted();
    machine.settle(&wanted);
    machine.keep();
    let standing = Standing::of(&machine);
    let bytes = fs::read(machine.database()).unwrap();
    (machine, standing, bytes)
}

/// Puts `bytes` in the place of the good database, and names what is wrong with `status` and `apply` then. `silent`: it is
/// as good as no database, so there is nothing to say about it.
fn problems(machine: &Machine, good: &Standing, bytes: &[u8], silent: bool) -> Vec<String> {
    machine.put_back();
    let before = machine.ran().len();
    fs::write(machine.database(), bytes).unwrap();
    let looked = machine.status();
    let mut problems = Vec::new();
    if !matches!(looked.status.code(), Some(0 | 1 | 4)) {
        problems.push(format!("status ended with {}", looked.status));
    }
    let applied = machine.apply(&COURSES[0].wanted());
    let said = String::from_utf8_lossy(&applied.stdout);
    if !matches!(applied.status.code(), Some(0 | 1)) {
        problems.push(format!("apply ended with {}: {said}", applied.status));
        return problems;
    }
    let found = codes(&applied.json());
    // The audit log remembers a state that is as good as none.
    let lost = found.iter().any(|code| code == "audit.end");
    let told = found.iter().any(|code| code == "state.damaged");
    let ran = machine.ran().split_off(before);
    match ran.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["e@1.0.0"] => {}
        ["i@1.0.0", "e@1.0.0"] if told || (silent && lost) => {}
        other => problems.push(format!("{other:?} ran, and {found:?} was found")),
    }
    let words = [".damaged-", "state.damaged", "audit.end"];
    let aside = |problem: &String| !words.iter().any(|word| problem.contains(word));
    let standing = Standing::of(machine);
    problems.extend(standing.problems(good).into_iter().filter(aside));
    problems
}

/// HST-12.
#[test]
fn a_changed_byte_is_found_or_changes_nothing() {
    let (machine, standing, good) = good();
    let (seed, mut random) = Random::seeded();
    let mut all = Vec::new();
    let flips = env::var("HOSTLER_FLIPS").map_or(FLIPS, |text| text.parse().expect("HOSTLER_FLIPS is a number"));
    for flip in 0..flips {
        let at = random.below(if flip % 2 == 0 { HEAD } else { good.len() });
        if FORM.contains(&at) {
            continue;
        }
        let mask = u8::try_from(1 + random.below(255)).unwrap();
        let mut bytes = good.clone();
        bytes[at] ^= mask;
        let problems = problems(&machine, &standing, &bytes, false);
        all.extend(
            problems
                .iter()
                .map(|problem| format!("byte {at} ^ {mask:#04x}: {problem}")),
        );
    }
    assert!(all.is_empty(), "HOSTLER_SEED={seed}:\n{}", all.join("\n"));
}

/// HST-09.
#[test]
fn half_a_database_is_put_aside() {
    let (machine, standing, good) = good();
    let (seed, mut random) = Random::seeded();
    let edges = [
        0,
        1,
        15,
        16,
        99,
        100,
        101,
        511,
        512,
        4095,
        4096,
        4097,
        8192,
        good.len() - 1,
    ];
    let lengths = edges.into_iter().chain((0..20).map(|_| random.below(good.len())));
    let mut all = Vec::new();
    for length in lengths {
        // SQLite takes a file without content for a new one.
        let problems = problems(&machine, &standing, &good[..length], length < 2);
        all.extend(problems.iter().map(|problem| format!("cut to {length}: {problem}")));
    }
    assert!(all.is_empty(), "HOSTLER_SEED={seed}:\n{}", all.join("\n"));
}

#[test]
fn a_text_in_its_place_is_put_aside() {
    let (machine, standing, _) = good();
    for text in ["{}", &"This is no database.\n".repeat(500)] {
        let problems = problems(&machine, &standing, text.as_bytes(), false);
        assert_eq!(problems, [""; 0]);
        let aside = machine.database().with_extension("sqlite.damaged-1");
        assert_eq!(
            fs::read_to_string(aside).unwrap(),
            text,
            "it is kept for people to look at"
        );
    }
}

/// What a later hostler wrote is no business of this one's.
#[test]
fn a_later_form_is_refused_and_stays_as_it_is() {
    let (machine, _, mut bytes) = good();
    bytes[FORM].copy_from_slice(&2_u32.to_be_bytes());
    fs::write(machine.database(), &bytes).unwrap();
    let look = || {
        let mut tree = tree(&machine.root());
        // What SQLite has beside its file, and who holds the lock.
        tree.retain(|name, _| !["-wal", "-shm", "lock"].iter().any(|end| name.ends_with(end)));
        tree
    };
    let before = look();
    for ran in [machine.apply(&COURSES[2].wanted()), machine.status()] {
        assert_eq!(ran.status.code(), Some(4));
        let said = ran.json()["findings"][0]["what"].clone();
        let path = machine.database().display().to_string();
        let expected = format!("{path} was written by a later hostler (form 2; this one knows 1)");
        assert_eq!(said, json!(expected));
        assert_eq!(differences(&before, &look()), [""; 0]);
    }
}
