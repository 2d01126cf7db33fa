//! The whole benchmark, small: everything that it compares is compared, or says why not. No time is looked at.

#![expect(clippy::unwrap_used, reason = "a test that cannot run the benchmark has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hostler_measure::{KEYS, targets};
use hostler_tests::{hostler, kernels, native_program, package};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The benchmark, told of everything that was built, in a folder of its own.
fn bench(folder: &Path, options: &[&str]) -> Output {
    // Without the kernels: what computes for long is not for a test, and bench/tests/kernels.rs runs each of them.
    let files: [(&str, PathBuf); 6] = [
        ("--hostler", hostler()),
        ("--package", package("Hostler.Samples.Hello")),
        ("--native", native_program("hello")),
        ("--guest", kernels().with_file_name("bench-guest.wasm")),
        ("--native-guest", native_program("bench-guest")),
        ("--folder", folder.to_owned()),
    ];
    let mut bench = Command::new(env!("CARGO_BIN_EXE_hostler-bench"));
    for (name, file) in files {
        bench.arg(name).arg(file);
    }
    bench.args(options).current_dir(folder).stdin(Stdio::null());
    bench.output().unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn good(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn everything_is_compared_or_says_why_not() {
    let folder = folder();
    let options = [
        "--rounds",
        "2",
        "--commands",
        "101",
        "--json",
        "run.json",
        "--html",
        "page.html",
        "--svg",
        "chart.svg",
        "--markdown",
        "figures.md",
    ];
    let table = good(&bench(folder.path(), &options));
    let run: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
    let parts: Vec<_> = run["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    let of_parts = KEYS
        .iter()
        .filter(|key| parts.iter().any(|part| **part == key.name.split('.').next().unwrap()));
    for key in of_parts.map(|key| key.name).chain(targets().keys().map(String::as_str)) {
        let ratio = run["ratios"].get(key).and_then(Value::as_f64);
        let why = run["not_run"].get(key).and_then(Value::as_str);
        assert!(
            ratio.is_some_and(|ratio| ratio > 0.0) || why.is_some_and(|why| !why.is_empty()),
            "{key}"
        );
        assert!(table.contains(key), "{key} is not in the table:\n{table}");
    }
    assert!(run["ratios"].as_object().unwrap().len() > 40, "{}", run["not_run"]);
    for part in run["parts"].as_array().unwrap() {
        for text in ["name", "title", "about", "repeat"] {
            assert!(
                part[text].as_str().is_some_and(|text| !text.is_empty()),
                "{text} of {part}"
            );
        }
        let (series, readings) = (part["series"].as_array().unwrap(), part["readings"].as_array().unwrap());
        assert!(
            !series.is_empty() || readings.iter().all(|reading| reading["not_run"].is_string()),
            "{part}"
        );
    }
    assert!(
        run["machine"]["cores"].as_u64().unwrap() > 0 && run["version"] == env!("CARGO_PKG_VERSION"),
        "{run}"
    );
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");

    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(!page.contains("://") && page.matches("<svg").count() > 5);
    for text in [page, fs::read_to_string(folder.path().join("chart.svg")).unwrap()] {
        let mut reader = Reader::from_str(&text);
        while !matches!(reader.read_event().unwrap(), Event::Eof) {}
    }
    let figures = fs::read_to_string(folder.path().join("figures.md")).unwrap();
    assert!(figures.contains("| `honesty.slowed` | "), "{figures}");
    // Of all that it made in memory nothing is left.
    let left: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn one_part_is_compared_with_an_earlier_run_of_it() {
    let folder = folder();
    good(&bench(
        folder.path(),
        &["--part", "honesty", "--rounds", "3", "--json", "run.json"],
    ));
    let options = [
        "--part",
        "honesty",
        "--rounds",
        "3",
        "--baseline",
        "run.json",
        "--html",
        "page.html",
    ];
    let table = good(&bench(folder.path(), &options));
    assert!(
        table.contains("against the baseline") && table.contains("honesty.slowed"),
        "{table}"
    );
    assert!(table.contains("the part `scale` was not asked for"), "{table}");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("Against the baseline"));
}

#[test]
fn what_cannot_be_is_said_before_anything_is_measured() {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("other.json", "{}");
    write(
        "later.json",
        &json!({ "kind": "hostler-bench", "format": 9 }).to_string(),
    );
    for (options, said) in [
        (["--part", "nothing"], "invalid value 'nothing'"),
        (["--rounds", "0"], "invalid value '0'"),
        (["--baseline", "missing.json"], "missing.json: No such file"),
        (
            ["--baseline", "other.json"],
            "name a file that `--json` of this benchmark wrote: it is no result",
        ),
        (
            ["--baseline", "later.json"],
            "it has form 9 of such documents, and this hostler reads form 1",
        ),
        (["--html", "missing/page.html"], "missing is no folder"),
        (["--json", "."], "is a folder; name a file"),
    ] {
        let output = bench(folder.path(), &options);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && stderr.contains(said),
            "{options:?}: {stderr}"
        );
        assert!(output.stdout.is_empty(), "{options:?}");
    }
}
