//! The supervisor's side of workers: starts them, gives them their jobs, and believes no more of their answers than can
//! be checked (design D7).
//!
//! Workers are started ahead of need, so that a command does not wait for a process to start. No more of them compute at
//! one time than there are processors.

mod compile;
mod cpu_watch;
mod disk_watch;
mod head_start;
mod package;
mod probe;
mod process;
mod programs;
mod run;
mod slots;
mod starts;
mod trust;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::PrepareQuota;
use super::channel::Start;
use super::isolation::{IsolationReport, RequiredIsolation};
use super::worker::Role;
pub use head_start::HeadStart;
use process::{Process, StartError};
pub(super) use run::{ReadyWorker, RunningWorker};
use slots::Slots;
use starts::{Started, Starts};

/// Which program workers are, and what is asked of them.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The program that is started as a worker: one that calls [`worker_main`](super::worker_main) first of all.
    pub program: PathBuf,
    /// The program that is started as a worker that compiles nothing, where that is another one: it only calls
    /// [`small_worker_main`](super::small_worker_main). One that does not start, or is of another build, is done without.
    pub small_program: Option<PathBuf>,
    /// The least isolation with which a job is done.
    pub required: RequiredIsolation,
    /// How many run workers are kept ready. Default 2; with 0 one is started for the first command, and each other one when it
    /// is needed.
    pub ready: usize,
    /// All that will be asked of the workers, where that is known: no more of them are started ahead of need.
    pub known: Option<KnownJobs>,
    /// What opening a package or compiling a component may take.
    pub prepare: PrepareQuota,
}

/// All that will be asked of workers: one package, and then its commands one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownJobs {
    /// How many commands there will be.
    pub commands: usize,
}

impl WorkerOptions {
    /// This program once more, or for all but compiling `hostler-worker` beside it, with two workers ready.
    pub fn this_program(required: RequiredIsolation) -> Self {
        // By the kernel's own link, so that a program that was replaced meanwhile is still this one.
        Self::of_program("/proc/self/exe".as_ref(), required)
    }

    /// The same with `program`, one that calls [`worker_main`](super::worker_main) first of all.
    pub fn of_program(program: &Path, required: RequiredIsolation) -> Self {
        Self {
            program: program.to_owned(),
            small_program: programs::beside(program),
            required,
            ready: 2,
            known: None,
            prepare: PrepareQuota::default(),
        }
    }
}

/// Why no worker can be had.
#[derive(Debug, thiserror::Error)]
pub enum WorkersError {
    /// The thread that starts them cannot be started.
    #[error("workers cannot be started: {0}")]
    Thread(#[source] std::io::Error),
    /// They do not start.
    #[error("{0}")]
    Start(String),
    /// Less isolation than is required.
    #[error("{} isolation is required, and there is less here: {lacks}", required.name())]
    Isolation {
        /// What is required.
        required: RequiredIsolation,
        /// What is missing.
        lacks: String,
    },
}

impl From<StartError> for WorkersError {
    fn from(error: StartError) -> Self {
        Self::Start(error.to_string())
    }
}

/// All workers of one supervisor.
#[derive(Debug)]
pub(super) struct Workers {
    required: RequiredIsolation,
    quota: PrepareQuota,
    starts: Starts,
    /// One that will open a package, where it is known that there will be one.
    opens: Mutex<Option<Receiver<Started>>>,
    ready: Mutex<VecDeque<Receiver<Started>>>,
    /// How many run workers are not started yet because a package comes first.
    held_back: AtomicUsize,
    /// How many more run workers may be started before they are needed, and how soon they are.
    to_come: Mutex<usize>,
    start: Start,
    seen: OnceLock<IsolationReport>,
    slots: Arc<Slots>,
}

impl Workers {
    /// Begins to start workers.
    ///
    /// # Errors
    ///
    /// [`WorkersError::Thread`].
    pub(super) fn start(options: &WorkerOptions) -> Result<Self, WorkersError> {
        Ok(Self::go_on(options, HeadStart::without_worker(options)?))
    }

    /// The same where they have begun.
    pub(super) fn go_on(options: &WorkerOptions, begun: HeadStart) -> Self {
        let HeadStart { slots, starts, opens } = begun;
        let will_open = || options.known.map(|_| starts.ask(Role::Package, Start::Expected));
        let to_come = match (options.ready, options.known) {
            (0, _) => 0,
            (_, Some(known)) => known.commands,
            (_, None) => usize::MAX,
        };
        let workers = Self {
            required: options.required,
            quota: options.prepare,
            opens: Mutex::new(opens.or_else(will_open)),
            starts,
            ready: Mutex::default(),
            held_back: AtomicUsize::new(options.ready),
            to_come: Mutex::new(to_come),
            start: options.known.map_or(Start::Ahead, |_| Start::Expected),
            seen: OnceLock::new(),
            slots,
        };
        if to_come == usize::MAX {
            // Who starts workers is likely to need one at once.
            workers.expect_one();
        }
        if !workers.will_open() {
            workers.start_held_back();
        }
        workers
    }

    /// Starts the run workers that are kept ready, once. Where a package comes first, not before there is nothing to do but to wait
    /// for its worker: their start would keep a processor from what comes first.
    fn start_held_back(&self) {
        let started = self.ready().len();
        for _ in started..self.held_back.swap(0, Ordering::Relaxed) {
            self.start_one_more();
        }
    }

    /// Whether a worker waits for a package.
    fn will_open(&self) -> bool {
        self.opens().is_some()
    }

    /// Finds out what workers are behind here.
    ///
    /// # Errors
    ///
    /// [`WorkersError`], also when that is less than is required.
    pub(super) fn probe(&self) -> Result<IsolationReport, WorkersError> {
        let report = match self.seen.get() {
            Some(report) => report.clone(),
            None => self.look()?,
        };
        match report.lacks(self.required) {
            None => Ok(report),
            Some(lacks) => Err(WorkersError::Isolation {
                required: self.required,
                lacks,
            }),
        }
    }

    /// What the worker is behind that is needed first. It stays the one that is taken first: it has not been used.
    fn look(&self) -> Result<IsolationReport, StartError> {
        let is_to_open = self.will_open();
        let process = match is_to_open {
            true => self.take_to_open()?,
            false => self.take_ready()?,
        };
        let report = process.isolation().clone();
        let (give, take) = mpsc::sync_channel(1);
        if give.send(Ok(process)).is_ok() {
            match is_to_open {
                true => *self.opens() = Some(take),
                false => self.ready().push_front(take),
            }
        }
        Ok(report)
    }

    /// Waits until every run worker that is being started is ready; where there is none, until one is.
    ///
    /// # Errors
    ///
    /// [`WorkersError`].
    pub(super) fn wait(&self) -> Result<(), WorkersError> {
        let starting = std::mem::take(&mut *self.ready());
        let started = starting.iter().filter_map(|starting| starting.recv().ok());
        let mut ready: Vec<Process> = started.filter_map(alive).collect();
        if ready.is_empty() {
            ready.push(self.needed(Role::Run)?);
        }
        for process in ready.into_iter().rev() {
            let (give, take) = mpsc::sync_channel(1);
            if give.send(Ok(process)).is_ok() {
                self.ready().push_front(take);
            }
        }
        Ok(())
    }

    /// A run worker: one that is ready, if there is one. One that did not get ready, or that somebody has ended meanwhile,
    /// does not count.
    fn take_ready(&self) -> Started {
        let _waiting = self.slots.wait_for_worker();
        loop {
            let first = self.ready().pop_front();
            let Some(ready) = first else {
                return self.needed(Role::Run);
            };
            if let Some(process) = ready.recv().ok().and_then(alive) {
                return Ok(self.noted(process));
            }
        }
    }

    /// A worker that opens a package: the one that was started for it, if there is one.
    fn take_to_open(&self) -> Started {
        let starting = self.opens().take();
        let started = starting.and_then(|starting| match starting.try_recv() {
            Ok(started) => Some(started),
            Err(_) => {
                self.start_held_back();
                starting.recv().ok()
            }
        });
        match started.and_then(alive) {
            Some(process) => Ok(self.noted(process)),
            None => self.needed(Role::Package),
        }
    }

    /// A worker that somebody waits for: no start ahead of need may stand in its way.
    fn needed(&self, role: Role) -> Started {
        let _waiting = self.slots.wait_for_worker();
        let started = self.starts.ask(role, Start::Needed).recv();
        Ok(self.noted(started.unwrap_or_else(|_| Err(starts::gone()))?))
    }

    /// Takes note of what workers are behind here.
    fn noted(&self, process: Process) -> Process {
        self.seen.get_or_init(|| process.isolation().clone());
        process
    }

    /// A command is likely to come: starts a run worker for it, where none is ready or getting ready, and no package comes first.
    pub(super) fn expect_one(&self) {
        let comes_next = !self.will_open();
        let mut ready = self.ready();
        if comes_next && ready.is_empty() {
            self.take_one_to_come();
            ready.push_back(self.starts.ask(Role::Run, Start::Needed));
        }
    }

    fn start_one_more(&self) {
        if self.take_one_to_come() {
            let started = self.starts.ask(Role::Run, self.start);
            self.ready().push_back(started);
        }
    }

    /// Counts one more that is started, if there is one to come.
    fn take_one_to_come(&self) -> bool {
        let mut to_come = self.to_come.lock().unwrap_or_else(PoisonError::into_inner);
        let has_one = *to_come > 0;
        if *to_come < usize::MAX {
            *to_come = to_come.saturating_sub(1);
        }
        has_one
    }

    /// Ends a worker whose job is done, and waits for it elsewhere.
    fn reap(&self, mut process: Process) {
        process.kill();
        self.starts.reap(process);
    }

    fn opens(&self) -> MutexGuard<'_, Option<Receiver<Started>>> {
        self.opens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<Receiver<Started>>> {
        // A queue is whole after every step.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The worker that was started, if it got ready and is still there.
fn alive(started: Started) -> Option<Process> {
    let mut process = started.ok()?;
    process.is_alive().then_some(process)
}
