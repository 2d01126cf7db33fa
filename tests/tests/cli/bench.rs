//! `hostler bench`: what a command of one's own handler costs. No time is looked at.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use hostler_tests::{Ran, native_program, package, run_hostler};
use serde_json::{Value, json};

use crate::workbench::Workbench;

/// How long a small run may take on a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(900);

/// Runs `hostler bench` on the package of `hello`, for as short as can be.
fn bench(workbench: &Workbench, options: &[&str]) -> Ran {
    bench_of(workbench, &package("Hostler.Samples.Hello"), options)
}

fn bench_of(workbench: &Workbench, package: &Path, options: &[&str]) -> Ran {
    let mut arguments: Vec<OsString> = vec!["bench".into(), package.into()];
    if !options.contains(&"--rounds") {
        arguments.extend(["--rounds", "1"].map(OsString::from));
    }
    arguments.extend(options.iter().map(OsString::from));
    run_hostler(&arguments, &workbench.path(""), PATIENCE)
}

fn settings(workbench: &Workbench) -> String {
    workbench
        .write("hello.json", r#"{"name": "Ada"}"#)
        .display()
        .to_string()
}

fn keys(of: &Value) -> Vec<&str> {
    of.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_handler_is_measured_in_every_place_and_as_a_native_program() {
    let workbench = Workbench::new();
    let page = workbench.path("page.html");
    let native = native_program("hello");
    let (settings, page_name) = (settings(&workbench), page.display().to_string());
    let ran = bench(
        &workbench,
        &[
            "--settings",
            &settings,
            "--native",
            native.to_str().unwrap(),
            "--html",
            &page_name,
            "--json",
        ],
    );
    let result = ran.json();
    assert!(ran.status.success(), "{result}");
    assert_eq!(
        keys(&result["ratios"]),
        [
            "own.cached_vs_compiled",
            "own.inprocess_vs_native",
            "own.run_vs_native",
            "own.worker_any_vs_native",
            "own.worker_cold_vs_native",
            "own.worker_warm_vs_native",
        ]
    );
    assert_eq!(result["title"], "What enable of Hostler.Samples.Hello-1.0.0 costs");
    let parts: Vec<&Value> = result["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert_eq!(parts, ["command", "first", "memory"]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("the native program") && !page.contains("://"), "{page}");
    let left: Vec<_> = fs::read_dir(workbench.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_earlier_result_is_compared_with_and_more_isolation_leaves_this_process_out() {
    let workbench = Workbench::new();
    let settings = settings(&workbench);
    let options = [
        "--command",
        "disable",
        "--require-isolation",
        "process",
        "--settings",
        &settings,
    ];
    let first = bench(&workbench, &[&options[..], &["--json"]].concat());
    let result = first.json();
    assert!(first.status.success(), "{result}");
    assert_eq!(keys(&result["not_run"]), ["own.inprocess_vs_warm"]);
    assert_eq!(result["options"]["command"], "disable");
    let earlier = workbench.write("earlier.json", &first.stdout).display().to_string();
    let ran = bench(&workbench, &[&options[..], &["--baseline", &earlier]].concat());
    assert!(ran.status.success(), "{}", ran.stderr_text());
    let table = String::from_utf8(ran.stdout).unwrap();
    assert!(
        table.contains("against the baseline") && table.contains("own.worker_cold_vs_warm"),
        "{table}"
    );
    assert!(!table.contains("another machine"), "{table}");
}

#[test]
fn bad_input_says_what_was_wrong_and_what_would_be_right() {
    let workbench = Workbench::new();
    let good = package("Hostler.Samples.Hello");
    let path = |name: &str, text: &str| workbench.write(name, text).display().to_string();
    let (other, broken) = (path("other.json", "{}"), path("broken.json", "["));
    let later = path(
        "later.json",
        &json!({ "kind": "hostler-bench", "format": 9 }).to_string(),
    );
    let (settings, text) = (settings(&workbench), path("text", "no program"));
    let page = workbench.path("nowhere/page.html").display().to_string();
    let script = path("says-no", "#!/bin/sh\necho 'not today' >&2\nexit 3\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let missing = workbench.path("missing.zip");
    let unnamed = workbench.path("hello.zip");
    fs::copy(&good, &unnamed).unwrap();
    let (good, missing, unnamed) = (good.as_path(), missing.as_path(), unnamed.as_path());
    for (package, options, exit, code, what) in [
        (missing, vec![], 3, "pkg.open", "it cannot be read"),
        (
            unnamed,
            vec![],
            2,
            "handler.identity",
            "does not say which handler it is",
        ),
        (
            good,
            vec!["--native", "/no/such/program"],
            3,
            "input.open",
            "it cannot be run",
        ),
        (
            good,
            vec!["--native", &text],
            3,
            "input.open",
            "it is not a program that can be run",
        ),
        (
            good,
            vec!["--baseline", &other],
            3,
            "bench.baseline",
            "it is no result of a benchmark",
        ),
        (
            good,
            vec!["--baseline", &broken],
            3,
            "bench.baseline",
            "it is no result of a benchmark",
        ),
        (
            good,
            vec!["--baseline", &later],
            3,
            "bench.baseline",
            "form 9 of such documents",
        ),
        (good, vec!["--html", &page], 4, "host.io", "its folder cannot be opened"),
        (good, vec!["--command", "update"], 2, "usage", "invalid value 'update'"),
        (good, vec!["--rounds", "0"], 2, "usage", "invalid value '0'"),
        (
            good,
            vec!["--settings", &settings, "--native", &script],
            3,
            "bench.command",
            "the native program: it ended with exit status: 3: not today",
        ),
        (
            good,
            vec!["--settings", &settings, "--native", "/bin/true"],
            3,
            "bench.command",
            "the native program: it left no status",
        ),
    ] {
        let ran = bench_of(&workbench, package, &[&options[..], &["--json"]].concat());
        let result = ran.json();
        let finding = &result["findings"][0];
        let seen = (ran.status.code(), finding["code"].as_str());
        assert_eq!(seen, (Some(exit), Some(code)), "{options:?}: {result}");
        let found = finding["what"].as_str().unwrap();
        assert!(found.contains(what), "{options:?}: {found}");
        assert!(!finding["hint"].as_str().unwrap().is_empty(), "{options:?}: {result}");
    }
}
