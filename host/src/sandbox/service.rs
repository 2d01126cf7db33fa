//! A component that runs on after its command: the handler's service.
//!
//! It is run as a command is, with the same folders and limits, but without a deadline, and with processor time that
//! comes back as time passes. It is told to stop by the end of its standard input, and ended when it does not.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::Engine;

use super::stop::Stop;
use super::workers::RunningWorker;
use super::{Handed, Invocation, Outcome};
use crate::sandbox::run::Runnable;

/// A service that runs. Dropping it ends it.
#[derive(Debug)]
pub struct RunningService(pub(super) Runs);

/// Where it runs.
#[derive(Debug)]
pub(super) enum Runs {
    /// In a worker of its own.
    Worker(Box<RunningWorker>),
    /// On a thread of this process.
    Here(Thread),
}

impl RunningService {
    /// What came of it, once it has ended. Does not wait; a service that has been looked at when it had ended is over.
    ///
    /// Also looks at what it has on disk now and then, from outside, where it runs in a worker.
    pub fn ended(&mut self) -> Option<Outcome> {
        match &mut self.0 {
            Runs::Worker(worker) => worker.ended(),
            Runs::Here(thread) => thread.ended(),
        }
    }

    /// Tells it to stop: its standard input ends.
    pub fn tell_to_stop(&self) {
        match &self.0 {
            Runs::Worker(worker) => worker.tell_to_stop(),
            Runs::Here(thread) => thread.stop.tell(),
        }
    }

    /// The number of the process that it runs in, where that is one of its own.
    pub fn process(&self) -> Option<u32> {
        match &self.0 {
            Runs::Worker(worker) => Some(worker.process()),
            Runs::Here(_) => None,
        }
    }
}

/// A service on a thread of this process.
pub(super) struct Thread {
    stop: Stop,
    engine: Engine,
    /// What came of it, once it has ended: a channel would take three times as much memory for as long as it lives.
    outcome: Arc<Mutex<Option<Outcome>>>,
}

impl Thread {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When there is no thread.
    pub(super) fn start(runnable: Runnable, invocation: Invocation, handed: Handed) -> std::io::Result<Self> {
        let outcome = Arc::new(Mutex::new(None));
        let tells = outcome.clone();
        let (stop, engine) = (Stop::default(), runnable.engine.clone());
        let told = stop.clone();
        let work = move || {
            runnable.run_here(
                &invocation,
                handed,
                &told,
                || true,
                |outcome, _| *tells.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome),
            );
        };
        // In a box: it is moved through the functions that begin a thread, each with room for it on the stack, which stays as
        // large as it once was for as long as the service lives.
        let work: Box<dyn FnOnce() + Send> = Box::new(work);
        std::thread::Builder::new().name("service".into()).spawn(work)?;
        Ok(Self { stop, engine, outcome })
    }

    fn ended(&mut self) -> Option<Outcome> {
        // Set as a whole, or not at all.
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop.end();
        // A component that computes looks up at the next turn of its loop, and lets go.
        self.engine.increment_epoch();
    }
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thread")
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
