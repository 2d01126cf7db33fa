//! Where the terms are measured: `hello` in place, and a component that does nothing.

use std::process::Command as Process;
use std::time::{Duration, Instant};

use hostler_contract::Source;
use hostler_host::sandbox::{Code, Outcome, Sandbox, WorkerOptions};
use tempfile::TempDir;

use super::SETTLE;
use crate::guest::{Guest, Job, job, succeeded};
use crate::place::Place;
use crate::process::timed;
use crate::surroundings::Surroundings;

/// Everything that the terms need.
pub(super) struct Field {
    place: Place,
    workers: Sandbox,
    here: Sandbox,
    cold: WorkerOptions,
    enable: Code,
    enable_here: Code,
    nothing: Guest,
    nothing_here: Guest,
    empty: TempDir,
}

impl Field {
    pub(super) fn new(around: &Surroundings) -> anyhow::Result<Self> {
        let workers = around.workers()?;
        // As a worker does: what differs is where it runs, and not how.
        let here = Sandbox::in_process_blocking()?;
        let place = Place::new(&around.folder, &workers, &around.package, r#"{"name": "Ada"}"#)?;
        Ok(Self {
            enable: place.code(&workers)?,
            enable_here: place.code(&here)?,
            nothing: Guest::new(&workers, &around.guest, None)?,
            nothing_here: Guest::new(&here, &around.guest, None)?,
            cold: WorkerOptions {
                ready: 0,
                ..around.worker_options()
            },
            empty: around.new_folder()?,
            workers,
            here,
            place,
        })
    }

    pub(super) fn no_process(&self) -> anyhow::Result<Duration> {
        Ok(timed(&mut Process::new("/bin/true"))?.0)
    }

    pub(super) fn worker(&self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let sandbox = Sandbox::with_workers(&self.cold)?;
        sandbox.wait_for_workers()?;
        Ok(started.elapsed())
    }

    pub(super) fn code_from_cache(&self) -> anyhow::Result<Duration> {
        // A sandbox that has nothing at hand yet.
        let sandbox = Sandbox::with_workers(&self.cold)?;
        sandbox.wait_for_workers()?;
        let (component, bytes) = &self.place.component;
        let started = Instant::now();
        let cache = self.place.open_cache()?;
        sandbox.code(Source::new(component, bytes), Some(&cache))?;
        Ok(started.elapsed())
    }

    /// No file is removed: it looks at its arguments, and says how long that took.
    fn nothing(&self) -> anyhow::Result<Job> {
        job(&["unlink", "0"], Some(self.empty.path()), &[])
    }

    pub(super) fn nothing_any(&self) -> anyhow::Result<Duration> {
        self.workers.wait_for_workers()?;
        let started = Instant::now();
        let outcome = self.nothing.run(self.nothing()?);
        ended(started, &outcome)
    }

    pub(super) fn nothing_warm(&self) -> anyhow::Result<Duration> {
        self.workers.wait_for_workers()?;
        self.warm(self.nothing.code(), self.nothing()?)
    }

    pub(super) fn nothing_here(&self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let outcome = self.nothing_here.run(self.nothing()?);
        ended(started, &outcome)
    }

    pub(super) fn enable_here(&self) -> anyhow::Result<Duration> {
        self.enabled(|| {
            let started = Instant::now();
            let (invocation, folders) = self.place.invocation(&self.enable_here)?;
            let outcome = self.here.run(&self.enable_here, &invocation, folders);
            ended(started, &outcome)
        })
    }

    pub(super) fn enable_warm(&self) -> anyhow::Result<Duration> {
        self.enabled(|| {
            self.workers.wait_for_workers()?;
            self.warm(&self.enable, self.place.invocation(&self.enable)?)
        })
    }

    pub(super) fn enable_any(&self) -> anyhow::Result<Duration> {
        self.enabled(|| {
            self.workers.wait_for_workers()?;
            let started = Instant::now();
            let (invocation, folders) = self.place.invocation(&self.enable)?;
            let outcome = self.workers.run(&self.enable, &invocation, folders);
            ended(started, &outcome)
        })
    }

    pub(super) fn enable_cold(&self) -> anyhow::Result<Duration> {
        self.enabled(|| self.place.enable_cold(&self.cold))
    }

    /// From the word to begin to the outcome.
    fn warm(&self, code: &Code, (invocation, folders): Job) -> anyhow::Result<Duration> {
        let ready = self.workers.get_ready(code, invocation, folders);
        std::thread::sleep(SETTLE);
        let started = Instant::now();
        let outcome = ready.run();
        ended(started, &outcome)
    }

    /// Lets `enable` be done, and looks whether it was.
    fn enabled(&self, enable: impl FnOnce() -> anyhow::Result<Duration>) -> anyhow::Result<Duration> {
        self.place.forget_status()?;
        let took = enable()?;
        self.place.check_status("enable")?;
        Ok(took)
    }
}

fn ended(started: Instant, outcome: &Outcome) -> anyhow::Result<Duration> {
    let took = started.elapsed();
    succeeded(outcome)?;
    Ok(took)
}
