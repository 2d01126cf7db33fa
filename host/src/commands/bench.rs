//! `hostler bench`: what a command of one's own handler costs, side by side in each place that it can run in.

mod contenders;
mod field;
mod first;
mod memory;
mod outputs;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use hostler_contract::{Command, Finding, Place as In, Refused, codes};
use hostler_measure::{Document, Machine, Rounds, Run, changes_table, table};
use serde_json::json;

use super::failure::{Failure, Reply};
use super::isolation_option::required;
use super::progress::Progress;
use crate::bench::PlaceError;
use crate::lifecycle::ExecutionError;
use crate::sandbox::RequiredIsolation;
use contenders::Fault;
use field::Field;
use outputs::Outputs;

/// Measure what a command of a handler costs: in a ready worker, in one that is started for it, in this process, as a whole
/// `hostler run`, and as a native program.
///
/// All of them take turns in one run, each time with settings under a new sequence number, and each has to end well and
/// leave the status that the handler leaves. Only ratios mean something: times of two runs or two machines do not compare.
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// The package: a zip.
    package: PathBuf,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
    /// The same handler as a native program, which is run WITHOUT A SANDBOX with the command's arguments, variables and
    /// folders, and with all rights of whoever runs this.
    #[arg(long, value_name = "PROGRAM")]
    native: Option<PathBuf>,
    /// A settings file, or a file with just public settings [default: no settings].
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The operator's policy: what the handler may get beyond its own folders [default: nothing].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The command; those that come before it in a handler's life are run once.
    #[arg(long, value_name = "COMMAND", default_value = "enable",
        value_parser = PossibleValuesParser::new(COMMANDS.map(Command::name)).map(|word| command(&word)))]
    command: Command,
    /// How often each of them has a turn.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// Also write the result as one page with charts.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// What an earlier `hostler bench --json` wrote: show what changed since.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Where the handler's folders are made for the time of the run [default: /dev/shm, which is memory, else TMPDIR].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Run nothing with less than this; with more than `none` it is not run in this process.
    #[arg(long, value_name = "LEAST", default_value = "none",
        value_parser = PossibleValuesParser::new(RequiredIsolation::ALL.map(RequiredIsolation::name)).map(|word| required(&word)))]
    require_isolation: RequiredIsolation,
}

/// The commands that can be run again and again with nothing between.
const COMMANDS: [Command; 3] = [Command::Install, Command::Enable, Command::Disable];

fn command(word: &str) -> Command {
    COMMANDS
        .into_iter()
        .find(|command| command.name() == word)
        .unwrap_or(Command::Enable)
}

pub(super) fn bench(args: &BenchArgs, json: bool) -> Result<Reply, Failure> {
    let outputs = Outputs::open(args)?;
    let mut machine = Machine::look();
    machine.add_program("hostler", env!("CARGO_PKG_VERSION"));
    let field = Field::new(args)?;
    let _progress = Progress::start(format!("measuring {} rounds", args.rounds));
    let faulty = |error| failure(error, &field.file);
    let rounds = Rounds::new(usize::try_from(args.rounds).unwrap_or(usize::MAX)).settle(contenders::SETTLE);
    let parts = vec![
        contenders::measure(&field, &rounds).map_err(faulty)?,
        first::measure(&field, args.rounds.min(first::ROUNDS)).map_err(faulty)?,
        memory::measure(&field).map_err(faulty)?,
    ];
    machine.look_again();
    let run = Run {
        title: format!("What {} of {} costs", args.command, field.identity),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine,
        options: BTreeMap::from([
            ("rounds".to_owned(), json!(args.rounds)),
            ("command".to_owned(), json!(args.command.name())),
        ]),
        isolation: serde_json::to_value(&field.isolation).unwrap_or_default(),
        parts,
        left_out: BTreeMap::new(),
    };
    let document = Document::from(&run);
    let changes = outputs.changes(&document);
    outputs.write(&document, changes.as_ref())?;
    Ok(Reply::done(if json {
        document.to_json()
    } else {
        table(&document) + &changes.as_ref().map(changes_table).unwrap_or_default()
    }))
}

/// The failure that `error` is, of the package that findings call `file`.
fn failure(error: anyhow::Error, file: &str) -> Failure {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        let hint = match fault {
            Fault::Native(_) => "name a program that does with the same folders and variables what the package does",
            Fault::Handler(_) => "let it end well with `hostler run` first, with the same settings and policy",
        };
        return Refused::new(Finding::refusal(
            codes::BENCH_COMMAND,
            file,
            In::Whole,
            format!("{error:#}"),
            hint,
        ))
        .into();
    }
    let error = match error.downcast::<PlaceError>() {
        Ok(error) => return error.into(),
        Err(error) => error,
    };
    match error.downcast::<ExecutionError>() {
        Ok(error) => error.into(),
        Err(error) => Failure::host(error, "give hostler processes, memory and space to measure with"),
    }
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Refused(refused) => refused.into(),
            PlaceError::Root(error) => error.into(),
            PlaceError::Folders(error) => error.into(),
            PlaceError::Cache(error) => error.into(),
            error => Self::host(
                error,
                "name another folder with `--folder` that can be written and has space",
            ),
        }
    }
}
