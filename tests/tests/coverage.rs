//! No case of the threat model is forgotten: each number of its groups stands in some test of the project, or here with
//! the reason why it does not. `docs/threat-model.md` has the sum of it as a table, which is made here.
//!
//! A case is named where it is tested, as `PKG-01` in a table or comment or as `pkg_01` in a function's name.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A group: its letters, what it is about, how many cases it has, and those that nothing tests, with the reason.
struct Group {
    name: &'static str,
    about: &'static str,
    cases: u32,
    later: &'static [(&'static [u32], &'static str)],
}

/// Cases that need protected settings to be opened.
const SECRETS: &str = "need protected settings, which are not opened yet";

const GROUPS: [Group; 12] = [
    Group {
        name: "PKG",
        about: "the package",
        cases: 40,
        later: &[(&[39], "needs signatures")],
    },
    Group {
        name: "MAN",
        about: "its manifest",
        cases: 17,
        later: &[],
    },
    Group {
        name: "SET",
        about: "settings",
        cases: 17,
        later: &[
            (&[2, 3, 4, 5, 17], SECRETS),
            (
                &[14],
                "every delivery is enabled again, as the agent does; needs a policy that says otherwise",
            ),
        ],
    },
    Group {
        name: "STA",
        about: "status files",
        cases: 22,
        later: &[],
    },
    Group {
        name: "HB",
        about: "heartbeats",
        cases: 6,
        later: &[],
    },
    Group {
        name: "CMP",
        about: "components and compiling",
        cases: 19,
        later: &[],
    },
    Group {
        name: "GST",
        about: "handlers that run",
        cases: 23,
        later: &[],
    },
    Group {
        name: "FSX",
        about: "handlers and files",
        cases: 19,
        later: &[],
    },
    Group {
        name: "SEC",
        about: "secrets",
        cases: 8,
        later: &[(&[1, 3, 4, 5, 6, 8], SECRETS)],
    },
    Group {
        name: "HST",
        about: "faults of the host and the machine",
        cases: 18,
        later: &[
            (
                &[7],
                "a component comes to hostler's own limit of memory first; native code in a worker is tried by `self-test`",
            ),
            (
                &[16],
                "lower versions are carried out, as the agent does; needs a policy that says otherwise",
            ),
        ],
    },
    Group {
        name: "REP",
        about: "the repository's service",
        cases: 20,
        later: &[],
    },
    Group {
        name: "CHECK_15",
        about: "what clients of the registration service rely on",
        cases: 12,
        later: &[],
    },
];

impl Group {
    /// The cases that a test must name.
    fn now(&self) -> impl Iterator<Item = u32> {
        (1..=self.cases).filter(|case| self.why_not(*case).is_none())
    }

    /// Why a case has no test.
    fn why_not(&self, case: u32) -> Option<&'static str> {
        self.later
            .iter()
            .find(|(cases, _)| cases.contains(&case))
            .map(|(_, why)| *why)
    }
}

/// Where tests are. In `src`, only what follows the first `#[cfg(test)]` of a file counts.
const TESTS: [&str; 5] = [
    "contract/tests",
    "package/tests",
    "tests/tests",
    "host/tests",
    "repository/tests",
];
const SOURCES: [&str; 4] = ["contract/src", "package/src", "host/src", "repository/src"];

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

/// Every test of the project in capitals, by its file's path from the project's folder; this file is not among them.
fn tests() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut tests = BTreeMap::new();
    let mut take = |path: &Path, text: &str| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        tests.insert(name, text.to_uppercase());
    };
    for path in TESTS.iter().flat_map(|folder| files(&root.join(folder))) {
        if !path.ends_with("tests/coverage.rs") {
            take(&path, &fs::read_to_string(&path).unwrap());
        }
    }
    for path in SOURCES.iter().flat_map(|folder| files(&root.join(folder))) {
        let source = fs::read_to_string(&path).unwrap();
        if let Some((_, unit_tests)) = source.split_once("#[cfg(test)]") {
            take(&path, unit_tests);
        } else if path.ends_with("tests.rs") {
            take(&path, &source);
        }
    }
    tests
}

/// The numbers of `group` that stand in `text`: `PKG-7` is none, since every case has two digits. Those of `CHECK_15` stand in
/// names of functions, as they are counted.
fn numbers(group: &str, text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for separator in ['-', '_'] {
        for (at, _) in text.match_indices(&format!("{group}{separator}")) {
            let rest = &text[at + group.len() + 1..];
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let starts_a_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let digits = if group.starts_with("CHECK") { 1..=2 } else { 2..=2 };
            if digits.contains(&length) && starts_a_word {
                found.extend(rest[..length].parse::<u32>());
            }
        }
    }
    found
}

/// The files that name each case of `group`.
fn places<'a>(group: &Group, tests: &'a BTreeMap<String, String>) -> BTreeMap<u32, BTreeSet<&'a str>> {
    let mut places = BTreeMap::<u32, BTreeSet<&str>>::new();
    for (path, text) in tests {
        for case in numbers(group.name, text) {
            places.entry(case).or_default().insert(path);
        }
    }
    places
}

#[test]
fn every_case_has_a_test() {
    let tests = tests();
    let mut missing = Vec::new();
    for group in &GROUPS {
        let found = places(group, &tests);
        let cases = group.now().filter(|case| !found.contains_key(case));
        missing.extend(cases.map(|case| format!("{}-{case:02}", group.name)));
    }
    assert!(missing.is_empty(), "no test names {}", missing.join(", "));
}

/// A case that nothing tested so far and something tests now is no longer excused.
#[test]
fn no_case_with_a_test_is_excused() {
    let tests = tests();
    let mut excused = Vec::new();
    for group in &GROUPS {
        let found = places(group, &tests);
        let cases = (1..=group.cases).filter(|case| group.why_not(*case).is_some() && found.contains_key(case));
        excused.extend(cases.map(|case| format!("{}-{case:02} in {:?}", group.name, found[&case])));
    }
    assert!(excused.is_empty(), "tested, and excused here: {}", excused.join(", "));
}

/// The table of `docs/threat-model.md`: where each group is tested, and what is not and why.
fn table() -> String {
    let tests = tests();
    let mut rows = String::from("| group | about | cases | tested in | not tested, and why |\n|---|---|---|---|---|\n");
    for group in &GROUPS {
        let found = places(group, &tests);
        let files = group.now().filter_map(|case| found.get(&case)).flatten();
        let folders: BTreeSet<String> = files.map(|file| format!("`{}`", place(file))).collect();
        let folders: Vec<String> = folders.into_iter().collect();
        let later = group
            .later
            .iter()
            .map(|(cases, why)| format!("{}: {why}", ranges(cases)));
        let row = [
            group.name.to_owned(),
            group.about.to_owned(),
            format!("{} of {}", group.now().count(), group.cases),
            folders.join(", "),
            later.collect::<Vec<_>>().join("; "),
        ];
        rows += &format!("| {} |\n", row.join(" | "));
    }
    rows
}

/// A test's file, or the folder of a test that has several.
fn place(file: &str) -> &str {
    let parts: Vec<_> = file.match_indices('/').map(|(at, _)| at).collect();
    match file.split('/').collect::<Vec<_>>()[..] {
        [_, "src", ..] => file.get(..parts[1]).unwrap_or(file),
        [_, "tests", _, _, ..] => file.get(..parts[2]).unwrap_or(file),
        _ => file,
    }
}

/// Numbers as people write them: `1-3, 5`.
fn ranges(cases: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for case in cases {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *case => *last = *case,
            _ => ranges.push((*case, *case)),
        }
    }
    let shown = ranges.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_table_in_the_documents_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/threat-model.md");
    let (document, table) = (fs::read_to_string(path).unwrap(), table());
    assert!(
        document.contains(&table),
        "docs/threat-model.md does not have this table:\n{table}"
    );
}

#[test]
fn numbers_are_found_as_they_are_written() {
    let text = "// PKG-01, and PKG-02 to PKG-04.\nfn PKG_05_names() PKG-123 XPKG-06 PKG-7";
    assert_eq!(numbers("PKG", text), [1, 2, 4, 5].into());
    assert_eq!(numbers("MAN", text), [].into());
    assert_eq!(numbers("CHECK_15", "fn CHECK_15_7_x() CHECK_15_12_"), [7, 12].into());
}
