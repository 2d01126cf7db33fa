//! What the threads tell each other of how the agent is: for the report and for metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::report::{AgentReport, Following};

/// How often something happened since the agent started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Looks at the source that gave something usable.
    pub looks_good: u64,
    /// Looks that did not.
    pub looks_bad: u64,
    /// Goal states that were begun.
    pub goal_states: u64,
    /// Policies that were taken into force again.
    pub policies_good: u64,
    /// Policies that were refused.
    pub policies_bad: u64,
}

/// The same for what reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// Reports that were written.
    pub good: u64,
    /// Reports that could not be.
    pub bad: u64,
    /// When the last one was made, in seconds since 1970.
    pub last: i64,
    /// Handlers by their word (`Ready`, `NotReady`, or anything a heartbeat says), and how many of them are not well.
    pub handlers: BTreeMap<&'static str, u64>,
    /// How many are not well.
    pub not_well: u64,
    /// Reports that were put where they go.
    pub uploads_good: u64,
    /// Reports that could not be.
    pub uploads_bad: u64,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Now {
    /// What the agent says of itself.
    pub agent: AgentReport,
    /// What it decided.
    pub counts: Counts,
    /// What was reported.
    pub reported: Reported,
    /// Where reports are put; kept apart from the rest, which another thread writes.
    pub upload: Option<Following>,
}

/// The one place of it, for all threads.
#[derive(Debug, Clone)]
pub struct Published(Arc<Mutex<Now>>);

impl Published {
    /// At the beginning.
    pub fn new(agent: AgentReport, upload: Option<Following>) -> Self {
        Self(Arc::new(Mutex::new(Now {
            agent,
            counts: Counts::default(),
            reported: Reported::default(),
            upload,
        })))
    }

    /// As it is now.
    pub fn now(&self) -> Now {
        self.lock().clone()
    }

    /// The agent's report, with what the other threads have to say.
    pub fn agent(&self) -> AgentReport {
        let now = self.lock();
        AgentReport {
            upload: now.upload.clone(),
            ..now.agent.clone()
        }
    }

    /// Changes it by `change`.
    pub fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.lock());
    }

    /// What a thread that panicked left is whole: it is written by plain assignments.
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
