//! A project in each language: made, built, tested, packed and run, by the commands of its README.
//!
//! In this process and not in workers: a `hostler` that is not optimised, on a machine that is busy, takes longer to compile
//! what has a language's whole runtime in it than a worker may.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hostler_tests::{Ran, not_run, run_hostler_in};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long one command may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Where compiling has no limit of time.
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

    /// Makes the project and builds it; `None` where `tool` is not on this machine.
    fn build(language: &str, tool: Option<&str>) -> Option<Self> {
        if let Some(tool) = tool.filter(|tool| !is_there(tool)) {
            not_run(tool);
            return None;
        }
        let project = Self {
            home: tempfile::tempdir().unwrap(),
        };
        let ran = project.hostler(project.home.path(), &["new", "greeter", "--language", language]);
        assert!(ran.status.success(), "{}", ran.stderr_text());
        let mut build = Command::new("./build.sh");
        build.current_dir(project.path());
        if language == "rust" {
            // Beside what the tests themselves are built in, so that what it stands on is built once.
            build.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"));
        }
        let built = build.output().unwrap();
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(built.status.success(), "{language}: {said}");
        Some(project)
    }

    /// Tests `rules` of the built handler, all of them where none is named.
    fn assert_conforms(&self, rules: &[&str]) {
        let named = rules.join(",");
        let mut arguments = vec!["test", "package", "--json"];
        arguments.extend(HERE);
        if !rules.is_empty() {
            arguments.extend(["--rules", &named]);
        }
        let ran = self.hostler(&self.path(), &arguments);
        let result = ran.json();
        assert!(
            ran.status.success() && result["holds"] == true,
            "{result:#}{}",
            ran.stderr_text()
        );
    }

    /// Packs it and runs it with `settings`; the handler's entry in the report.
    fn run(&self, settings: &Value) -> Value {
        let packed = self.hostler(&self.path(), &["pack", "package", "1.0.0", "--name", "Example.Greeter"]);
        assert!(packed.status.success(), "{}", packed.stderr_text());
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

/// Whether a program can be started: named by its variable, as `build.sh` has it, or on the path.
fn is_there(tool: &str) -> bool {
    let variable = match tool {
        "clang-14" => "CC",
        "go" => "GO",
        _ => "COMPONENTIZE_QJS",
    };
    let named = env::var_os(variable).unwrap_or_else(|| OsString::from(tool));
    let option = if tool == "go" { "version" } else { "--version" };
    Command::new(named).arg(option).output().is_ok()
}

#[test]
fn rust() {
    let Some(project) = Project::build("rust", None) else {
        return;
    };
    project.assert_conforms(&[]);
    project.assert_runs();
}

#[test]
fn c() {
    let Some(project) = Project::build("c", Some("clang-14")) else {
        return;
    };
    project.assert_conforms(&[]);
    project.assert_runs();
}

#[test]
fn go() {
    let Some(project) = Project::build("go", Some("go")) else {
        return;
    };
    project.assert_conforms(&[]);
    project.assert_runs();
}

#[test]
fn javascript() {
    let Some(project) = Project::build("javascript", Some("componentize-qjs")) else {
        return;
    };
    project.assert_conforms(&[]);
    project.assert_runs();
}
