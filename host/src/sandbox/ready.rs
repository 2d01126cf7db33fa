//! A command that is ready: all is done for it that can be done before its component is entered.
//!
//! In a worker that is most of the work: the process is behind all of its locks, with the command's folders and no
//! others, and has the code linked. It waits for the word to begin, so that what the host has to write down first takes
//! no time from anybody.

use super::run::Runnable;
use super::workers::ReadyWorker;
use super::{Handed, Invocation, Outcome};

/// A command that waits for the word to begin. Nothing of its component has run; dropping it calls the command off.
#[must_use = "dropping it calls the command off"]
pub struct ReadyCommand<'s>(pub(super) Waits<'s>);

/// Where it waits.
pub(super) enum Waits<'s> {
    /// In a worker.
    Worker(Box<ReadyWorker<'s>>),
    /// In this process, where getting ready takes no time.
    Here(Box<Here>),
    /// It cannot be run.
    Nowhere(Box<Outcome>),
}

/// A command that is to run in this process.
pub(super) struct Here {
    pub(super) runnable: Runnable,
    pub(super) invocation: Invocation,
    pub(super) handed: Handed,
}

impl ReadyCommand<'_> {
    /// Runs it, and says what came of it.
    ///
    /// Comes back at the latest some seconds after `cmd.deadline`, whatever the component does. The deadline counts from
    /// here.
    pub fn run(self) -> Outcome {
        match self.0 {
            Waits::Worker(worker) => worker.run(),
            Waits::Here(here) => here.runnable.run(&here.invocation, here.handed),
            Waits::Nowhere(outcome) => *outcome,
        }
    }
}

impl std::fmt::Debug for ReadyCommand<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = match &self.0 {
            Waits::Worker(_) => "worker",
            Waits::Here(_) => "here",
            Waits::Nowhere(_) => "nowhere",
        };
        f.debug_tuple("ReadyCommand").field(&place).finish()
    }
}
