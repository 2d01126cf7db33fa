//! What surrounds a run: another umask, a limit on the size of files, a standard error that nobody takes, and a kill in
//! the middle.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use hostler_tests::{hostler, kept_code};

use crate::made::{IDENTITY, command, with, with_component};
use crate::workbench::Workbench;

/// Runs `hostler` after the shell command `before`, in an empty environment.
fn after(before: &str, arguments: &[&str]) -> Output {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("{before}; exec \"$0\" \"$@\"")])
        .arg(hostler())
        .args(arguments);
    shell.env_clear().stdin(Stdio::null());
    shell.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A umask that lets the group write must not make hostler refuse the folders that it makes itself.
#[test]
fn a_umask_that_lets_others_write() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let cache = bench.path("cache");
    // Twice: the second time finds what the first one made.
    for _ in 0..2 {
        let arguments = ["run", package.to_str().unwrap(), "--cache", cache.to_str().unwrap()];
        let output = after("umask 002", &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "");
    }
}

/// A limit on the size of files makes a write fail, and does not end the process with a signal.
#[test]
fn a_limit_on_the_size_of_files() {
    let bench = Workbench::new();
    let package = bench.package(&with([hostler_tests::ZipEntry::stored("large", &[7; 4096])]));
    let output = after("ulimit -f 1", &["run", package.to_str().unwrap(), "--no-cache"]);
    assert_eq!(
        output.status.code(),
        Some(4),
        "{:?} {}",
        output.status,
        text(&output.stderr)
    );
    assert!(text(&output.stderr).starts_with("error: "), "{}", text(&output.stderr));
}

/// A warning that cannot be written is lost, and nothing else.
#[test]
fn a_standard_error_that_nobody_takes() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let cache = bench.path("cache");
    let arguments = ["run", package.to_str().unwrap(), "--cache", cache.to_str().unwrap()];
    assert_eq!(after("true", &arguments).status.code(), Some(0));
    for code in kept_code(&cache) {
        fs::write(code, "changed").unwrap();
    }
    let output = after("exec 2>/dev/full", &arguments);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("compiled in"));
}

/// A handler whose install was killed is not installed: the next run installs it anew (contract 11).
#[test]
fn a_kill_in_the_middle_of_install() {
    let bench = Workbench::new();
    let endless = bench.package(&with_component(&command(
        r#"(func (export "run") (result i32) (loop br 0) i32.const 0)"#,
    )));
    let root = bench.path("root");
    let mut child = Command::new(hostler())
        .args(["run", "--no-cache", "--keep"])
        .args([&root, &endless])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let handler = root.join("handlers").join(IDENTITY);
    let patience = Instant::now() + Duration::from_secs(60);
    while !handler.join("HandlerEnvironment.json").exists() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(handler.exists());

    let good = bench.package(&with([]));
    let said = bench.run(&good, &["--json"]);
    assert_eq!(said.exit, 0, "{}", said.all());
    let commands = said.handler()["hostler"]["commands"].clone();
    let names: Vec<_> = commands
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["command"].clone())
        .collect();
    assert_eq!(names, ["install", "enable"]);
}
