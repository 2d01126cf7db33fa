//! Brings a root to what a goal state asks for, as the native agent would (contract 7 and 8): one entry after another,
//! each for itself.
//!
//! ```text
//! goal state ──► order ──► version ──► table of steps ──► package, settings, commands ──► record ──► report
//! ```
//!
//! What is on the disk at any moment is a state from which the next `apply` goes on.

mod approval;
mod audited;
mod audited_grants;
mod dependency;
mod desired;
mod entry;
mod fault;
mod index_check;
mod interrupted;
mod kept_out;
mod not_carried_out;
mod place;
mod prove;
mod resolve;
mod roll_back;
mod several;
mod standing;
mod steps;
mod sweep;
mod transition;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::status::timestamp;
use hostler_contract::{Command, Finding, HandlerIdentity, HandlerName};
use hostler_fetch::Fetcher;
use time::OffsetDateTime;

use crate::audit::{AuditError, AuditLog};
use crate::goal_state::{EntryOutcome, Gate, GoalState, work_items};
use crate::grants::Policy;
use crate::handler_dir::HandlerDirError;
use crate::limits::LimitName;
use crate::report::{GoalStateReport, Outcome};
use crate::repository::RepositoryKeys;
use crate::root::Root;
use crate::sandbox::{CodeCache, IsolationReport, Sandbox};
use crate::services::Services;
use crate::state::{Kind, StateError, Store, Write};
use interrupted::Interrupted;

/// All that applying a goal state needs.
pub struct Host<'a> {
    /// The root, locked.
    root: &'a Root,
    /// What is remembered of it.
    store: &'a mut Store,
    /// What was decided and done in it.
    audit: &'a mut AuditLog,
    /// The engine.
    sandbox: &'a Sandbox,
    /// What components run behind.
    isolation: IsolationReport,
    /// Where compiled code is kept.
    cache: Option<&'a CodeCache>,
    /// Where documents and packages come from.
    fetcher: &'a Fetcher,
    /// Limits lowered for every command.
    lowered: &'a [(LimitName, u64)],
    /// Who keeps what runs on; `None` where nobody stays.
    services: Option<&'a Services>,
    /// What may be granted.
    policy: Policy,
    /// Who signs for the repositories that version manifests come from; `None` where that is not asked.
    keys: Option<&'a RepositoryKeys>,
    /// Told of what begins.
    watch: &'a mut dyn FnMut(Event<'_>),
    /// Whether to stop before the next step.
    stop: Option<&'a AtomicBool>,
    /// What was interrupted; found out when a goal state is taken up.
    interrupted: Interrupted,
    /// The handlers that had a turn in this goal state.
    begun: BTreeSet<String>,
}

/// What is written down of a root: what the host goes on from, and what it has done.
#[derive(Debug)]
pub struct Records<'a> {
    /// What is remembered.
    pub store: &'a mut Store,
    /// What was decided and done.
    pub audit: &'a mut AuditLog,
}

/// How commands run.
#[derive(Debug)]
pub struct Running<'a> {
    /// What compiles and runs components.
    pub sandbox: &'a Sandbox,
    /// What components run behind.
    pub isolation: IsolationReport,
    /// Where compiled code is kept; `None` compiles anew each time.
    pub cache: Option<&'a CodeCache>,
    /// Limits lowered for every command.
    pub lowered: &'a [(LimitName, u64)],
    /// Who keeps services; `None` where nobody stays to do so, which is said of a handler that has one.
    pub services: Option<&'a Services>,
}

/// What begins.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A package is fetched and put in place.
    Gets(&'a HandlerIdentity),
    /// A command runs.
    Runs(&'a HandlerIdentity, Command),
    /// A handler is done with.
    Done,
}

/// What became of a goal state as a whole; how its handlers are is in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was taken up: carried out, or put on hold as it says.
    TakenUp,
    /// It was refused, since it asks for what this host does not have.
    Refused,
}

/// Why nothing more could be done: the host's own state or folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The store.
    #[error(transparent)]
    State(#[from] StateError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A folder.
    #[error(transparent)]
    Folders(HandlerDirError),
    /// It was told to stop; the next one goes on from there.
    #[error("it was stopped before all of the goal state was carried out")]
    Stopped,
}

impl<'a> Host<'a> {
    /// A host of `root`, which is locked, with its `records`. Commands run as `running` says; documents and packages come
    /// from `fetcher`; `watch` is told of what begins. There is no policy ([`Self::under`]).
    pub fn new(
        root: &'a Root,
        records: Records<'a>,
        running: Running<'a>,
        fetcher: &'a Fetcher,
        watch: &'a mut dyn FnMut(Event<'_>),
    ) -> Self {
        Self {
            root,
            store: records.store,
            audit: records.audit,
            sandbox: running.sandbox,
            isolation: running.isolation,
            cache: running.cache,
            fetcher,
            lowered: running.lowered,
            services: running.services,
            policy: Policy::none(),
            keys: None,
            watch,
            stop: None,
            interrupted: Interrupted::new(),
            begun: BTreeSet::new(),
        }
    }

    /// The same host, which stops before the next step once `stop` is set: a command that runs comes to its end.
    #[must_use]
    pub fn until(self, stop: &'a AtomicBool) -> Self {
        Self {
            stop: Some(stop),
            ..self
        }
    }

    fn go_on(&self) -> Result<(), ApplyError> {
        match self.stop {
            Some(stop) if stop.load(Ordering::SeqCst) => Err(ApplyError::Stopped),
            _ => Ok(()),
        }
    }

    /// The same host under `policy`.
    #[must_use]
    pub fn under(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The same host, which takes only version manifests that are in an index signed with one of `keys`, if there are any.
    #[must_use]
    pub fn trusting(self, keys: Option<&'a RepositoryKeys>) -> Self {
        Self { keys, ..self }
    }

    /// Carries `goal_state` out. `damaged` is what was found damaged of the host's own state.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]. What is wrong with an entry, a package or a handler is reported there and stops no other.
    pub fn apply(&mut self, goal_state: &GoalState, damaged: Vec<Finding>) -> Result<Applied, ApplyError> {
        self.audit_damaged(&damaged)?;
        self.interrupted = self.take_note_of_interrupted()?;
        let mut report = self.take_up(goal_state, damaged)?;
        let unsupported = goal_state.unsupported_features();
        if goal_state.settings.on_hold {
            Self::hold(goal_state, &mut report);
        } else if !unsupported.is_empty() {
            self.refuse_features(goal_state, &unsupported, &mut report)?;
            self.put_goal_state(&report)?;
            return Ok(Applied::Refused);
        } else {
            // For whoever looks while it is carried out.
            self.put_goal_state(&report)?;
            self.process(goal_state, &mut report)?;
        }
        self.put_goal_state(&report)?;
        Ok(Applied::TakenUp)
    }

    fn take_up(&mut self, goal_state: &GoalState, damaged: Vec<Finding>) -> Result<GoalStateReport, ApplyError> {
        let before: Option<GoalStateReport> = self.store.get(Kind::GoalState, "")?;
        let mut handlers = names(goal_state);
        if goal_state.settings.on_hold {
            let before = before.iter().flat_map(|before| &before.handlers);
            let others: Vec<HandlerName> = before.filter(|name| !handlers.contains(name)).cloned().collect();
            handlers.extend(others);
        }
        let mut findings = damaged;
        findings.extend(goal_state.warnings.iter().cloned());
        Ok(GoalStateReport {
            source: goal_state.source.display(),
            number: goal_state.settings.in_svd_seq_no.clone(),
            processed: timestamp(OffsetDateTime::now_utc()),
            isolation: Some(self.isolation.clone()),
            outcome: None,
            carried_out: false,
            on_hold: false,
            host_failed: false,
            findings,
            handlers,
            removed: vec![],
            last: before.and_then(|before| before.last),
        })
    }

    fn put_goal_state(&mut self, report: &GoalStateReport) -> Result<(), ApplyError> {
        self.commit(vec![Write::put(Kind::GoalState, "", report)?])
    }

    /// Carries out every entry, and takes away what has none.
    fn process(&mut self, goal_state: &GoalState, report: &mut GoalStateReport) -> Result<(), ApplyError> {
        let items = work_items(&goal_state.settings.handlers);
        let mut gate = Gate::new(&items);
        let mut refused = Vec::new();
        self.begun.clear();
        let began = Instant::now();
        for item in &items {
            self.go_on()?;
            let went = match item.turn {
                Ok(turn) => match gate.closed() {
                    Some(why) => {
                        self.skip(turn, why)?;
                        EntryOutcome::HandlerFailed
                    }
                    None => {
                        let went = self.carry_out(goal_state, turn, report)?;
                        match gate.is_depended_on(item.key) {
                            true => self.wait_for(turn, went, began)?,
                            false => went,
                        }
                    }
                },
                Err(bad) => {
                    match &bad.name {
                        // Two entries for one handler are one report.
                        Some(name) if !refused.contains(&name) => {
                            refused.push(name);
                            self.refuse_entry(goal_state, name, bad)?;
                        }
                        Some(_) => {}
                        None => report.findings.extend_from_slice(bad.refused.findings()),
                    }
                    // What depends on it cannot be known either, so it stops nothing.
                    EntryOutcome::Well
                }
            };
            if let Ok(turn) = item.turn {
                gate.note(&turn.full_name(), item.key, went);
            }
            (self.watch)(Event::Done);
        }
        self.sweep(goal_state, report)?;
        report.conclude(outcome(goal_state));
        report.carried_out = true;
        Ok(())
    }
}

/// The names of a goal state's handlers, each once, in its order.
fn names(goal_state: &GoalState) -> Vec<HandlerName> {
    let mut names: Vec<HandlerName> = Vec::new();
    for entry in &goal_state.settings.handlers {
        let name = match entry {
            Ok(entry) => Some(&entry.name),
            Err(bad) => bad.name.as_ref(),
        };
        names.extend(name.filter(|name| !names.contains(name)).cloned());
    }
    names
}

/// It says `Success` even where handlers failed (contract 9.1); an entry that names none is the goal state's own fault.
fn outcome(goal_state: &GoalState) -> Outcome {
    if goal_state.settings.entries_without_name() {
        return Outcome {
            code: UNKNOWN,
            message: "An entry of the goal state does not say which handler it is for; all others were processed"
                .to_owned(),
        };
    }
    Outcome {
        code: 0,
        message: "GoalState executed successfully".to_owned(),
    }
}
