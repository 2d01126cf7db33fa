//! The supervisor's side of workers: starts them, gives them their jobs, and believes no more of their answers than can
//! be checked (design D7).
//!
//! Run workers are started ahead of need, so that a command does not wait for a process to start. No more of them
//! compute at one time than there are processors.

mod compile;
mod cpu_watch;
mod disk_watch;
mod package;
mod probe;
mod process;
mod programs;
mod run;
mod slots;
mod trust;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{getpriority_process, setpriority_process};

use super::PrepareQuota;
use super::isolation::{IsolationReport, RequiredIsolation};
use super::worker::Role;
use process::{Process, StartError};
use programs::Programs;
pub(super) use run::{ReadyWorker, RunningWorker};
use slots::Slots;

/// Which program workers are, and what is asked of them.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The program that is started as a worker: one that calls [`worker_main`](super::worker_main) first of all.
    pub program: PathBuf,
    /// The program that is started as a run worker, where that is another one: it only calls
    /// [`run_worker_main`](super::run_worker_main). One that does not start, or is of another build, is done without.
    pub run_program: Option<PathBuf>,
    /// The least isolation with which a job is done.
    pub required: RequiredIsolation,
    /// How many run workers are kept ready. Default 2; with 0 one is started for the first command, and each other one when it
    /// is needed.
    pub ready: usize,
    /// What opening a package or compiling a component may take.
    pub prepare: PrepareQuota,
}

impl WorkerOptions {
    /// This program once more, or for commands `hostler-worker` beside it, with two workers ready.
    pub fn this_program(required: RequiredIsolation) -> Self {
        // By the kernel's own link, so that a program that was replaced meanwhile is still this one.
        Self::of_program("/proc/self/exe".as_ref(), required)
    }

    /// The same with `program`, one that calls [`worker_main`](super::worker_main) first of all.
    pub fn of_program(program: &Path, required: RequiredIsolation) -> Self {
        Self {
            program: program.to_owned(),
            run_program: programs::beside(program),
            required,
            ready: 2,
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

type Started = Result<Process, StartError>;

/// What the thread that starts workers is asked.
enum Request {
    /// A worker.
    Start(Role, bool, SyncSender<Started>),
    /// To wait until a worker that was ended is gone.
    Reap(Process),
}

/// All workers of one supervisor.
#[derive(Debug)]
pub(super) struct Workers {
    required: RequiredIsolation,
    quota: PrepareQuota,
    keeps_ready: bool,
    requests: Sender<Request>,
    ready: Mutex<VecDeque<Receiver<Started>>>,
    slots: Arc<Slots>,
}

impl Workers {
    /// Begins to start workers.
    ///
    /// # Errors
    ///
    /// [`WorkersError::Thread`].
    pub(super) fn start(options: &WorkerOptions) -> Result<Self, WorkersError> {
        let (requests, asked) = mpsc::channel();
        let mut programs = Programs::new(&options.program, options.run_program.as_deref());
        let slots = Arc::new(Slots::as_many_as_processors());
        let places = Arc::clone(&slots);
        // A worker dies with the thread that started it, so this one lives as long as the supervisor works.
        std::thread::Builder::new()
            .name("workers".into())
            .spawn(move || {
                lower_own_weight();
                for request in asked {
                    match request {
                        // Who asked may have gone away; then the worker goes too.
                        Request::Start(role, is_ahead, give) => {
                            let _place = is_ahead.then(|| places.take_to_start());
                            drop(give.send(programs.start(role, is_ahead)));
                        }
                        Request::Reap(mut process) => drop(process.end()),
                    }
                }
            })
            .map_err(WorkersError::Thread)?;
        let workers = Self {
            required: options.required,
            quota: options.prepare,
            keeps_ready: options.ready > 0,
            requests,
            ready: Mutex::default(),
            slots,
        };
        if workers.keeps_ready {
            // Who starts workers is likely to need one at once.
            workers.expect_one();
        }
        for _ in 1..options.ready {
            workers.start_one_more();
        }
        Ok(workers)
    }

    /// Finds out what workers are behind here.
    ///
    /// # Errors
    ///
    /// [`WorkersError`], also when that is less than is required.
    pub(super) fn probe(&self) -> Result<IsolationReport, WorkersError> {
        let process = self.take_ready()?;
        let report = process.isolation().clone();
        // Back to the front: it has not been used.
        let (give, take) = mpsc::sync_channel(1);
        if give.send(Ok(process)).is_ok() {
            self.ready().push_front(take);
        }
        match report.lacks(self.required) {
            None => Ok(report),
            Some(lacks) => Err(WorkersError::Isolation {
                required: self.required,
                lacks,
            }),
        }
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
            if let Ok(Ok(mut process)) = ready.recv()
                && process.is_alive()
            {
                return Ok(process);
            }
        }
    }

    /// A worker that somebody waits for: no start ahead of need may stand in its way.
    fn needed(&self, role: Role) -> Started {
        let _waiting = self.slots.wait_for_worker();
        self.ask(role, false).recv().unwrap_or_else(|_| Err(gone()))
    }

    /// A command is likely to come: starts a run worker for it, where none is ready or getting ready.
    pub(super) fn expect_one(&self) {
        let mut ready = self.ready();
        if ready.is_empty() {
            ready.push_back(self.ask(Role::Run, false));
        }
    }

    fn start_one_more(&self) {
        if !self.keeps_ready {
            return;
        }
        let started = self.ask(Role::Run, true);
        self.ready().push_back(started);
    }

    fn ask(&self, role: Role, is_ahead: bool) -> Receiver<Started> {
        let (give, take) = mpsc::sync_channel(1);
        // When the thread is gone, so is `give`, and whoever waits is told.
        let _ = self.requests.send(Request::Start(role, is_ahead, give));
        take
    }

    /// Ends a worker whose job is done, and waits for it elsewhere.
    fn reap(&self, mut process: Process) {
        process.kill();
        let _ = self.requests.send(Request::Reap(process));
    }

    fn ready(&self) -> std::sync::MutexGuard<'_, VecDeque<Receiver<Started>>> {
        // A queue is whole after every step.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lowers the weight of this thread, and with it of every process that it starts: workers get less of a busy machine than
/// the supervisor and everybody else. They cannot raise it again.
fn lower_own_weight() {
    const NICER: i32 = 5;
    let lowered = getpriority_process(None).and_then(|weight| setpriority_process(None, (weight + NICER).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "workers get as much of the machine as others");
    }
}

fn gone() -> StartError {
    StartError::Spawn("the thread that starts workers has ended".to_owned())
}
