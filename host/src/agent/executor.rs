//! The thread that carries goal states out, one after another: it alone writes the store and the audit log.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use hostler_contract::{Finding, codes};
use hostler_fetch::Fetcher;

use super::course::Happened;
use crate::apply::{Applied, ApplyError, Event, Host, Records, Running};
use crate::audit::{AuditEvent, AuditLog, Codes, GoalStateEnd, SourceText};
use crate::goal_state::GoalState;
use crate::grants::Policy;
use crate::limits::LimitName;
use crate::repository::RepositoryKeys;
use crate::root::Root;
use crate::sandbox::{CodeCache, IsolationReport, Sandbox};
use crate::services::Services;
use crate::state::Store;

/// What is to be done.
#[derive(Debug)]
enum Job {
    CarryOut(Arc<GoalState>),
    UsePolicy(Box<Policy>),
    /// What happened to services is recorded.
    RecordServices,
    Record(AuditEvent),
}

/// All that carrying goal states out needs.
#[derive(Debug)]
pub struct Runs {
    /// The root, locked.
    pub root: Arc<Root>,
    /// What is remembered.
    pub store: Store,
    /// What was decided and done.
    pub audit: AuditLog,
    /// What was found damaged when those were opened.
    pub damaged: Vec<Finding>,
    /// What compiles and runs components.
    pub sandbox: Sandbox,
    /// What components run behind.
    pub isolation: IsolationReport,
    /// Where compiled code is kept.
    pub cache: Option<CodeCache>,
    /// Limits lowered for every command.
    pub lowered: Vec<(LimitName, u64)>,
    /// Where documents and packages come from.
    pub fetcher: Arc<Fetcher>,
    /// What may be granted.
    pub policy: Policy,
    /// Who signs for repositories; `None` where that is not asked.
    pub keys: Option<RepositoryKeys>,
    /// What runs on.
    pub services: Services,
}

/// The thread, as others see it.
#[derive(Debug)]
pub struct Executor {
    jobs: Option<Sender<Job>>,
    stop: Arc<AtomicBool>,
}

impl Executor {
    /// Starts it; `tell` hears of ends.
    ///
    /// # Errors
    ///
    /// What the system says of the thread.
    pub fn start(runs: Runs, tell: Sender<Happened>) -> io::Result<Self> {
        let (jobs, todo) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let told_to_stop = Arc::clone(&stop);
        thread::Builder::new().name("goal-state".into()).spawn(move || {
            let last_word = LastWord(tell.clone());
            if let Err(error) = work(runs, &todo, &told_to_stop, &tell) {
                // Nobody hears it only where the agent has left.
                let _ = tell.send(Happened::Failed(error));
            }
            drop(last_word);
        })?;
        Ok(Self { jobs: Some(jobs), stop })
    }

    pub(super) fn carry_out(&self, goal_state: Arc<GoalState>) {
        self.send(Job::CarryOut(goal_state));
    }

    pub(super) fn use_policy(&self, policy: Policy) {
        self.send(Job::UsePolicy(Box::new(policy)));
    }

    pub(super) fn record(&self, event: AuditEvent) {
        self.send(Job::Record(event));
    }

    /// Records what happened to services, when it is its turn.
    pub(super) fn record_services(&self) {
        self.send(Job::RecordServices);
    }

    /// It ends after the command that runs.
    pub(super) fn wind_up(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::SeqCst);
        self.jobs = None;
    }

    /// Of a thread that has ended the agent hears otherwise.
    fn send(&self, job: Job) {
        let _ = self.jobs.as_ref().map(|jobs| jobs.send(job));
    }
}

/// Says that the thread has ended, however it did.
struct LastWord(Sender<Happened>);

impl Drop for LastWord {
    fn drop(&mut self) {
        let _ = self.0.send(Happened::ExecutorGone);
    }
}

fn work(mut runs: Runs, todo: &Receiver<Job>, stop: &AtomicBool, tell: &Sender<Happened>) -> Result<(), ApplyError> {
    runs.loaded()?;
    for job in todo {
        runs.record_services()?;
        match job {
            Job::RecordServices => {}
            Job::Record(event) => {
                // Not while something of a handler still runs.
                if event == AuditEvent::AgentStopped {
                    runs.services.stop_all();
                    runs.record_services()?;
                }
                runs.audit.record_durably(&mut runs.store, event)?;
            }
            Job::UsePolicy(policy) => {
                runs.policy = *policy;
                runs.loaded()?;
            }
            Job::CarryOut(goal_state) => match runs.carry_out(&goal_state, stop) {
                Ok(()) => drop(tell.send(Happened::CarriedOut)),
                Err(ApplyError::Stopped) => tracing::info!("stopped before all of the goal state was carried out"),
                Err(error) => return Err(error),
            },
        }
    }
    runs.store.close();
    Ok(())
}

impl Runs {
    fn record_services(&mut self) -> Result<(), ApplyError> {
        let events = self.services.take_events();
        if events.is_empty() {
            return Ok(());
        }
        for event in events {
            self.audit.record(&mut self.store, event)?;
        }
        Ok(self.audit.commit(&mut self.store, vec![])?)
    }

    fn loaded(&mut self) -> Result<(), ApplyError> {
        let Some(policy) = self.policy.digest() else {
            return Ok(());
        };
        let rules = self.policy.rules().len();
        let loaded = AuditEvent::PolicyLoaded { policy, rules };
        Ok(self.audit.record_durably(&mut self.store, loaded)?)
    }

    fn carry_out(&mut self, goal_state: &GoalState, stop: &AtomicBool) -> Result<(), ApplyError> {
        tracing::info!(
            source = goal_state.source.display(),
            number = goal_state.settings.in_svd_seq_no,
            "goal state"
        );
        let begun = AuditEvent::ApplyBegun {
            source: SourceText::from(&goal_state.source),
        };
        self.audit.record_durably(&mut self.store, begun)?;
        let mut watch = |event: Event<'_>| match event {
            Event::Gets(handler) => tracing::info!(%handler, "gets"),
            Event::Runs(handler, command) => tracing::info!(%handler, %command, "runs"),
            Event::Done => {}
        };
        let mut host = Host::new(
            &self.root,
            Records {
                store: &mut self.store,
                audit: &mut self.audit,
            },
            Running {
                sandbox: &self.sandbox,
                isolation: self.isolation.clone(),
                cache: self.cache.as_ref(),
                lowered: &self.lowered,
                services: Some(&self.services),
            },
            &self.fetcher,
            &mut watch,
        )
        .under(self.policy.clone())
        .trusting(self.keys.as_ref())
        .until(stop);
        let mut goal_state = goal_state.clone();
        goal_state.look_for_hold(&self.fetcher);
        let applied = host.apply(&goal_state, std::mem::take(&mut self.damaged))?;
        let (end, codes) = match applied {
            Applied::TakenUp => (GoalStateEnd::TakenUp, Codes::of([])),
            Applied::Refused => (GoalStateEnd::Refused, Codes::of([codes::GOAL_STATE_FEATURE])),
        };
        self.audit
            .record_durably(&mut self.store, AuditEvent::ApplyEnded { end, codes })?;
        Ok(())
    }
}
