//! Rules of the code that no compiler checks: who knows the WebAssembly runtime, who prints, where `unsafe` is, how
//! long a file may be, and that the project names nothing outside of itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Longest source file, in lines. Files are split well before.
const LONGEST_FILE: usize = 400;

/// Files that may hold `unsafe`, and why.
const UNSAFE: [(&str, &str); 8] = [
    (
        "host/src/sandbox/linked.rs",
        "maps code that this installation compiled",
    ),
    (
        "host/src/sandbox/stacks.rs",
        "makes and clears stacks, which wasmtime takes by an unsafe trait",
    ),
    (
        "host/src/sandbox/worker/lockdown/process.rs",
        "closes what a worker inherited, for which no library has a safe call",
    ),
    (
        "host/src/sandbox/worker/probe.rs",
        "tries to attach as a debugger, for which no library has a safe call",
    ),
    (
        "host/src/sandbox/worker/warm.rs",
        "sets up the allocator and touches pages, for which no library has a safe call",
    ),
    ("guest-sdk/src/component.rs", "bindings made from WIT"),
    ("guest-sdk/src/export.rs", "bindings made from WIT"),
    ("sample-handlers/hostile/", "attacks"),
];

/// Files outside of the sandbox that may name the WebAssembly runtime, and why.
const RUNTIME: [(&str, &str); 1] = [(
    "bench/src/plain.rs",
    "measures the runtime without hostler, for what hostler adds and what each setting costs",
)];

/// A source file: its path from the project's folder, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Lines of code with their numbers: no comments, and nothing from the unit tests at the end on.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .take_while(|(_, line)| *line != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether it lies below one of `folders` or is one of them.
    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every file of the project with one of `extensions`, without build results and documents that tests read.
fn files(extensions: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with(".git") && !["target", "corpus", "artifacts"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if extensions.iter().any(|extension| name.ends_with(extension)) {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push(Source { path, text });
            }
        }
    }
    found
}

fn rust_files() -> Vec<Source> {
    let files = files(&[".rs"]);
    assert!(files.len() > 50, "only {} source files were found", files.len());
    files
}

#[track_caller]
fn assert_none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n{}", faults.join("\n"));
}

#[test]
fn only_the_sandbox_knows_the_runtime() {
    let known: Vec<&str> = RUNTIME.iter().map(|(path, _)| *path).collect();
    let mut faults = Vec::new();
    let mut seen_inside = false;
    for source in rust_files() {
        let inside = source.is_in(&["host/src/sandbox/"]);
        for (line, code) in source.code() {
            let names_it = ["wasmtime::", "wasmtime_wasi::", "wasmtime_wasi_io::"]
                .iter()
                .any(|name| code.contains(name));
            seen_inside |= names_it && inside;
            if names_it && !inside && !source.is_in(&known) && source.path != "tests/tests/architecture.rs" {
                faults.push(format!("{}:{line}: {}", source.path, code.trim()));
            }
        }
    }
    assert!(
        seen_inside,
        "the rule looks for the wrong names: not even the sandbox has them"
    );
    assert_none(&faults, "only host/src/sandbox knows the WebAssembly runtime");
}

#[test]
fn only_report_and_commands_print() {
    let libraries = [
        "contract/src/",
        "fetch/src/",
        "package/src/",
        "publish/src/",
        "host/src/",
        "measure/src/",
        "repository/src/",
    ];
    let printing = [
        "host/src/report",
        "host/src/commands",
        "host/src/main.rs",
        "host/src/bin/hostler-worker.rs",
        "repository/src/commands",
        // Its standard output is what the process that checks packages answers to.
        "repository/src/admission/confined.rs",
    ];
    let mut faults = Vec::new();
    for source in rust_files() {
        if !source.is_in(&libraries) || source.is_in(&printing) {
            continue;
        }
        for (line, code) in source.code() {
            if ["print!(", "println!(", "stdout()", "stderr()"]
                .iter()
                .any(|word| code.contains(word))
                && !code.contains("fn stdout()")
                && !code.contains("fn stderr()")
            {
                faults.push(format!("{}:{line}: {}", source.path, code.trim()));
            }
        }
    }
    assert_none(&faults, "only report/ and commands/ write for people");
}

#[test]
fn unsafe_is_where_it_is_known_to_be() {
    let allowed: Vec<&str> = UNSAFE.iter().map(|(path, _)| *path).collect();
    let mut faults = Vec::new();
    let mut seen = false;
    for source in rust_files() {
        for (line, code) in source.code() {
            let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            if source.path == "tests/tests/architecture.rs" || !words.any(|word| word == "unsafe") {
                continue;
            }
            seen = true;
            if !source.is_in(&allowed) {
                faults.push(format!("{}:{line}: {}", source.path, code.trim()));
            }
        }
    }
    assert!(
        seen,
        "the rule looks for the wrong word: not even the known places have it"
    );
    assert_none(&faults, "unsafe code has a reason and a known place");
}

#[test]
fn no_file_is_longer_than_a_reader_wants() {
    let faults: Vec<String> = rust_files()
        .iter()
        .map(|source| (&source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_none(&faults, "files are split before they grow long");
}

#[test]
fn nothing_is_named_that_lies_outside_of_the_project() {
    // In pieces, so that this file does not name them itself.
    let needles = [
        concat!("/wo", "rk/"),
        concat!("/tm", "p/prompts"),
        concat!("share", "d/corpus"),
        concat!("share", "d/DESIGN"),
        concat!("CONTR", "ACT.md"),
        concat!("DESI", "GN.md"),
        concat!("REGISTR", "ATION.md"),
        concat!("TOOLCH", "AIN.md"),
        concat!("SCENAR", "IOS.md"),
        concat!("PERFORM", "ANCE.md"),
    ];
    let mut faults = Vec::new();
    for source in files(&[".rs", ".md", ".toml", ".wit", ".json", ".settings"]) {
        for (index, line) in source.text.lines().enumerate() {
            if let Some(needle) = needles.iter().find(|needle| line.contains(**needle)) {
                faults.push(format!("{}:{}: {needle}", source.path, index + 1));
            }
        }
    }
    assert_none(&faults, "the project stands alone");
}
