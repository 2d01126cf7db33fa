//! `enable` of the sample handler `hello`, start to status on disk: in workers, in this process, from the command line, and
//! as everything that it replaces.

mod field;
mod function;
mod others;
mod rows;

use std::time::Duration;

use anyhow::Context as _;
use hostler_measure::{Contender, Part, Reading, Rounds, Samples, Series, Statistic};

use self::field::Field;
use crate::effort::Effort;
use crate::surroundings::{NO_PYTHON, Surroundings};

/// How long the machine gets to clear up after each measurement: a worker that is gone is waited for by a thread, and
/// should cost only whom it worked for.
const SETTLE: Duration = Duration::from_millis(4);

/// Who enables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A worker that was ready for this command: behind all of its locks, and waiting for the word to begin.
    Warm,
    /// A worker that was ready and knew of nothing, so that getting ready for the command is in it.
    Any,
    /// The native program.
    Native,
    /// A host that has just begun: a worker started for it, code from the cache on disk.
    Cold,
    /// In this process, as hostler does it.
    InProcess,
    /// In this process, where file calls may hold up the thread that called.
    Blocking,
    /// As hostler does it for a goal state, all one after the other: with a look at the component's bytes, in a worker that
    /// knew of nothing.
    Execute,
    /// By wasmtime itself, with nothing of hostler's around it: no limit holds.
    Bare,
    /// The same code as a function.
    Function,
    /// `hostler run`, as a process.
    CommandLine,
    /// A script of sh.
    Shell,
    /// A script of Python.
    Python,
    /// `wasmtime run`, as a process.
    Wasmtime,
}

const ALL: [Who; 13] = [
    Who::Warm,
    Who::Any,
    Who::Native,
    Who::Cold,
    Who::InProcess,
    Who::Blocking,
    Who::Bare,
    Who::Execute,
    Who::Function,
    Who::CommandLine,
    Who::Shell,
    Who::Python,
    Who::Wasmtime,
];

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::Warm => "ready worker",
            Self::Any => "ready worker, for any command",
            Self::Native => "native program",
            Self::Cold => "worker started for it",
            Self::InProcess => "in process",
            Self::Blocking => "in process, blocking",
            Self::Bare => "wasmtime alone",
            Self::Execute => "ready worker, component checked",
            Self::Function => "function call",
            Self::CommandLine => "hostler run",
            Self::Shell => "sh",
            Self::Python => "python3",
            Self::Wasmtime => "wasmtime run",
        }
    }
}

/// What is compared by medians: the key, and both sides.
const COMPARED: [(&str, Who, Who); 11] = [
    ("enable.inprocess_vs_native_spawn", Who::InProcess, Who::Native),
    ("enable.inprocess_blocking_vs_native_spawn", Who::Blocking, Who::Native),
    ("enable.inprocess_blocking_vs_wasmtime_alone", Who::Blocking, Who::Bare),
    ("enable.worker_warm_vs_native_spawn", Who::Warm, Who::Native),
    ("enable.worker_any_vs_native_spawn", Who::Any, Who::Native),
    ("enable.worker_cold_vs_native_spawn", Who::Cold, Who::Native),
    ("enable.execute_vs_native_spawn", Who::Execute, Who::Native),
    ("enable.worker_warm_vs_sh", Who::Warm, Who::Shell),
    ("enable.worker_warm_vs_python", Who::Warm, Who::Python),
    ("enable.cli_vs_python", Who::CommandLine, Who::Python),
    ("enable.cli_vs_wasmtime_cli", Who::CommandLine, Who::Wasmtime),
];

/// Runs of which one in a hundred is looked for.
const MANY: usize = 1_000;

/// Measures all of them.
pub(crate) fn measure(around: &Surroundings, effort: &Effort) -> anyhow::Result<Part> {
    let field = Field::new(around)?;
    let mut who = Vec::new();
    let mut missing = Vec::new();
    for one in ALL {
        match field.why_not(one) {
            None => who.push(one),
            Some(why) => missing.push((one, why)),
        }
    }
    let contenders = who.iter().map(|who| {
        let field = &field;
        Contender::new(who.name(), move || field.enable(*who))
    });
    let series = Rounds::new(effort.rounds).settle(SETTLE).run(contenders.collect())?;
    let found = |one: Who| {
        let place = who.iter().position(|who| *who == one);
        let why = || {
            missing
                .iter()
                .find(|(missing, _)| *missing == one)
                .map(|(_, why)| why.clone())
        };
        match place.and_then(|place| series.get(place)) {
            Some(series) => Ok(series.clone()),
            None => Err(why().unwrap_or_else(|| NO_PYTHON.to_owned())),
        }
    };
    let compared = |by: Statistic, key: &'static str, ours: Who, other: Who| match (found(ours), found(other)) {
        (Ok(ours), Ok(other)) => Reading::compared_by(by, key, ours, other),
        (Err(why), _) | (_, Err(why)) => Reading::not_run(key, why),
    };
    let mut readings: Vec<Reading> = COMPARED
        .into_iter()
        .map(|(key, ours, other)| compared(Statistic::Median, key, ours, other))
        .collect();
    let key = "enable.inprocess_vs_function";
    readings.push(compared(Statistic::Min, key, Who::Blocking, Who::Function));
    let many = many(&field, if effort.quick { MANY / 2 } else { MANY }).context("in process, many times")?;
    readings.push(Reading::shape(
        "enable.p99_vs_p50",
        many.clone(),
        Statistic::P99,
        Statistic::Median,
    ));
    let (in_rows, rows) = rows::measure(&field, effort).context("in rows")?;
    readings.extend(in_rows);
    let mut all = series.clone();
    all.push(many);
    all.extend(rows);
    Ok(Part {
        name: "enable",
        title: "One command, from its start to its status on disk",
        about: field.about(),
        repeat: "cargo xtask bench --part enable".to_owned(),
        series: all,
        readings,
    })
}

/// In this process, one after the other, without anybody in between: for what happens seldom.
fn many(field: &Field<'_>, count: usize) -> anyhow::Result<Series> {
    let mut samples = Samples::default();
    for _ in 0..count {
        samples.push(field.enable(Who::InProcess)?);
    }
    Ok(Series::of("in process, one after the other", &samples))
}
