//! Every file of the corpus gets the verdict of its index, or a better one with the reason written down beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fs, path::Path};

use hostler_contract::{DocumentKind, Finding, Severity, Source, Verdict, check};
use serde::Deserialize;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/corpus");

/// Where our verdict departs from the index, and why that is better: a row of `departures.json`.
#[derive(Deserialize)]
struct Departure {
    file: String,
    verdict: String,
    reason: String,
}

impl Departure {
    fn verdict(&self) -> Verdict {
        match self.verdict.as_str() {
            "accept" => Verdict::Accept,
            "accept-with-warnings" => Verdict::AcceptWithWarnings,
            "refuse" => Verdict::Refuse,
            other => panic!("{}: `{other}` is no verdict", self.file),
        }
    }
}

fn departures() -> Vec<Departure> {
    serde_json::from_slice(&fs::read(Path::new(CORPUS).join("departures.json")).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct Row {
    file: String,
    kind: String,
    expect: String,
}

/// What the words of the index ask for.
#[derive(Debug)]
enum Expected {
    Verdict(Verdict),
    /// A refusal that names line and column.
    Syntax,
}

impl Row {
    fn expected(&self) -> Expected {
        match self.expect.as_str() {
            "accept" => Expected::Verdict(Verdict::Accept),
            // An unknown status word counts as an error, and is warned of.
            expect if expect.starts_with("accept+warn") || expect.starts_with("accept as JSON") => {
                Expected::Verdict(Verdict::AcceptWithWarnings)
            }
            "reject, naming line/column" => Expected::Syntax,
            expect if expect.starts_with("reject") => Expected::Verdict(Verdict::Refuse),
            other => panic!(
                "{}: the index expects `{other}`, which this test does not know",
                self.file
            ),
        }
    }
}

fn all_rows() -> Vec<Row> {
    serde_json::from_slice(&fs::read(Path::new(CORPUS).join("index.json")).unwrap()).unwrap()
}

/// The documents; what servers and clients said to each other is read by `registration.rs`.
fn rows() -> Vec<Row> {
    let rows = all_rows().into_iter();
    rows.filter(|row| !row.kind.starts_with("wire-")).collect()
}

fn findings(row: &Row) -> Vec<Finding> {
    let bytes = fs::read(Path::new(CORPUS).join(&row.file)).unwrap();
    let kind = DocumentKind::from_name(&row.kind).unwrap_or_else(|| panic!("{}: kind {}", row.file, row.kind));
    check(kind, Source::new(&row.file, &bytes))
}

fn shown(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("\n    {finding}")).collect()
}

/// With the definition files among them, this is check_15_4.
#[test]
fn every_file_gets_its_verdict() {
    let mut wrong = String::new();
    let departures = departures();
    for row in rows() {
        let findings = findings(&row);
        let verdict = Verdict::of(&findings);
        let better = departures.iter().find(|departure| departure.file == row.file);
        let right = match (better, row.expected()) {
            (Some(better), _) => verdict == better.verdict(),
            (None, Expected::Verdict(expected)) => verdict == expected,
            (None, Expected::Syntax) => names_line_and_column(&row.file, &findings),
        };
        if !right {
            wrong += &format!("{}: {verdict:?}, index: {}{}\n", row.file, row.expect, shown(&findings));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whether there is a refusal at `file:line:column`.
fn names_line_and_column(file: &str, findings: &[Finding]) -> bool {
    findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Refusal)
        .any(|finding| {
            let place = finding.location();
            let numbers: Vec<_> = place
                .strip_prefix(file)
                .unwrap_or_default()
                .split(':')
                .skip(1)
                .collect();
            numbers.len() == 2
                && numbers
                    .iter()
                    .all(|number| number.parse::<usize>().is_ok_and(|number| number > 0))
        })
}

#[test]
fn departures_name_files_of_the_index_and_differ_from_it() {
    let rows = rows();
    for departure in departures() {
        let (file, verdict, reason) = (&departure.file, departure.verdict(), &departure.reason);
        let row = rows
            .iter()
            .find(|row| row.file == *file)
            .unwrap_or_else(|| panic!("{file} is not in the index"));
        let departs = !matches!(row.expected(), Expected::Verdict(expected) if expected == verdict);
        assert!(departs && !reason.is_empty(), "{file} does not depart from its index");
    }
}

#[test]
fn files_and_index_are_complete() {
    let on_disk: BTreeSet<String> = files(Path::new(CORPUS))
        .into_iter()
        .filter(|file| !matches!(file.as_str(), "README.md" | "index.json" | "departures.json"))
        .collect();
    let indexed: BTreeSet<String> = all_rows().into_iter().map(|row| row.file).collect();
    assert_eq!(on_disk, indexed);
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}
