//! Where all of them enable: one handler in place, and everything that they need.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hostler_contract::Command;
use hostler_host::sandbox::{Code, Sandbox, WorkerOptions};

use super::function::Function;
use super::others::Wasmtime;
use super::{SETTLE, Who};
use crate::guest::succeeded;
use crate::place::Place;
use crate::plain::Kept;
use crate::process::timed;
use crate::surroundings::{NO_PYTHON, Surroundings, python, version};

/// The work in Python.
const PYTHON: &str = include_str!("enable.py");

/// The work in sh.
const SHELL: &str = include_str!("enable.sh");

/// The settings of the handler.
pub(super) const SETTINGS: &str = r#"{"name": "Ada"}"#;

/// Everything that the contenders need.
pub(super) struct Field<'a> {
    around: &'a Surroundings,
    place: Place,
    workers: Sandbox,
    in_process: Sandbox,
    blocking: Sandbox,
    cold: WorkerOptions,
    code: Code,
    code_here: Code,
    code_blocking: Code,
    bare: Kept,
    function: RefCell<Function>,
    python: Option<PathBuf>,
    wasmtime: Result<Wasmtime, String>,
}

impl<'a> Field<'a> {
    pub(super) fn new(around: &'a Surroundings) -> anyhow::Result<Self> {
        let workers = around.workers()?;
        let (in_process, blocking) = (Sandbox::in_process()?, Sandbox::in_process_blocking()?);
        let place = Place::new(&around.folder, &workers, &around.package, SETTINGS)?;
        let files = [("enable.py", PYTHON), ("enable.sh", SHELL), ("0.settings", SETTINGS)];
        for (name, text) in files {
            let path = place.outside(name);
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        let code = place.code(&workers)?;
        let (code_here, code_blocking) = (place.code(&in_process)?, place.code(&blocking)?);
        Ok(Self {
            around,
            in_process,
            blocking,
            cold: WorkerOptions {
                ready: 0,
                ..around.worker_options()
            },
            function: RefCell::new(Function::start(&around.function()?, &place)?),
            python: python(),
            wasmtime: Wasmtime::find(&place, &code),
            bare: place.wasmtime_alone(&code)?,
            code,
            code_here,
            code_blocking,
            workers,
            place,
        })
    }

    /// Why `who` does not take part, if so.
    pub(super) fn why_not(&self, who: Who) -> Option<String> {
        match who {
            Who::Python if self.python.is_none() => Some(NO_PYTHON.to_owned()),
            Who::Wasmtime => self.wasmtime.as_ref().err().cloned(),
            _ => None,
        }
    }

    /// What is compared, for the page.
    pub(super) fn about(&self) -> String {
        let others = [
            self.python.as_deref().and_then(version),
            self.wasmtime
                .as_ref()
                .ok()
                .map(|wasmtime| wasmtime.version().to_owned()),
        ];
        let others: Vec<String> = others.into_iter().flatten().collect();
        format!(
            "The sample handler hello reads its environment, its settings and the last sequence number, logs a line and \
             writes a status; the component, the native program (dynamically linked) and the function are the same source. \
             The scripts do the same: sh is /bin/sh with tr, date and mv, Python is run with -I -S, without its site \
             packages. `hostler run` is a whole process that checks and unpacks the package, installs and enables. \
             wasmtime alone is an embedder without hostler, who keeps compiled code, linked imports and open folders from \
             run to run, and holds nobody to any limit. After each turn the status has to be there. Others here: {}.",
            if others.is_empty() {
                "none".to_owned()
            } else {
                others.join(", ")
            }
        )
    }

    /// Enables once, and says how long it took. A status has to come of it.
    pub(super) fn enable(&self, who: Who) -> anyhow::Result<Duration> {
        if who == Who::CommandLine {
            return self.command_line();
        }
        self.place.forget_status()?;
        let took = self.run(who)?;
        self.place.check_status(who.name())?;
        Ok(took)
    }

    fn run(&self, who: Who) -> anyhow::Result<Duration> {
        match who {
            Who::Warm => {
                // Waits until one is ready.
                self.workers.wait_for_workers()?;
                self.ready()
            }
            Who::Any => {
                self.workers.wait_for_workers()?;
                self.anew(&self.workers, &self.code)
            }
            Who::InProcess => self.anew(&self.in_process, &self.code_here),
            Who::Blocking => self.anew(&self.blocking, &self.code_blocking),
            Who::Bare => {
                let started = Instant::now();
                self.bare.run()?;
                Ok(started.elapsed())
            }
            Who::Cold => self.place.enable_cold(&self.cold),
            Who::Execute => self.execute(),
            Who::Function => self.function.borrow_mut().call(),
            Who::Native => self.spawn(&mut Process::new(&self.around.native)),
            Who::Shell => self.spawn(Process::new("sh").arg(self.place.outside("enable.sh"))),
            Who::Python => {
                let python = self.python.as_deref().context(NO_PYTHON)?;
                let script = self.place.outside("enable.py");
                self.spawn(Process::new(python).args(["-I", "-S"]).arg(script))
            }
            Who::Wasmtime => {
                let wasmtime = self.wasmtime.as_ref().map_err(|why| anyhow::anyhow!("{why}"))?;
                Ok(timed(&mut wasmtime.command(&self.place))?.0)
            }
            Who::CommandLine => self.command_line(),
        }
    }

    fn ready(&self) -> anyhow::Result<Duration> {
        let (invocation, folders) = self.place.invocation(&self.code)?;
        let ready = self.workers.get_ready(&self.code, invocation, folders);
        std::thread::sleep(SETTLE);
        let started = Instant::now();
        let outcome = ready.run();
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    fn anew(&self, sandbox: &Sandbox, code: &Code) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let (invocation, folders) = self.place.invocation(code)?;
        let outcome = sandbox.run(code, &invocation, folders);
        let took = started.elapsed();
        succeeded(&outcome)?;
        Ok(took)
    }

    fn execute(&self) -> anyhow::Result<Duration> {
        self.workers.wait_for_workers()?;
        let handler = self.place.handler(&self.workers);
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
            .current_dir(self.place.folders().base());
        if Path::new(process.get_program()) == Path::new("sh") {
            // For its programs.
            process.env("PATH", "/usr/bin:/bin");
        }
        Ok(timed(process)?.0)
    }

    /// Runs `hostler run` with its cache; the status goes with its root, so what it says of it counts.
    fn command_line(&self) -> anyhow::Result<Duration> {
        let home = self.place.outside("home");
        std::fs::create_dir_all(&home)?;
        let mut hostler = self.around.hostler(&home);
        hostler
            .arg("run")
            .arg(&self.around.package)
            .arg("--settings")
            .arg(self.place.outside("0.settings"))
            .arg("--cache")
            .arg(home.join("cache"));
        let (took, output) = timed(&mut hostler)?;
        let said = String::from_utf8_lossy(&output.stdout);
        anyhow::ensure!(
            said.contains("Hello, Ada"),
            "hostler run says nothing of the status: {said}"
        );
        Ok(took)
    }
}
