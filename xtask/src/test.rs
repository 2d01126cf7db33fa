//! Every test of the project: builds what they need, runs them, and adds up what came of them.
//!
//! A test that needs a program which this machine does not have says so and ends well, since the test harness knows
//! no third way. It leaves a line in a file, and is counted here as skipped and not as passed.

mod results;

use std::{
    fs,
    io::{self, BufReader, Write as _},
    process::{ExitCode, Stdio},
};

use anyhow::Context as _;

use self::results::{NotRun, Results};
use crate::{host, packages, workspace::Workspace};

/// What `test` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Let a test fail whose program is missing, instead of skipping it
    #[arg(long)]
    all: bool,
    /// Names of tests, or parts of them, and options of the test harness
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Builds host, handlers and packages, runs the tests, and prints the sum as the last line.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    let hostler = host::build(workspace)?;
    let packages = packages::build(workspace, &hostler)?;
    let programs = host::build_natives(workspace)?;
    let not_run_file = workspace.target().join("tests-not-run");
    // Emptied, so that lines of an earlier run do not count.
    fs::write(&not_run_file, "").with_context(|| not_run_file.display().to_string())?;

    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--locked", "--workspace", "--no-fail-fast", "--"])
        .args(&options.filter)
        .env("HOSTLER_BIN", &hostler)
        .env("HOSTLER_PACKAGES", &packages.folder)
        .env("HOSTLER_RECORDER", &packages.recorder)
        .env("HOSTLER_KERNELS", &packages.kernels)
        .env("HOSTLER_PROGRAMS", &programs)
        .env("HOSTLER_NOT_RUN", &not_run_file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if options.all {
        cargo.env("HOSTLER_ALL", "1");
    }
    let mut child = cargo.spawn().context("cargo test could not be started")?;
    let mut results = Results::default();
    if let Some(stdout) = child.stdout.take() {
        stream(BufReader::new(stdout), &mut results)?;
    }
    let status = child.wait().context("cargo test")?;
    results.ended(status.success());

    let text = fs::read_to_string(&not_run_file).with_context(|| not_run_file.display().to_string())?;
    let not_run = NotRun::parse(&text);
    if !not_run.is_empty() {
        println!("\nNot run, for want of something on this machine:");
        for NotRun { test, missing } in &not_run {
            println!("  {test}: {missing}");
        }
        println!();
    }
    let sum = results.sum(not_run.len());
    for problem in &sum.problems {
        println!("{problem}");
    }
    println!("{sum}");
    Ok(if sum.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Passes lines on as they come and reads the results among them.
fn stream(mut from: impl io::BufRead, results: &mut Results) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).context("output of cargo test")? > 0 {
        out.write_all(&line)?;
        out.flush()?;
        results.read_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(())
}
