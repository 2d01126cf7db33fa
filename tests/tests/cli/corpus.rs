//! Every file of the corpus through `hostler check`: the verdict of the index, or the better one of `departures.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::workbench::Workbench;

/// A row of the index.
#[derive(Deserialize)]
struct Row {
    file: String,
    kind: String,
    expect: String,
}

/// A row of `departures.json`.
#[derive(Deserialize)]
struct Departure {
    file: String,
    verdict: String,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// What the index's words mean as a verdict.
fn expected(expect: &str) -> &'static str {
    match expect {
        "accept" => "accept",
        _ if expect.starts_with("accept") => "accept-with-warnings",
        _ if expect.starts_with("reject") => "refuse",
        _ => panic!("the index expects `{expect}`, which this test does not know"),
    }
}

/// Whether a finding's place is `NAME:line:column`.
fn has_line_and_column(finding: &Value, name: &str) -> bool {
    let place = finding["where"].as_str().and_then(|place| place.strip_prefix(name));
    let mut numbers = place.unwrap_or_default().split(':').skip(1).map(str::parse::<u64>);
    matches!(
        (numbers.next(), numbers.next(), numbers.next()),
        (Some(Ok(1..)), Some(Ok(1..)), None)
    )
}

#[test]
fn every_file_gets_its_verdict() {
    let rows: Vec<Row> = serde_json::from_slice(&fs::read(corpus().join("index.json")).unwrap()).unwrap();
    let departures: Vec<Departure> =
        serde_json::from_slice(&fs::read(corpus().join("departures.json")).unwrap()).unwrap();
    let departures: BTreeMap<_, _> = departures.iter().map(|row| (&*row.file, &*row.verdict)).collect();
    assert!(rows.len() > 100, "only {} files", rows.len());
    let bench = Workbench::new();
    let mut wrong = String::new();
    // What servers and clients said to each other is no kind of document that a user checks.
    for row in rows.iter().filter(|row| !row.kind.starts_with("wire-")) {
        let path = corpus().join(&row.file);
        let said = bench.hostler(&["check", path.to_str().unwrap(), "--kind", &row.kind, "--json"]);
        let json = said.json();
        let departure = departures.get(&*row.file).copied();
        let verdict = departure.unwrap_or_else(|| expected(&row.expect));
        let exit = if verdict == "refuse" { 3 } else { 0 };
        let mut right = json["verdict"] == verdict && said.exit == exit;
        if departure.is_none() && row.expect == "reject, naming line/column" {
            let name = path.file_name().unwrap().to_str().unwrap();
            let findings = json["findings"].as_array().unwrap();
            right &= findings.iter().any(|finding| has_line_and_column(finding, name));
        }
        if !right {
            wrong += &format!("{} ({}): exit code {}, {json}\n", row.file, row.expect, said.exit);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
