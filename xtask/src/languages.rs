//! The same handler in every language: made with `hostler new`, built, tested, packed and run, with the times that it takes.
//!
//! A language whose tools are not here is left out, with a word; `build.sh` of each sample says what it needs, and `.ci/run`
//! installs it.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::Context as _;
use serde_json::Value;

use crate::{step, workspace::Workspace};

/// The languages of `hostler new`.
const LANGUAGES: [&str; 4] = ["rust", "c", "go", "javascript"];

/// How often a command is run of whose times the shortest is told.
const ROUNDS: usize = 5;

/// Builds `hostler` as it is shipped, and prints a table.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    eprintln!("building hostler in release mode (the first time takes many minutes)");
    let build = [
        "build",
        "--quiet",
        "--locked",
        "--release",
        "-p",
        "hostler-host",
        "--bin",
        "hostler",
    ];
    step::run(workspace.cargo().args(build))?;
    let hostler = workspace.target().join("release").join("hostler");
    let folder = workspace.target().join("languages");
    let mut bad = Vec::new();
    println!("| language | component | build | `hostler test` | first start | later starts |");
    println!("|---|---|---|---|---|---|");
    for language in LANGUAGES {
        match row(&hostler, &folder, language) {
            Ok(row) => println!("| {language} | {row} |"),
            Err(error) => bad.push(format!("{language}: {error:#}")),
        }
    }
    for line in &bad {
        eprintln!("{line}");
    }
    Ok(if bad.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One language, from nothing to a package that runs.
fn row(hostler: &Path, folder: &Path, language: &str) -> anyhow::Result<String> {
    let name = format!("greeter-{language}");
    let project = folder.join(&name);
    if project.exists() {
        fs::remove_dir_all(&project).with_context(|| project.display().to_string())?;
    }
    fs::create_dir_all(folder)?;
    let told = |command: &mut Command| match step::complaint_of(command)? {
        Some(complaint) => anyhow::bail!("{complaint}"),
        None => Ok(()),
    };
    let here = |command: &mut Command| -> Command {
        let mut again = Command::new(command.get_program());
        again.args(command.get_args()).current_dir(&project);
        again
    };
    told(
        Command::new(hostler)
            .args(["new", &name, "--language", language, "--out"])
            .arg(folder),
    )?;
    let started = Instant::now();
    let mut build = here(&mut Command::new("./build.sh"));
    if language == "rust" {
        build.env("CARGO_TARGET_DIR", folder.join("target"));
    }
    told(&mut build)?;
    let built = started.elapsed();
    let cache = project.join("cache");
    let cached = |words: &[&str]| -> Command {
        let mut command = Command::new(hostler);
        command.args(words).arg("--cache").arg(&cache).current_dir(&project);
        command
    };
    told(&mut here(Command::new(hostler).args([
        "pack",
        "package",
        "1.0.0",
        "--name",
        "Example.Greeter",
    ])))?;
    let package = "build/Example.Greeter-1.0.0.zip";
    let first = enabled(&mut cached(&[
        "run",
        package,
        "--json",
        "--settings",
        "example.settings",
    ]))?;
    let mut later = u64::MAX;
    for _ in 0..ROUNDS {
        later = later.min(
            enabled(&mut cached(&[
                "run",
                package,
                "--json",
                "--settings",
                "example.settings",
            ]))?
            .1,
        );
    }
    let started = Instant::now();
    told(&mut cached(&["test", "package"]))?;
    let tested = started.elapsed();
    let size = fs::metadata(project.join("package/handler.wasm"))?.len();
    Ok(format!(
        "{} KB | {:.1} s | {:.1} s | {:.1} s | {later} ms",
        size / 1000,
        built.as_secs_f64(),
        tested.as_secs_f64(),
        first.0 as f64 / 1000.0,
    ))
}

/// What compiling took, where it was compiled, and what `enable` took, in milliseconds.
fn enabled(run: &mut Command) -> anyhow::Result<(u64, u64)> {
    let output = run.output().context("hostler could not be started")?;
    let report: Value =
        serde_json::from_slice(&output.stdout).context(String::from_utf8_lossy(&output.stderr).into_owned())?;
    let commands = &report["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["commands"];
    let commands = commands.as_array().context("a report without commands")?;
    let compiled = commands
        .iter()
        .filter_map(|command| command["component"]["compileMs"].as_u64());
    let enable = commands.iter().find(|command| command["command"] == "enable");
    let enable = enable.context("enable did not run")?;
    anyhow::ensure!(enable["exitCode"] == 0, "enable ended with {}", enable["exitCode"]);
    let took = enable["durationMs"].as_u64().context("no time")?;
    Ok((compiled.sum::<u64>() + took, took))
}
