//! The supervisor's side of workers: starts them, gives them their jobs, and believes no more of their answers than can
//! be checked (design D7).
//!
//! Run workers are started ahead of need, so that a command does not wait for a process to start. No more of them
//! compute at one time than there are processors.

mod compile;
mod package;
mod process;
mod run;
mod slots;
mod trust;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, PoisonError};

use super::isolation::{IsolationReport, RequiredIsolation};
use super::worker::Role;
use process::{Process, StartError};
use slots::Slots;

/// Which program workers are, and what is asked of them.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The program that is started as a worker: one that calls [`worker_main`](super::worker_main) first of all.
    pub program: PathBuf,
    /// The least isolation with which a job is done.
    pub required: RequiredIsolation,
    /// How many run workers are kept ready. Default 1. With 0 each is started when a command wants it, which waits for it.
    pub ready: usize,
}

impl WorkerOptions {
    /// This program once more, with one worker ready.
    pub fn this_program(required: RequiredIsolation) -> Self {
        Self {
            // By the kernel's own link, so that a program that was replaced meanwhile is still this one.
            program: PathBuf::from("/proc/self/exe"),
            required,
            ready: 1,
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
    Start(Role, SyncSender<Started>),
    /// To wait until a worker that was ended is gone.
    Reap(Process),
}

/// All workers of one supervisor.
#[derive(Debug)]
pub(super) struct Workers {
    required: RequiredIsolation,
    requests: Sender<Request>,
    ready: Mutex<VecDeque<Receiver<Started>>>,
    /// Whether they are started ahead of need at all.
    keeps_ready: bool,
    slots: Slots,
}

impl Workers {
    /// Begins to start workers.
    ///
    /// # Errors
    ///
    /// [`WorkersError::Thread`].
    pub(super) fn start(options: &WorkerOptions) -> Result<Self, WorkersError> {
        let (requests, asked) = mpsc::channel();
        let program = options.program.clone();
        // A worker dies with the thread that started it, so this one lives as long as the supervisor works.
        std::thread::Builder::new()
            .name("workers".into())
            .spawn(move || {
                for request in asked {
                    match request {
                        // Who asked may have gone away; then the worker goes too.
                        Request::Start(role, give) => drop(give.send(Process::start(&program, role))),
                        Request::Reap(mut process) => drop(process.end()),
                    }
                }
            })
            .map_err(WorkersError::Thread)?;
        let workers = Self {
            required: options.required,
            requests,
            ready: Mutex::default(),
            keeps_ready: options.ready > 0,
            slots: Slots::as_many_as_processors(),
        };
        for _ in 0..options.ready {
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

    /// A run worker: one that is ready, if there is one.
    fn take_ready(&self) -> Started {
        let first = self.ready().pop_front();
        first
            .unwrap_or_else(|| self.ask(Role::Run))
            .recv()
            .unwrap_or_else(|_| Err(gone()))
    }

    /// A prepare worker.
    fn prepare_worker(&self) -> Started {
        self.ask(Role::Prepare).recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Begins to start the worker that takes the place of one that was taken.
    fn replace_taken(&self) {
        if self.keeps_ready {
            self.start_one_more();
        }
    }

    fn start_one_more(&self) {
        let started = self.ask(Role::Run);
        self.ready().push_back(started);
    }

    fn ask(&self, role: Role) -> Receiver<Started> {
        let (give, take) = mpsc::sync_channel(1);
        // When the thread is gone, so is `give`, and whoever waits is told.
        let _ = self.requests.send(Request::Start(role, give));
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

fn gone() -> StartError {
    StartError::Spawn("the thread that starts workers has ended".to_owned())
}
