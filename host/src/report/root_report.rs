//! The report of a whole root: every handler of the last goal state, and how that went.
//!
//! Made from the store and from what handlers write, never from what a command has in its hands, so that it is the same
//! whoever asks for it (contract 9).

use hostler_contract::report::{FormattedMessage, GoalStateOutcome, GoalStateStatus, Report};
use hostler_contract::{Finding, HandlerName, Version};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::addition::{Addition, CommandReport, UnderWayReport};
use super::agent::AgentReport;
use super::document::{AtFault, HandlerEntry, document};
use super::handler::HandlerVerdict;
use super::record::HandlerReport;
use crate::root::Root;
use crate::sandbox::IsolationReport;
use crate::state::{HandlerRecord, Kind, StateError, Store};

/// What is kept of the last goal state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalStateReport {
    /// Where it came from, fit to be shown.
    pub source: String,
    /// `inSvdSeqNo`, if it has one.
    pub number: Option<String>,
    /// When it was processed, as a report writes times.
    pub processed: String,
    /// What components ran behind, or would have; `None` in a report of a hostler that did not note it.
    #[serde(default)]
    pub isolation: Option<IsolationReport>,
    /// Whether it could be processed, with the contract's code and words; nothing while it is on hold (contract 8.6).
    pub outcome: Option<Outcome>,
    /// Whether it was carried out: not before its end, and not where it is on hold or refused.
    pub carried_out: bool,
    /// Whether it is on hold.
    pub on_hold: bool,
    /// Whether the host itself failed at something of it.
    pub host_failed: bool,
    /// What there is to say about it as a whole.
    pub findings: Vec<Finding>,
    /// The handlers that are reported, in its order.
    pub handlers: Vec<HandlerName>,
    /// What it took away.
    pub removed: Vec<RemovedReport>,
    /// The last one that was processed, itself or an earlier one: what is reported while one is on hold (contract 8.6).
    pub last: Option<Processed>,
}

/// A goal state that was processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processed {
    /// How it went.
    pub outcome: Outcome,
    /// When, as a report writes times.
    pub processed: String,
    /// Its `inSvdSeqNo`, if it has one.
    pub number: Option<String>,
}

/// Whether a goal state could be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// 0, or a code of contract 0.
    pub code: i32,
    /// For people.
    pub message: String,
}

/// How a handler went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Removal {
    /// By its commands, as the goal state wanted.
    Uninstalled,
    /// Without any: the goal state does not name it.
    Vanished,
}

/// A handler that is not there any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemovedReport {
    /// `Publisher.Type-1.2.3`.
    pub handler: String,
    /// How it went.
    pub how: Removal,
    /// The commands that ran.
    pub commands: Vec<CommandReport>,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
}

/// What hostler adds to the document as a whole, under its key `hostler`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootAddition {
    /// The root folder; left out for one that is thrown away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// What components ran behind the last time; left out before the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<IsolationReport>,
    /// The goal state; left out before the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_state: Option<GoalStateAddition>,
    /// What it took away; left out for a single package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<Vec<RemovedReport>>,
    /// What is damaged of the host's own state; left out where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<Finding>,
    /// What the agent says of itself; left out where none was at work here last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentReport>,
}

impl RootAddition {
    /// Of one package that was run by itself.
    pub fn of_run(isolation: IsolationReport) -> Self {
        Self {
            root: None,
            isolation: Some(isolation),
            goal_state: None,
            removed: None,
            damaged: vec![],
            agent: None,
        }
    }
}

/// The goal state, as far as the contract's document has no place for it.
#[derive(Debug, Clone, Serialize)]
pub struct GoalStateAddition {
    /// Where it came from.
    pub source: String,
    /// What there is to say about it as a whole.
    pub findings: Vec<Finding>,
}

/// Everything that is reported of a root.
#[derive(Debug)]
pub struct RootReport {
    /// The handlers, in the goal state's order.
    pub entries: Vec<HandlerEntry>,
    /// The goal state; `None` before the first one.
    pub goal_state: Option<GoalStateReport>,
    /// What is damaged of the host's own state, and not believed.
    pub damaged: Vec<Finding>,
    /// The agent that is or was at work, if there is one.
    pub agent: Option<AgentReport>,
    /// Whether somebody works in the root.
    pub(super) in_use: bool,
    root: String,
}

impl RootReport {
    /// Reads what is reported of `root`; `store` is `None` where nothing was ever applied.
    ///
    /// # Errors
    ///
    /// [`StateError`].
    pub fn read(root: &Root, store: Option<&mut Store>) -> Result<Self, StateError> {
        let mut root_report = Self {
            entries: vec![],
            goal_state: None,
            damaged: vec![],
            agent: None,
            in_use: root.is_in_use(),
            root: root.path().display().to_string(),
        };
        let Some(store) = store else { return Ok(root_report) };
        root_report.goal_state = store.get(Kind::GoalState, "")?;
        let names = root_report
            .goal_state
            .as_ref()
            .map_or(&[][..], |goal_state| &goal_state.handlers);
        for name in names {
            let report: Option<HandlerReport> = store.get(Kind::Report, name.as_str())?;
            // Taken away meanwhile, or lost: the agent leaves such a handler out (contract 9.2); what was lost is said.
            let Some(report) = report else { continue };
            let record: HandlerRecord = store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
            let state = Version::parse(&report.version)
                .ok()
                .map(|version| record.state(&version));
            let mut entries = report.entries(root, name, state);
            if let Some(first) = entries.first_mut() {
                first.addition.under_way = record.under_way.map(|step| UnderWayReport::new(step, root.is_in_use()));
            }
            root_report.entries.extend(entries);
        }
        root_report.damaged = store.damaged().to_vec();
        root_report
            .entries
            .extend(beginning(root, store, &root_report.entries)?);
        Ok(root_report)
    }

    /// Whether anything of it is not well: a handler, or the goal state as a whole.
    pub fn failed(&self) -> Option<AtFault> {
        let of_handlers = self.entries.iter().filter_map(HandlerEntry::failed);
        let bad = self
            .goal_state
            .as_ref()
            .and_then(|goal_state| goal_state.outcome.as_ref());
        let of_goal_state = bad.filter(|outcome| outcome.code != 0).map(|_| AtFault::Handler);
        let of_host = self.goal_state.as_ref().filter(|goal_state| goal_state.host_failed);
        let damaged = (!self.damaged.is_empty()).then_some(AtFault::Host);
        of_handlers
            .chain(of_goal_state)
            .chain(of_host.map(|_| AtFault::Host))
            .chain(damaged)
            .max()
    }

    /// The status document, made at `now`.
    pub fn document(&self, now: OffsetDateTime) -> Report<Addition, RootAddition> {
        let status = self.goal_state.as_ref().and_then(GoalStateReport::status);
        let addition = RootAddition {
            root: Some(self.root.clone()),
            isolation: self
                .goal_state
                .as_ref()
                .and_then(|goal_state| goal_state.isolation.clone()),
            goal_state: self.goal_state.as_ref().map(|goal_state| GoalStateAddition {
                source: goal_state.source.clone(),
                findings: goal_state.findings.clone(),
            }),
            removed: Some(
                self.goal_state
                    .as_ref()
                    .map(|goal_state| goal_state.removed.clone())
                    .unwrap_or_default(),
            ),
            damaged: self.damaged.clone(),
            agent: self.agent.clone(),
        };
        document(&self.entries, status, Some(addition), now)
    }
}

/// Handlers whose first command began and has not ended: nothing else is known of them yet.
fn beginning(root: &Root, store: &mut Store, known: &[HandlerEntry]) -> Result<Vec<HandlerEntry>, StateError> {
    let records: Vec<(String, HandlerRecord)> = store.all(Kind::Handler)?;
    let new = records.into_iter().filter_map(|(name, record)| {
        let name = HandlerName::parse(&name).ok()?;
        let under_way = record.under_way.clone()?;
        if known.iter().any(|entry| entry.name == name) {
            return None;
        }
        let said = format!("{} began and has not ended", under_way.command);
        Some(HandlerEntry {
            name,
            version: under_way.version.to_string(),
            verdict: HandlerVerdict::not_ready(0, said),
            extension: None,
            addition: Addition {
                state: Some(record.state(&under_way.version)),
                under_way: Some(UnderWayReport::new(under_way, root.is_in_use())),
                ..Addition::default()
            },
        })
    });
    Ok(new.collect())
}

impl GoalStateReport {
    /// Takes note that it was processed, and how.
    pub fn conclude(&mut self, outcome: Outcome) {
        self.last = Some(Processed {
            outcome: outcome.clone(),
            processed: self.processed.clone(),
            number: self.number.clone(),
        });
        self.outcome = Some(outcome);
    }

    fn status(&self) -> Option<GoalStateStatus> {
        let outcome = self.outcome.as_ref()?;
        Some(GoalStateStatus {
            formatted_message: FormattedMessage::new(Some(outcome.message.clone())),
            timestamp_utc: self.processed.clone(),
            in_svd_seq_no: self.number.clone().unwrap_or_default(),
            status: match outcome.code {
                0 => GoalStateOutcome::Success,
                _ => GoalStateOutcome::Failed,
            },
            code: outcome.code,
        })
    }
}
