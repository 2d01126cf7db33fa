//! Brings a root to what a goal state asks for, as the native agent would (contract 7 and 8): one entry after another,
//! each for itself.
//!
//! ```text
//! goal state ──► order ──► version ──► table of steps ──► package, settings, commands ──► record ──► report
//! ```
//!
//! What is on the disk at any moment is a state from which the next `apply` goes on.

mod course;
mod entry;
mod fault;
mod place;
mod resolve;
mod standing;
mod steps;
mod sweep;
mod walk;

use hostler_contract::status::timestamp;
use hostler_contract::{Command, Finding, HandlerIdentity, HandlerName, Place, Refused, codes};
use hostler_fetch::{Fetcher, Location};
use time::OffsetDateTime;

use crate::goal_state::{Gate, GoalState, Went, work_items};
use crate::handler_dir::HandlerDirError;
use crate::limits::LimitName;
use crate::report::{GoalStateReport, HandlerReport, MachineError, Outcome};
use crate::root::Root;
use crate::sandbox::{CodeCache, Sandbox};
use crate::state::{Kind, StateError, Store, Write};

/// Code of a goal state that asks for a feature that is not there (contract 8.6).
const UNSUPPORTED: i32 = 2001;
/// Code of a goal state that could not be processed for another reason (contract 0).
const FAILED: i32 = -1;

/// All that applying a goal state needs.
pub struct Host<'a> {
    /// The root, locked.
    pub root: &'a Root,
    /// What is remembered of it.
    pub store: &'a mut Store,
    /// The engine.
    pub sandbox: &'a Sandbox,
    /// Where compiled code is kept.
    pub cache: Option<&'a CodeCache>,
    /// Where documents and packages come from.
    pub fetcher: &'a Fetcher,
    /// Limits lowered for every command.
    pub lowered: &'a [(LimitName, u64)],
    /// Told of what begins.
    pub watch: &'a mut dyn FnMut(Event<'_>),
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

/// What applying a goal state came to, beside what is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Whether it was refused as a whole, since it asks for what this host does not have.
    pub refused: bool,
    /// Whether the host itself failed at some handler.
    pub host_failed: bool,
}

/// Why nothing more could be done: the host's own state or folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The store.
    #[error(transparent)]
    State(#[from] StateError),
    /// A folder.
    #[error(transparent)]
    Folders(HandlerDirError),
    /// The report.
    #[error(transparent)]
    Report(#[from] MachineError),
}

impl Host<'_> {
    /// Carries `goal_state` out. `damaged` is what was found damaged of the host's own state.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]. What is wrong with an entry, a package or a handler is reported there and stops no other.
    pub fn apply(&mut self, goal_state: &GoalState, damaged: Vec<Finding>) -> Result<Applied, ApplyError> {
        let mut findings = damaged;
        findings.extend(goal_state.warnings.iter().cloned());
        let mut report = GoalStateReport {
            source: goal_state.source.display(),
            number: goal_state.settings.in_svd_seq_no.clone(),
            processed: timestamp(OffsetDateTime::now_utc()),
            outcome: None,
            carried_out: false,
            findings,
            handlers: vec![],
            removed: vec![],
        };
        let mut applied = Applied {
            refused: false,
            host_failed: false,
        };
        if goal_state.settings.on_hold {
            self.hold(goal_state, &mut report)?;
        } else {
            let unsupported = goal_state.unsupported_features();
            if unsupported.is_empty() {
                applied.host_failed = self.process(goal_state, &mut report)?;
            } else {
                applied.refused = true;
                report.handlers = self.known()?;
                let number = report.number.as_deref().unwrap_or("without a number");
                let said = format!(
                    "Failing GS {number} as Unsupported features found: {}",
                    unsupported.join(", ")
                );
                let hint = "take the feature out of `requiredFeatures`, or use a host that has it";
                let file = goal_state.source.file_name();
                let place = Place::Json("$.requiredFeatures".to_owned());
                report
                    .findings
                    .push(Finding::refusal(codes::GOAL_STATE_FEATURE, &file, place, &said, hint));
                report.outcome = Some(Outcome {
                    code: UNSUPPORTED,
                    message: said,
                });
            }
        }
        self.store.commit(&[Write::put(Kind::GoalState, "", &report)?])?;
        Ok(applied)
    }

    /// Takes note of a goal state from `source` that could not be read: what was there stays as it is, and is reported.
    ///
    /// # Errors
    ///
    /// [`ApplyError`].
    pub fn refuse(&mut self, source: &Location, refused: &Refused, damaged: Vec<Finding>) -> Result<(), ApplyError> {
        let mut findings = damaged;
        findings.extend_from_slice(refused.findings());
        let before: Option<GoalStateReport> = self.store.get(Kind::GoalState, "")?;
        let report = GoalStateReport {
            source: source.display(),
            number: None,
            processed: timestamp(OffsetDateTime::now_utc()),
            outcome: Some(Outcome {
                code: FAILED,
                message: format!("The goal state cannot be read: {refused}"),
            }),
            carried_out: false,
            findings,
            handlers: before.map(|before| before.handlers).unwrap_or_default(),
            removed: vec![],
        };
        Ok(self.store.commit(&[Write::put(Kind::GoalState, "", &report)?])?)
    }

    /// Contract 8.6: nothing is processed, what is known of the handlers is reported, and the last outcome stays.
    fn hold(&mut self, goal_state: &GoalState, report: &mut GoalStateReport) -> Result<(), ApplyError> {
        let before: Option<GoalStateReport> = self.store.get(Kind::GoalState, "")?;
        report.handlers = names(goal_state);
        // What could not be read at all was never processed.
        if let Some(before) = before.filter(|before| {
            before
                .outcome
                .as_ref()
                .is_none_or(|outcome| outcome.code != FAILED || before.carried_out)
        }) {
            report.outcome = before.outcome;
            report.processed = before.processed;
            report.number = before.number;
        }
        let file = goal_state.source.file_name();
        let place = Place::Json("$.onHold".to_owned());
        let what = "the goal state is on hold, so nothing of it was carried out";
        report.findings.push(Finding::warning(
            codes::GOAL_STATE_ON_HOLD,
            &file,
            place,
            what,
            "wait, or take `onHold` out",
        ));
        Ok(())
    }

    /// Carries out every entry, and takes away what has none; whether the host itself failed at some handler.
    fn process(&mut self, goal_state: &GoalState, report: &mut GoalStateReport) -> Result<bool, ApplyError> {
        let mut host_failed = false;
        report.handlers = names(goal_state);
        let items = work_items(&goal_state.settings.handlers);
        let mut gate = Gate::new(&items);
        let mut refused = Vec::new();
        for item in &items {
            let went = match item.entry {
                Ok(entry) if gate.closed().is_some() => {
                    self.skip(entry, gate.closed().unwrap_or_default())?;
                    Went::HandlerFailed
                }
                Ok(entry) => self.carry_out(goal_state, entry, report, &mut host_failed)?,
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
                    Went::Well
                }
            };
            if let Ok(entry) = item.entry {
                gate.note(entry.name.as_str(), item.key, went);
            }
            (self.watch)(Event::Done);
        }
        self.sweep(goal_state, report, &mut host_failed)?;
        report.outcome = Some(outcome(goal_state));
        report.carried_out = true;
        Ok(host_failed)
    }

    /// The handlers that the store knows.
    fn known(&mut self) -> Result<Vec<HandlerName>, ApplyError> {
        let known: Vec<(String, HandlerReport)> = self.store.all(Kind::Report)?;
        Ok(known
            .iter()
            .filter_map(|(name, _)| HandlerName::parse(name).ok())
            .collect())
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
            code: FAILED,
            message: "An entry of the goal state does not say which handler it is for; all others were processed"
                .to_owned(),
        };
    }
    Outcome {
        code: 0,
        message: "GoalState executed successfully".to_owned(),
    }
}
