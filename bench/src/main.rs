//! Compares hostler with what it replaces: native programs, scripts, files without a sandbox.
//!
//! Everything is measured in one run, in rounds (A, B, C, B, C, A, ...), and only ratios of it mean something: times of
//! another run or another machine do not compare. `cargo xtask bench` builds what it needs and runs it.

mod compute;
mod cost;
mod effort;
mod enable;
mod files;
mod first;
mod generated;
mod guest;
mod honesty;
mod memory;
mod outputs;
mod packages;
mod parts;
mod place;
mod plain;
mod process;
mod scale;
mod stop;
mod surroundings;
mod throughput;

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Context as _;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use hostler_host::sandbox::worker_main;
use hostler_measure::{Document, Key, Machine, Run, targets};
use serde_json::json;

use crate::effort::Effort;
use crate::memory::holder_main;
use crate::outputs::Outputs;
use crate::parts::PARTS;
use crate::surroundings::{Surroundings, python};

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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Commands after which the supervisor's memory is looked at [default: 10,000, with --quick 1,000]
    #[arg(long, value_name = "N")]
    commands: Option<usize>,
    /// All of it with fewer rounds
    #[arg(long)]
    quick: bool,
    /// Only this part; can be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(PARTS.map(|(name, _)| name)))]
    part: Vec<String>,
    #[command(flatten)]
    outputs: Outputs,
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
    let baseline = arguments.outputs.look()?;
    let effort = effort(arguments)?;
    let mut machine = machine(&arguments.around);
    let isolation = arguments.around.workers()?.isolation()?;
    let mut parts = Vec::new();
    for (name, measure) in PARTS {
        if !arguments.part.is_empty() && !arguments.part.iter().any(|part| part == name) {
            continue;
        }
        eprint!("{name:<12}");
        let began = Instant::now();
        parts.push(measure(&arguments.around, &effort).context(name)?);
        eprintln!("{:>8.1} s", began.elapsed().as_secs_f64());
    }
    machine.look_again();
    // In the order of the tables, which is not the one that they are best measured in.
    parts.sort_by_key(|part| part.readings.iter().map(|reading| Key::place(reading.key())).min());
    let mut run = Run {
        title: "What isolation costs".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine,
        options: BTreeMap::from([
            ("rounds".to_owned(), json!(effort.rounds)),
            ("commands".to_owned(), json!(effort.commands)),
            ("quick".to_owned(), json!(effort.quick)),
        ]),
        isolation: serde_json::to_value(isolation)?,
        parts,
        left_out: BTreeMap::new(),
    };
    run.left_out = left_out(&run);
    let document = Document::from(&run);
    print!("{}", arguments.outputs.write(&document, baseline.as_ref())?);
    Ok(())
}

fn effort(arguments: &Arguments) -> anyhow::Result<Effort> {
    let quick = arguments.quick;
    Ok(Effort {
        rounds: usize::try_from(arguments.rounds.unwrap_or(if quick { 60 } else { 200 }))?,
        commands: arguments.commands.unwrap_or(if quick { 1_000 } else { 10_000 }),
        quick,
    })
}

/// The machine, with what takes part.
fn machine(around: &Surroundings) -> Machine {
    let mut machine = Machine::look();
    machine.add_program("hostler", env!("CARGO_PKG_VERSION"));
    machine.add_program("wasmtime", runtime_version());
    let version = |program: &std::path::Path| {
        let mut command = Command::new(program);
        command.arg("--version").current_dir(&around.folder);
        command
    };
    machine.ask_program("rustc", &mut version("rustc".as_ref()));
    machine.ask_program("wasmtime's own command", &mut version("wasmtime".as_ref()));
    if let Some(python) = python() {
        machine.ask_program("python", &mut version(&python));
    }
    machine
}

/// The runtime's version, as the workspace pins it.
fn runtime_version() -> &'static str {
    let mut lines = include_str!("../../Cargo.toml").lines();
    let version = lines.find_map(|line| line.strip_prefix("wasmtime = { version = \"=")?.split('"').next());
    version.unwrap_or("unknown")
}

/// Keys with a target of which no part says anything, and why.
fn left_out(run: &Run) -> BTreeMap<String, String> {
    let said = |key: &str| {
        run.parts
            .iter()
            .flat_map(|part| &part.readings)
            .any(|reading| reading.key() == key)
    };
    let why = |key: &str| {
        let part = key.split('.').next().unwrap_or_default();
        match run.parts.iter().any(|there| there.name == part) {
            true => "nothing in this run measures it".to_owned(),
            false => format!("the part `{part}` was not asked for"),
        }
    };
    let keys = targets().keys().filter(|key| !said(key));
    keys.map(|key| (key.clone(), why(key))).collect()
}

#[cfg(test)]
mod tests {
    use super::runtime_version;

    #[test]
    fn the_runtime_has_a_version() {
        assert!(runtime_version().split('.').count() == 3, "{}", runtime_version());
    }
}
