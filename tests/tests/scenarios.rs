//! No scenario of the contract is forgotten: each row is named by a conformance case, or it stands below with the reason
//! why not, and in the table "Scenario rows" of `docs/compatibility.md` for those who read documents.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The groups of rows: their letter, and how many there are.
const GROUPS: [(char, u32); 11] = [
    ('A', 16),
    ('B', 15),
    ('C', 7),
    ('D', 14),
    ('E', 7),
    ('F', 10),
    ('G', 12),
    ('H', 3),
    ('I', 9),
    ('J', 12),
    ('K', 6),
];

const NO_LOOP: &str =
    "needs the loop of the agent, and is tested in `agent`: each `apply` takes up its goal state once";

/// The rows that no case proves, and why.
const WITHOUT_A_CASE: [(&str, &str); 7] = [
    ("A2", NO_LOOP),
    ("B2", NO_LOOP),
    (
        "B8",
        "is about a process left behind: a component ends with its command",
    ),
    (
        "F10",
        "is about an archive that somebody laid beside: packages are always got from where they lie",
    ),
    (
        "H2",
        "needs ten minutes to pass; the age is judged by a clock that no test can move from outside",
    ),
    (
        "J7",
        "is about a switch of the agent's configuration: who wants nothing to run does not run `apply`",
    ),
    (
        "J10",
        "is about the agent's list of allowed handlers: our policies have another form, and keep nothing from being uninstalled",
    ),
];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn all_rows() -> BTreeSet<String> {
    let rows = |(letter, count)| (1..=count).map(move |number| format!("{letter}{number}"));
    GROUPS.into_iter().flat_map(rows).collect()
}

/// The rows that cases name.
fn rows_of_cases() -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for entry in fs::read_dir(project().join("tests/conformance")).unwrap() {
        let path = entry.unwrap().path().join("case.json");
        let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let named = case["rows"].as_array().unwrap().iter();
        rows.extend(named.map(|row| row.as_str().unwrap().to_owned()));
    }
    rows
}

/// The first cells of the table under the heading "Scenario rows".
fn rows_of_the_document() -> BTreeSet<String> {
    let text = fs::read_to_string(project().join("docs/compatibility.md")).unwrap();
    let section = text.split_once("\n## Scenario rows\n").map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let words = cells.flat_map(|cell| cell.split(|c: char| c == ',' || c.is_whitespace()));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_row_has_a_case_or_a_reason() {
    let (all, cases) = (all_rows(), rows_of_cases());
    let explained: BTreeSet<String> = WITHOUT_A_CASE.iter().map(|(row, _)| (*row).to_owned()).collect();
    let unknown: Vec<_> = cases.union(&explained).filter(|row| !all.contains(*row)).collect();
    assert!(unknown.is_empty(), "these are no rows: {unknown:?}");
    let forgotten: Vec<_> = all
        .iter()
        .filter(|row| !cases.contains(*row) && !explained.contains(*row))
        .collect();
    assert!(forgotten.is_empty(), "no case names {forgotten:?}");
    let both: Vec<_> = cases.intersection(&explained).collect();
    assert!(
        both.is_empty(),
        "there are cases for {both:?}, which need no reason any more"
    );
}

#[test]
fn every_row_without_a_case_is_told_to_readers() {
    let document = rows_of_the_document();
    let untold = WITHOUT_A_CASE.iter().filter(|(row, _)| !document.contains(*row));
    let untold: Vec<String> = untold.map(|(row, why)| format!("{row} {why}")).collect();
    assert!(
        untold.is_empty(),
        "not in the table \"Scenario rows\" of docs/compatibility.md:\n{}",
        untold.join("\n")
    );
}
