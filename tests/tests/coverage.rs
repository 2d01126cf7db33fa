//! No case of the threat model is forgotten: each number of the groups below stands in some test of the project.
//!
//! A case is named where it is tested, as `PKG-01` in a table or comment or as `pkg_01` in a function's name. The
//! groups are those whose code is there; a case that belongs to something that is not there yet is named here.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A group: its letters, its cases, and those among them that something not there yet has to answer.
struct Group {
    name: &'static str,
    cases: &'static [u32],
    later: &'static [u32],
}

/// The numbers from `FROM` on.
const fn from<const FROM: u32, const COUNT: usize>() -> [u32; COUNT] {
    let mut numbers = [0; COUNT];
    let mut index = 0;
    while index < COUNT {
        numbers[index] = FROM + index as u32;
        index += 1;
    }
    numbers
}

const GROUPS: [Group; 7] = [
    // 33 needs a repository that registers digests.
    Group {
        name: "PKG",
        cases: &from::<1, 37>(),
        later: &[33],
    },
    // 13 needs a registered identity.
    Group {
        name: "MAN",
        cases: &from::<1, 17>(),
        later: &[13],
    },
    // 18 and 22 need an agent that runs on.
    Group {
        name: "STA",
        cases: &from::<1, 22>(),
        later: &[18, 22],
    },
    // What follows is about what the host does in these folders between commands.
    Group {
        name: "FSX",
        cases: &from::<1, 16>(),
        later: &[],
    },
    Group {
        name: "HB",
        cases: &[2, 4, 5],
        later: &[],
    },
    // What `apply` has to answer so far.
    Group {
        name: "HST",
        cases: &[1, 2, 3, 4, 5, 9, 10, 12, 14, 17],
        later: &[],
    },
    Group {
        name: "SET",
        cases: &from::<6, 8>(),
        later: &[],
    },
];

/// Where tests are. In `src`, only what follows the first `#[cfg(test)]` of a file counts.
const TESTS: [&str; 4] = ["contract/tests", "package/tests", "tests/tests", "host/tests"];
const SOURCES: [&str; 3] = ["contract/src", "package/src", "host/src"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Every test of the project, as one text in capitals; this file is not among them.
fn tests() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for path in TESTS.iter().flat_map(|folder| files(&root.join(folder))) {
        if !path.ends_with("tests/coverage.rs") {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    for path in SOURCES.iter().flat_map(|folder| files(&root.join(folder))) {
        let source = fs::read_to_string(path).unwrap();
        if let Some((_, unit_tests)) = source.split_once("#[cfg(test)]") {
            text += unit_tests;
        }
    }
    text.to_uppercase()
}

/// The numbers of `group` that stand in `text`: `PKG-7` is none, since every case has two digits.
fn numbers(group: &str, text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for separator in ['-', '_'] {
        for (at, _) in text.match_indices(&format!("{group}{separator}")) {
            let rest = &text[at + group.len() + 1..];
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let starts_a_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            if length == 2 && starts_a_word {
                found.extend(rest[..length].parse::<u32>());
            }
        }
    }
    found
}

#[test]
fn every_case_has_a_test() {
    let text = tests();
    let mut missing = Vec::new();
    for group in &GROUPS {
        let found = numbers(group.name, &text);
        let needed = group.cases.iter().filter(|case| !group.later.contains(case));
        missing.extend(
            needed
                .filter(|case| !found.contains(case))
                .map(|case| format!("{}-{case:02}", group.name)),
        );
    }
    assert!(missing.is_empty(), "no test names {}", missing.join(", "));
}

#[test]
fn numbers_are_found_as_they_are_written() {
    let text = "// PKG-01, and PKG-02 to PKG-04.\nfn PKG_05_names() PKG-123 XPKG-06 PKG-7";
    assert_eq!(numbers("PKG", text), [1, 2, 4, 5].into());
    assert_eq!(numbers("MAN", text), [].into());
}
