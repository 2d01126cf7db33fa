//! `enable` of the sample handler `hello`: in a worker, in this process, as a native program, in Python.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::{Command, Source};
use hostler_host::lifecycle::Handler;
use hostler_host::sandbox::{Code, Outcome, Sandbox, WorkerOptions};

use crate::place::Place;
use crate::reading::{Reading, Side};
use crate::samples::Samples;
use crate::surroundings::Surroundings;

/// The work in Python.
const SCRIPT: &str = include_str!("enable.py");

/// How long the machine gets to clear up after each measurement: a worker that is gone is waited for by a thread, and
/// should cost only whom it worked for.
const SETTLE: Duration = Duration::from_millis(4);

/// Who enables, in the order of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    /// A worker that was ready for this command: behind all of its locks, and waiting for the word to begin.
    Warm,
    /// A worker that was ready and knew of nothing, so that getting ready for the command is in it.
    Any,
    /// The native program.
    Native,
    /// A host that has just begun: a worker started for it, code from the cache on disk.
    Cold,
    /// In this process.
    InProcess,
    /// As hostler does it for a goal state, all one after the other: with a look at the component's bytes, in a worker that
    /// knew of nothing.
    Execute,
    /// A script.
    Python,
}

const ROUND: [Contender; 7] = [
    Contender::Warm,
    Contender::Any,
    Contender::Native,
    Contender::Cold,
    Contender::InProcess,
    Contender::Execute,
    Contender::Python,
];

/// Everything that the contenders need.
struct Field<'a> {
    place: &'a Place,
    workers: Sandbox,
    in_process: Sandbox,
    cold: WorkerOptions,
    codes: [Code; 2],
    native: &'a Path,
    python: Option<PathBuf>,
    script: PathBuf,
}

/// Measures all of them in `rounds`.
pub(crate) fn measure(around: &Surroundings, rounds: usize) -> anyhow::Result<Vec<Reading>> {
    let workers = around.workers()?;
    let in_process = Sandbox::in_process()?;
    let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
    let script = place.folders.base().join("enable.py");
    std::fs::write(&script, SCRIPT).with_context(|| script.display().to_string())?;
    let field = Field {
        codes: [place.code(&workers)?, place.code(&in_process)?],
        place: &place,
        workers,
        in_process,
        cold: WorkerOptions {
            ready: 0,
            ..around.worker_options()
        },
        native: &around.native,
        python: python(),
        script,
    };
    let mut samples: [Samples; ROUND.len()] = Default::default();
    // The first rounds fill caches and are not counted.
    for round in 0..rounds + 2 {
        for (contender, samples) in ROUND.into_iter().zip(&mut samples) {
            if contender == Contender::Python && field.python.is_none() {
                continue;
            }
            place.forget_status()?;
            let took = field.run(contender)?;
            place.check_status(contender.name())?;
            if round >= 2 {
                samples.push(took);
            }
            std::thread::sleep(SETTLE);
        }
    }
    Ok(readings(&samples))
}

fn readings(samples: &[Samples; ROUND.len()]) -> Vec<Reading> {
    let side = |contender: Contender| Side::of(contender.name(), &samples[contender as usize]);
    let compared = |key, ours, other| Reading::Compared {
        key,
        ours: side(ours),
        other: side(other),
    };
    let python = "enable.worker_warm_vs_python";
    vec![
        compared("enable.worker_warm_vs_native_spawn", Contender::Warm, Contender::Native),
        compared("enable.worker_any_vs_native_spawn", Contender::Any, Contender::Native),
        compared("enable.worker_cold_vs_native_spawn", Contender::Cold, Contender::Native),
        if samples[Contender::Python as usize].count() == 0 {
            Reading::NotRun {
                key: python,
                why: "there is no python3 here".to_owned(),
            }
        } else {
            compared(python, Contender::Warm, Contender::Python)
        },
        compared(
            "enable.inprocess_vs_native_spawn",
            Contender::InProcess,
            Contender::Native,
        ),
        compared("enable.execute_vs_native_spawn", Contender::Execute, Contender::Native),
    ]
}

impl Contender {
    fn name(self) -> &'static str {
        match self {
            Self::Warm => "ready worker",
            Self::Any => "ready worker, for any command",
            Self::Native => "native program",
            Self::Cold => "worker started for it",
            Self::InProcess => "in process",
            Self::Execute => "ready worker, component checked",
            Self::Python => "python3",
        }
    }
}

impl Field<'_> {
    /// Enables once, and says how long it took.
    fn run(&self, contender: Contender) -> anyhow::Result<Duration> {
        let [in_worker, here] = &self.codes;
        match contender {
            Contender::Warm => {
                // Waits until one is ready.
                self.workers.isolation()?;
                self.run_ready(in_worker)
            }
            Contender::Any => {
                self.workers.isolation()?;
                self.run_in(&self.workers, in_worker)
            }
            Contender::InProcess => self.run_in(&self.in_process, here),
            Contender::Cold => self.run_cold(),
            Contender::Execute => self.execute(),
            Contender::Native => self.spawn(&mut Process::new(self.native)),
            Contender::Python => {
                let python = self.python.as_deref().unwrap_or_else(|| Path::new("python3"));
                self.spawn(Process::new(python).args(["-I", "-S"]).arg(&self.script))
            }
        }
    }

    fn run_ready(&self, code: &Code) -> anyhow::Result<Duration> {
        let (invocation, folders) = self.place.invocation(code)?;
        let ready = self.workers.get_ready(code, invocation, folders);
        std::thread::sleep(SETTLE);
        let started = Instant::now();
        let outcome = ready.run();
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    fn run_in(&self, sandbox: &Sandbox, code: &Code) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let (invocation, folders) = self.place.invocation(code)?;
        let outcome = sandbox.run(code, &invocation, folders);
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    fn run_cold(&self) -> anyhow::Result<Duration> {
        let (component, bytes) = &self.place.component;
        let started = Instant::now();
        let sandbox = Sandbox::with_workers(&self.cold)?;
        let cache = self.place.open_cache()?;
        let code = sandbox.code(Source::new(component, bytes), Some(&cache))?;
        let (invocation, folders) = self.place.invocation(&code)?;
        let outcome = sandbox.run(&code, &invocation, folders);
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    fn execute(&self) -> anyhow::Result<Duration> {
        self.workers.isolation()?;
        let handler = Handler {
            sandbox: &self.workers,
            cache: Some(&self.place.cache),
            package: &self.place.package,
            grants: &self.place.grants,
            folders: &self.place.folders,
            settings: &self.place.settings,
            change: None,
            handed_on: None,
        };
        let started = Instant::now();
        let execution = handler.execute(Command::Enable, |_| {})?;
        let took = started.elapsed();
        succeeded(&execution.outcome)?;
        Ok(took)
    }

    /// Runs a process with the command, variables and folder that the component gets.
    fn spawn(&self, process: &mut Process) -> anyhow::Result<Duration> {
        process
            .arg(Command::Enable.name())
            .env_clear()
            .envs(self.place.variables())
            .current_dir(self.place.folders.base())
            .stdin(Stdio::null());
        let started = Instant::now();
        let output = process.output();
        let took = started.elapsed();
        let name = process.get_program().display();
        let output = output.with_context(|| format!("{name} could not be started"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{name}: {}: {said}", output.status);
        Ok(took)
    }
}

/// Fails where the command did.
pub(crate) fn succeeded(outcome: &Outcome) -> anyhow::Result<()> {
    let said = String::from_utf8_lossy(&outcome.stderr.bytes);
    anyhow::ensure!(outcome.end.is_success(), "{:?}: {said}", outcome.end);
    Ok(())
}

/// The distribution's Python, else any: one that a version switch stands before would be slower than it is.
fn python() -> Option<PathBuf> {
    let answers = |program: &Path| {
        let version = Process::new(program).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    ["/usr/bin/python3", "python3"]
        .map(PathBuf::from)
        .into_iter()
        .find(|program| answers(program))
}
