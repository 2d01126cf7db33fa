//! Compares hostler with what it replaces: native programs, Python, files without a sandbox.
//!
//! Everything is measured in one run, in rounds (A, B, C, A, B, C, ...), and only ratios of it mean something: times of
//! another run or another machine do not compare. `cargo xtask bench` builds what it needs and runs it.

mod enable;
mod files;
mod guest;
mod memory;
mod place;
mod reading;
mod samples;
mod stop;
mod surroundings;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use hostler_host::report::isolation_lines;
use hostler_host::sandbox::worker_main;
use serde_json::json;

use crate::reading::KEYS;
use crate::surroundings::Surroundings;

/// Compares hostler with what it replaces, side by side
///
/// The exit code is 0 whether targets are held or not: a busy machine is nobody's fault. It is another only when
/// something could not be measured at all.
#[derive(Debug, Parser)]
#[command(name = "hostler-bench")]
struct Arguments {
    #[command(flatten)]
    around: Surroundings,
    /// Rounds of `enable`; of what takes longer there are fewer
    #[arg(long, value_name = "N", default_value_t = 200)]
    rounds: usize,
    /// Commands after which the supervisor's memory is looked at
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    commands: usize,
    /// Also write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    if let Some(ended) = worker_main() {
        return ended;
    }
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments {
        around,
        rounds,
        commands,
        json,
    } = arguments;
    let isolation = around.workers()?.isolation()?;
    println!("{}", isolation_lines(&isolation));
    eprintln!("memory: {commands} commands");
    let mut readings = memory::measure(around, *commands).context("memory")?;
    eprintln!("enable: {rounds} rounds");
    readings.extend(enable::measure(around, *rounds).context("enable")?);
    eprintln!("stop: {} rounds", fewer(*rounds, 2));
    readings.extend(stop::measure(around, fewer(*rounds, 2)).context("stop")?);
    eprintln!("files: {} rounds", fewer(*rounds, 20));
    readings.extend(files::measure(around, fewer(*rounds, 20)).context("files")?);
    readings.sort_by_key(|reading| KEYS.iter().position(|key| key.name == reading.key()));
    table::print(&readings);
    if let Some(path) = json {
        let document = json!({
            "rounds": rounds, "commands": commands, "isolation": isolation, "keys": table::by_key(&readings),
        });
        let text = format!("{document:#}\n");
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// A share of `rounds`, but not so few that a median means nothing.
fn fewer(rounds: usize, times: usize) -> usize {
    (rounds / times).max(rounds.min(5))
}
