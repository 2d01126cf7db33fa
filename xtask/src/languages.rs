//! The same handler in every language: made with `hostler new`, built, packed, run and tested, with what that takes.
//!
//! A language whose tools are not here is left out, with a word; `build.sh` of each sample says what it needs, and `.ci/run`
//! installs it. Beside each time stands the processor time, which is the same on a machine that is busy.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::Value;

use crate::{step, workspace::Workspace};

/// The languages of `hostler new`.
const LANGUAGES: [&str; 5] = ["rust", "c", "go", "javascript", "python"];

/// How often a command is run of whose times the shortest is told.
const ROUNDS: usize = 5;

/// Ticks of a second in which the system counts processor time, on every Linux.
const TICKS: f64 = 100.0;

/// What `languages` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The `hostler` to measure, instead of one that is built in release mode
    #[arg(long, value_name = "FILE")]
    hostler: Option<PathBuf>,
    /// Only these languages
    #[arg(long, value_delimiter = ',', value_parser = LANGUAGES, value_name = "LANGUAGE,...")]
    only: Vec<String>,
}

/// Prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    let hostler = match &options.hostler {
        Some(named) => named.canonicalize().with_context(|| named.display().to_string())?,
        None => built(workspace)?,
    };
    let folder = workspace.target().join("languages");
    let mut bad = Vec::new();
    println!("| language | component | `build.sh` | first start | later starts | `hostler test` |");
    println!("|---|---|---|---|---|---|");
    for language in LANGUAGES {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == language) {
            continue;
        }
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

/// `hostler` as it is shipped.
fn built(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    eprintln!("building hostler in release mode (the first time takes many minutes)");
    let build = [
        "build",
        "--quiet",
        "--locked",
        "--release",
        "-p",
        "hostler-host",
        "--bins",
    ];
    step::run(workspace.cargo().args(build))?;
    Ok(workspace.target().join("release").join("hostler"))
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
    let mut build = here(&mut Command::new("./build.sh"));
    if language == "rust" {
        // Its own, and new: the first build is what an author waits for.
        build.env("CARGO_TARGET_DIR", project.join("target"));
    }
    let (built, ()) = taken(|| told(&mut build))?;
    let cache = project.join("cache");
    let cached = |words: &[&str], isolation: &[&str]| -> Command {
        let mut command = Command::new(hostler);
        command.args(words).args(isolation);
        command.arg("--cache").arg(&cache).current_dir(&project);
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
    let run = |isolation| {
        enabled(&mut cached(
            &["run", package, "--json", "--settings", "example.settings"],
            isolation,
        ))
    };
    let mut isolation: &[&str] = &[];
    let (first, _) = match taken(|| run(isolation)) {
        // A machine that is so busy has no minute for a worker that compiles; then all of it is done without one.
        Err(error) if error.to_string().contains("compile.quota") => {
            eprintln!("{language}: {error}; so it is measured in hostler's own process");
            isolation = &["--isolation", "in-process", "--require-isolation", "none"];
            taken(|| run(isolation))?
        }
        result => result?,
    };
    let mut later = u64::MAX;
    for _ in 0..ROUNDS {
        later = later.min(run(isolation)?);
    }
    let (tested, ()) = taken(|| told(&mut cached(&["test", "package"], isolation)))?;
    let size = fs::metadata(project.join("package/handler.wasm"))?.len();
    Ok(format!(
        "{} KB | {built} | {first} | {later} ms | {tested}",
        size / 1000
    ))
}

/// What something took: time, and processor time of the programs that it started.
struct Taken(Duration, f64);

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} s ({:.1} s)", self.0.as_secs_f64(), self.1)
    }
}

/// Does `work`, and tells what it took.
fn taken<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(Taken, T)> {
    let (started, before) = (Instant::now(), processor_time()?);
    let done = work()?;
    Ok((Taken(started.elapsed(), processor_time()? - before), done))
}

/// Processor time of all programs that this one started and that have ended, in seconds.
fn processor_time() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold anything; behind it, the fields count from 3.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).and_then(|field| field.parse::<f64>().ok());
    let ticks = field(16)
        .zip(field(17))
        .context("/proc/self/stat has no times of children")?;
    Ok((ticks.0 + ticks.1) / TICKS)
}

/// What `enable` took, in milliseconds.
fn enabled(run: &mut Command) -> anyhow::Result<u64> {
    let output = run.output().context("hostler could not be started")?;
    let report: Value =
        serde_json::from_slice(&output.stdout).context(String::from_utf8_lossy(&output.stderr).into_owned())?;
    if let Some(finding) = report["findings"].get(0) {
        anyhow::bail!("{}: {}", finding["code"], finding["what"]);
    }
    let commands = &report["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["commands"];
    let commands = commands.as_array().context("a report without commands")?;
    let enable = commands.iter().find(|command| command["command"] == "enable");
    let enable = enable.context("enable did not run")?;
    anyhow::ensure!(enable["exitCode"] == 0, "enable ended with {}", enable["exitCode"]);
    enable["durationMs"].as_u64().context("no time")
}
