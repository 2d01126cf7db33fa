//! The same command in every place that it can run in, in turns.

use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::{Command, escape_bounded};
use hostler_measure::{Contender, Part, Reading, Rounds, Series};

use super::field::Field;
use crate::bench::Turn;
use crate::lifecycle::Execution;
use crate::sandbox::{CodeCache, Outcome, Sandbox};

/// How long the machine gets to clear up after each turn: a worker that is gone should cost only whom it worked for.
pub(super) const SETTLE: Duration = Duration::from_millis(4);

/// Most that is shown of what a command said, in bytes.
const SAID_BYTES: usize = 400;

const WARM: &str = "a worker that was ready for this command";
const ANY: &str = "a ready worker, with all that comes before the command";
const COLD: &str = "a worker that was started for it, code from the cache";
const IN_PROCESS: &str = "in hostler's own process";
const RUN: &str = "a whole `hostler run`, with its cache";
const NATIVE: &str = "the native program";

/// Why a command did not count.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The handler's.
    #[error("{0}")]
    Handler(String),
    /// The native program's.
    #[error("{0}")]
    Native(String),
}

/// Lets all of them have their turns in `rounds`.
pub(super) fn measure(field: &Field, rounds: &Rounds) -> anyhow::Result<Part> {
    let mut contenders = vec![
        Contender::new(WARM, || field.warm()),
        Contender::new(ANY, || field.with(&field.workers, field.place.cache())),
        Contender::new(COLD, || field.started_for_it()),
    ];
    if let Some(here) = &field.in_process {
        contenders.push(Contender::new(IN_PROCESS, || field.with(here, field.place.cache())));
    }
    contenders.push(Contender::new(RUN, || field.whole_run()));
    if let Some(native) = &field.native {
        contenders.push(Contender::new(NATIVE, || field.native(native)));
    }
    let series = rounds.run(contenders)?;
    Ok(Part {
        name: "command",
        title: "The command, from its start to its end",
        about: format!(
            "`{}` in a root of its own in memory, in turns. {} has to check, unpack and install the package as well.",
            field.command, RUN
        ),
        repeat: field.repeat.clone(),
        readings: readings(&series),
        series,
    })
}

/// Each of them against the native program; without one, against a ready worker.
fn readings(series: &[Series]) -> Vec<Reading> {
    let find = |what: &str| series.iter().find(|series| series.what == what).cloned();
    let pairs: [(&str, &str, &str); 5] = [
        ("own.worker_warm_vs_native", "", WARM),
        ("own.worker_any_vs_native", "own.worker_any_vs_warm", ANY),
        ("own.worker_cold_vs_native", "own.worker_cold_vs_warm", COLD),
        ("own.inprocess_vs_native", "own.inprocess_vs_warm", IN_PROCESS),
        ("own.run_vs_native", "own.run_vs_warm", RUN),
    ];
    let native = find(NATIVE);
    let mut readings = Vec::new();
    for (against_native, against_warm, what) in pairs {
        let key = if native.is_some() { against_native } else { against_warm };
        let other = native.clone().or_else(|| find(WARM));
        match (find(what), other) {
            _ if key.is_empty() => {}
            (Some(ours), Some(other)) => readings.push(Reading::compared(key, ours, other)),
            _ => readings.push(Field::not_in_process(key)),
        }
    }
    readings
}

impl Field {
    /// Runs `command` once, since the one that is measured comes after it.
    pub(super) fn prepare(&self, command: Command) -> anyhow::Result<()> {
        let turn = self.place.turn()?;
        let handler = self.place.handler(&self.workers, self.place.cache(), &turn);
        let execution = handler.execute(command, |_| {})?;
        well(&execution.outcome).with_context(|| format!("{command}, which comes before it"))
    }

    /// Runs the command once, and looks whether it leaves a status.
    pub(super) fn look_for_status(&self) -> anyhow::Result<()> {
        let turn = self.place.turn()?;
        let handler = self.place.handler(&self.workers, self.place.cache(), &turn);
        let execution = handler.execute(self.command, |_| {})?;
        well(&execution.outcome).with_context(|| self.command.name())?;
        self.leaves_status.set(self.place.status_file(&turn).exists());
        Ok(())
    }

    fn warm(&self) -> anyhow::Result<Duration> {
        let turn = self.place.turn()?;
        // Waits until a worker is there.
        self.workers.wait_for_workers()?;
        let handler = self.place.handler(&self.workers, self.place.cache(), &turn);
        let ready = handler.get_ready(self.command, |_| {})?;
        // Getting ready goes on in the worker.
        std::thread::sleep(SETTLE);
        let started = Instant::now();
        let execution = ready.run();
        let took = started.elapsed();
        self.ended(&execution, &turn)?;
        Ok(took)
    }

    fn with(&self, sandbox: &Sandbox, cache: &CodeCache) -> anyhow::Result<Duration> {
        let turn = self.place.turn()?;
        sandbox.wait_for_workers()?;
        let handler = self.place.handler(sandbox, cache, &turn);
        let started = Instant::now();
        let execution = handler.execute(self.command, |_| {})?;
        let took = started.elapsed();
        self.ended(&execution, &turn)?;
        Ok(took)
    }

    fn started_for_it(&self) -> anyhow::Result<Duration> {
        let turn = self.place.turn()?;
        let started = Instant::now();
        let sandbox = Sandbox::with_workers(&self.cold)?;
        let cache = self.place.open_cache()?;
        let execution = self
            .place
            .handler(&sandbox, &cache, &turn)
            .execute(self.command, |_| {})?;
        let took = started.elapsed();
        self.ended(&execution, &turn)?;
        Ok(took)
    }

    fn whole_run(&self) -> anyhow::Result<Duration> {
        let home = self.place.outside("home");
        std::fs::create_dir_all(&home)?;
        let mut process = Process::new("/proc/self/exe");
        process
            .args(&self.run)
            .env_clear()
            .env("HOME", &home)
            .env("TMPDIR", &home);
        let (took, ended) = time(&mut process)?;
        Ok(ended.map(|()| took).map_err(Fault::Handler)?)
    }

    fn native(&self, program: &Path) -> anyhow::Result<Duration> {
        let turn = self.place.turn()?;
        let (_, line) = self.place.package().target(self.command)?;
        let arguments = match line.arguments() {
            // A typed handler is told the command by the function that is called.
            [] => vec![self.command.name().to_owned()],
            arguments => arguments.to_vec(),
        };
        let handler = self.place.handler(&self.workers, self.place.cache(), &turn);
        let mut process = Process::new(program);
        process
            .args(arguments)
            .env_clear()
            .envs(handler.variables(self.command))
            .envs(self.place.grants().variables(self.command))
            .current_dir(self.place.folders().base());
        let (took, ended) = time(&mut process)?;
        ended.map_err(Fault::Native)?;
        self.left_status(&turn).map_err(Fault::Native)?;
        Ok(took)
    }

    /// Fails where the command did, or left less than it does otherwise: nobody is fast by doing nothing.
    fn ended(&self, execution: &Execution, turn: &Turn) -> anyhow::Result<()> {
        well(&execution.outcome)?;
        Ok(self.left_status(turn).map_err(Fault::Handler)?)
    }

    fn left_status(&self, turn: &Turn) -> Result<(), String> {
        let file = self.place.status_file(turn);
        match self.leaves_status.get() && !file.exists() {
            true => Err(format!("it left no status {}", turn.settings.status_file())),
            false => Ok(()),
        }
    }
}

/// Fails where the command did.
pub(super) fn well(outcome: &Outcome) -> anyhow::Result<()> {
    if outcome.end.is_success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&outcome.stderr.bytes);
    let ended = match outcome.end.code() {
        Some(code) => format!("it ended with exit code {} ({code})", outcome.end.exit_code()),
        None => format!("it ended with exit code {}", outcome.end.exit_code()),
    };
    Err(Fault::Handler(with_words(ended, &said)).into())
}

/// Runs `process`, and gives how long it took and whether it ended well.
fn time(process: &mut Process) -> anyhow::Result<(Duration, Result<(), String>)> {
    process.stdin(Stdio::null());
    let started = Instant::now();
    let output = process.output();
    let took = started.elapsed();
    let output = output.with_context(|| process.get_program().display().to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let ended = match output.status.success() {
        true => Ok(()),
        false => Err(with_words(format!("it ended with {}", output.status), &said)),
    };
    Ok((took, ended))
}

fn with_words(ended: String, said: &str) -> String {
    match said.trim() {
        "" => ended,
        said => format!("{ended}: {}", escape_bounded(said, SAID_BYTES)),
    }
}
