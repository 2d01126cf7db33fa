//! Compares hostler with what it replaces: native programs, scripts, files without a sandbox.
//!
//! Everything is measured in one run, in rounds (A, B, C, A, B, C, ...), and only ratios of it mean something: times of
//! another run or another machine do not compare. `cargo xtask bench` builds what it needs and runs it.

mod compute;
mod effort;
mod enable;
mod files;
mod first;
mod generated;
mod guest;
mod memory;
mod packages;
mod parts;
mod place;
mod plain;
mod process;
mod scale;
mod stop;
mod surroundings;
mod throughput;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Parser;
use hostler_host::sandbox::worker_main;

use crate::effort::Effort;
use crate::memory::holder_main;
use crate::parts::PARTS;
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
    /// Rounds of `enable`; of what takes longer there are fewer [default: 200, with --quick 60]
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Commands after which the supervisor's memory is looked at [default: 10,000, with --quick 1,000]
    #[arg(long, value_name = "N")]
    commands: Option<usize>,
    /// All of it with fewer rounds
    #[arg(long)]
    quick: bool,
    /// Only these parts
    #[arg(long, value_name = "NAME")]
    part: Vec<String>,
    /// Also write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    if let Some(ended) = worker_main().or_else(holder_main) {
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
    let quick = arguments.quick;
    let effort = Effort {
        rounds: arguments.rounds.unwrap_or(if quick { 60 } else { 200 }),
        commands: arguments.commands.unwrap_or(if quick { 1_000 } else { 10_000 }),
        quick,
    };
    for (name, measure) in PARTS {
        if !arguments.part.is_empty() && !arguments.part.iter().any(|part| part == name) {
            continue;
        }
        let began = Instant::now();
        let part = measure(&arguments.around, &effort).context(name)?;
        println!("== {} ({:.1} s)", part.title, began.elapsed().as_secs_f64());
        for series in &part.series {
            let samples = &series.samples;
            println!(
                "{:>60} {:>12.1} {:>12.1} {:>12.1} {}",
                series.what,
                samples.min(),
                samples.median(),
                samples.p99(),
                series.unit
            );
        }
        for reading in &part.readings {
            println!(
                "{:>60} {:?} {:?}",
                reading.key(),
                reading.value(),
                reading.value_of_min()
            );
        }
    }
    Ok(())
}
