//! A project in each language: made, and its README followed to the letter, from building to a run of its package.
//!
//! In this process and not in workers: a `hostler` that is not optimised, on a machine that is busy, takes longer to compile
//! what has a language's whole runtime in it than a worker may. And what a README installs is here already, or is said to be
//! missing.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hostler_tests::{Ran, hostler, not_run, run_hostler_in};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long one command may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Options with which compiling has no limit of time.
const HERE: [&str; 4] = ["--isolation", "in-process", "--require-isolation", "none"];

struct Project {
    home: TempDir,
}

impl Project {
    fn path(&self) -> PathBuf {
        self.home.path().join("greeter")
    }

    fn hostler(&self, folder: &Path, arguments: &[&str]) -> Ran {
        run_hostler_in(arguments, self.home.path(), PATIENCE, |command| {
            command.current_dir(folder);
        })
    }

    /// Makes the project and follows its README; `None` where `tool` is not on this machine.
    fn made(language: &str, tool: Option<&str>) -> Option<Self> {
        if let Some(tool) = tool.filter(|tool| !is_there(tool)) {
            not_run(tool);
            return None;
        }
        let project = Self {
            home: tempfile::tempdir().unwrap(),
        };
        let ran = project.hostler(project.home.path(), &["new", "greeter", "--language", language]);
        assert!(ran.status.success(), "{}", ran.stderr_text());
        project.follow_readme(language);
        Some(project)
    }

    /// Runs what stands in the README as commands, in order.
    fn follow_readme(&self, language: &str) {
        let readme = fs::read_to_string(self.path().join("README.md")).unwrap();
        let (_, rest) = readme.split_once("```sh\n").unwrap();
        let (block, _) = rest.split_once("```").unwrap();
        let lines: Vec<String> = block.lines().filter(|line| !installs(line)).map(here).collect();
        for word in [
            "./build.sh",
            "hostler test package",
            "hostler pack package",
            "hostler run build/",
        ] {
            assert!(
                lines.iter().any(|line| line.starts_with(word)),
                "no `{word}` in {block}"
            );
        }
        let mut path = hostler().parent().unwrap().as_os_str().to_owned();
        path.push(":");
        path.push(env::var_os("PATH").unwrap());
        let mut shell = Command::new("bash");
        shell
            .current_dir(self.path())
            .args(["-euxc", &lines.join("\n")])
            .env("PATH", path);
        // The default root, and with it the cache of compiled code, is the project's own.
        shell.env("XDG_STATE_HOME", self.home.path().join(".local/state"));
        if language == "rust" {
            // Beside what the tests themselves are built in, so that what it stands on is built once.
            shell.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"));
        }
        let output = shell.output().unwrap();
        let [said, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(output.status.success(), "{language}: {said}\n{errors}");
        assert!(said.contains("Hello, Ada"), "{language}: {said}");
    }

    /// Runs the package that following the README made, with `settings`; the handler's entry in the report.
    fn run(&self, settings: &Value) -> Value {
        fs::write(self.path().join("own.settings"), settings.to_string()).unwrap();
        let package = "build/Example.Greeter-1.0.0.zip";
        let arguments = ["run", package, "--json", "--settings", "own.settings"];
        let ran = self.hostler(&self.path(), &[&arguments[..], &HERE].concat());
        ran.json()["aggregateStatus"]["handlerAggregateStatus"][0].clone()
    }

    fn assert_runs(&self) {
        let handler = self.run(&json!({ "name": "Ada" }));
        let status = &handler["runtimeSettingsStatus"]["settingsStatus"]["status"];
        assert_eq!(
            (
                &handler["status"],
                &status["status"],
                &status["formattedMessage"]["message"]
            ),
            (&json!("Ready"), &json!("success"), &json!("Hello, Ada")),
            "{handler:#}"
        );
        // Exit codes arrive as they are, whatever the language.
        for (settings, code) in [(json!({ "name": " " }), 2), (json!({ "nobody": 1 }), 65)] {
            let handler = self.run(&settings);
            let last = handler["hostler"]["commands"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()
                .clone();
            assert_eq!(
                (&last["command"], &last["exitCode"]),
                (&json!("enable"), &json!(code)),
                "{handler:#}"
            );
        }
    }
}

/// Whether a line installs something from somewhere else.
fn installs(line: &&str) -> bool {
    ["npm install", "python3 -m pip"]
        .iter()
        .any(|word| line.starts_with(word))
}

/// A line, run where compiling has no limit of time.
fn here(line: &str) -> String {
    match ["hostler test", "hostler run"]
        .iter()
        .any(|word| line.starts_with(word))
    {
        // Options go before the remark, if there is one.
        true => {
            let (command, _) = line.split_once('#').unwrap_or((line, ""));
            format!("{} {}", command.trim_end(), HERE.join(" "))
        }
        false => line.to_owned(),
    }
}

/// Whether a program can be started: named by its variable, as `build.sh` has it, or on the path.
fn is_there(tool: &str) -> bool {
    let variable = match tool {
        "clang-14" => "CC",
        "go" => "GO",
        "componentize-py" => "COMPONENTIZE_PY",
        _ => "COMPONENTIZE_QJS",
    };
    let named = env::var_os(variable).unwrap_or_else(|| OsString::from(tool));
    let option = if tool == "go" { "version" } else { "--version" };
    Command::new(named).arg(option).output().is_ok()
}

#[test]
fn rust() {
    if let Some(project) = Project::made("rust", None) {
        project.assert_runs();
    }
}

#[test]
fn c() {
    if let Some(project) = Project::made("c", Some("clang-14")) {
        project.assert_runs();
    }
}

#[test]
fn go() {
    if let Some(project) = Project::made("go", Some("go")) {
        project.assert_runs();
    }
}

#[test]
fn javascript() {
    if let Some(project) = Project::made("javascript", Some("componentize-qjs")) {
        project.assert_runs();
    }
}

#[test]
fn python() {
    if let Some(project) = Project::made("python", Some("componentize-py")) {
        project.assert_runs();
    }
}
