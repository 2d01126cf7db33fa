//! What follows from what happened. Pure: it is told of everything and has everything done, and asks no clock.

use std::mem::take;
use std::sync::Arc;

use hostler_contract::status::timestamp;
use hostler_contract::{Finding, Place, Refused, codes};
use hostler_fetch::Location;
use hostler_package::PackageDigest;
use time::OffsetDateTime;

use super::notices::Notice;
use super::published::Counts;
use super::source::{Document, Look};
use super::taken_up::{Judged, STEADY, TakenUp};
use crate::apply::ApplyError;
use crate::audit::{AuditEvent, Codes, SourceText};
use crate::goal_state::GoalState;
use crate::grants::Policy;
use crate::report::{AgentReport, AgentState, InForceReport};

/// Looks in a row without anything usable after which the source counts as lost in the audit log. One that fails now and
/// then is in the report alone, so that it cannot fill the log.
const LOST: u32 = 3;

/// What happened.
#[derive(Debug)]
pub enum Happened {
    /// A period is over.
    Period,
    /// The source was looked at.
    Looked(Look),
    /// A goal state is done with.
    CarriedOut,
    /// The file of the policy was read again.
    PolicyRead(Result<Policy, Refused>),
    /// The agent is to read its policy again.
    Reload,
    /// The agent is to stop.
    Stop,
    /// There is no time left to stop in.
    OutOfTime,
    /// The host's own state or folders cannot be used.
    Failed(ApplyError),
    /// Nothing carries goal states out any more.
    ExecutorGone,
    /// What is periodic has stopped.
    PeriodicGone,
    /// A thread ended by an error in the program.
    Broke,
}

/// What is to be done.
#[derive(Debug)]
pub enum Act {
    /// Look at the source.
    Look,
    /// Write the report, and give everything periodic its turn.
    Turn,
    /// Write the report.
    Report,
    /// Carry this goal state out.
    CarryOut(Arc<GoalState>),
    /// Read the file of the policy.
    ReadPolicy,
    /// Go by this policy from the next goal state on.
    UsePolicy(Policy),
    /// Record this.
    Record(AuditEvent),
    /// Tell the service manager.
    Tell(Notice),
    /// Stop what runs after the command that runs, and leave when it has, or when there is no time left.
    WindUp,
    /// Leave.
    Leave(Ending),
}

/// How the agent ends.
#[derive(Debug)]
pub enum Ending {
    /// In order.
    InOrder,
    /// A command was still running, and ends with it.
    OutOfTime,
    /// The host's own state or folders cannot be used.
    Failed(ApplyError),
    /// A thread ended by an error in the program.
    Broken,
}

/// How the agent stands.
#[derive(Debug)]
pub struct Course {
    source: Location,
    policy: Option<PackageDigest>,
    taken_up: TakenUp,
    in_force: Option<Arc<GoalState>>,
    /// The last document that is no goal state, and why.
    unusable: Option<([u8; 32], Vec<Finding>)>,
    is_looking: bool,
    is_carrying_out: bool,
    is_waiting: bool,
    /// What has to come to its end before the agent does: what carries goal states out, and what is periodic.
    parts: u8,
    bad_looks: u32,
    report: AgentReport,
    counts: Counts,
}

impl Course {
    /// At the start, with goal states from `source`, under a policy of that digest. `report` is what it says of itself.
    pub fn new(source: Location, policy: Option<PackageDigest>, report: AgentReport) -> Self {
        Self {
            source,
            policy,
            taken_up: TakenUp::default(),
            in_force: None,
            unusable: None,
            is_looking: false,
            is_carrying_out: false,
            is_waiting: false,
            parts: 2,
            bad_looks: 0,
            report,
            counts: Counts::default(),
        }
    }

    /// What it says of itself.
    pub fn report(&self) -> &AgentReport {
        &self.report
    }

    /// What it has counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What is to be done before anything happens.
    pub fn start(&self) -> Vec<Act> {
        vec![
            Act::Record(AuditEvent::AgentStarted {
                source: SourceText::from(&self.source),
            }),
            Act::Tell(Notice::Ready),
        ]
    }

    /// What is to be done after what `happened` at `time`, which is for people only.
    pub fn on(&mut self, happened: Happened, time: OffsetDateTime) -> Vec<Act> {
        let stops = self.report.state == AgentState::Stopping;
        match happened {
            Happened::Period if stops || self.is_looking => vec![Act::Turn],
            Happened::Period => {
                self.is_looking = true;
                vec![Act::Look, Act::Turn]
            }
            Happened::Looked(look) => {
                self.is_looking = false;
                if stops { vec![] } else { self.looked(look, time) }
            }
            Happened::CarriedOut => {
                self.is_carrying_out = false;
                let mut acts = vec![Act::Report];
                if take(&mut self.is_waiting) && !stops {
                    acts.extend(self.carry_out());
                }
                acts
            }
            Happened::Reload if stops => vec![],
            Happened::Reload => vec![Act::Tell(Notice::Reloading), Act::ReadPolicy],
            Happened::PolicyRead(read) => self.policy_read(read, time),
            // Asked twice, it does not wait.
            Happened::Stop if stops => vec![Act::Leave(Ending::OutOfTime)],
            Happened::Stop => {
                self.report.state = AgentState::Stopping;
                let stopped = Act::Record(AuditEvent::AgentStopped);
                vec![Act::Tell(Notice::Stopping), stopped, Act::WindUp, Act::Report]
            }
            Happened::OutOfTime => vec![Act::Leave(Ending::OutOfTime)],
            Happened::Failed(error) => vec![Act::Leave(Ending::Failed(error))],
            Happened::ExecutorGone | Happened::PeriodicGone if stops => {
                self.parts -= 1;
                if self.parts > 0 {
                    return vec![];
                }
                self.report.state = AgentState::Stopped;
                vec![Act::Leave(Ending::InOrder)]
            }
            Happened::ExecutorGone | Happened::PeriodicGone | Happened::Broke => vec![Act::Leave(Ending::Broken)],
        }
    }

    fn looked(&mut self, look: Look, time: OffsetDateTime) -> Vec<Act> {
        let Some(document) = look.document else {
            return self.bad_look(look.findings, time);
        };
        let judged = self.taken_up.judge(&document.digest);
        if judged == Judged::InForce {
            return self.good_look(look.findings, time);
        }
        if let Some((digest, findings)) = &self.unusable
            && *digest == document.digest
        {
            return self.bad_look(findings.clone(), time);
        }
        let goal_state = match GoalState::read(document.source.clone(), &document.bytes) {
            Ok(goal_state) => goal_state,
            Err(refused) => {
                let findings = refused.findings().to_vec();
                self.unusable = Some((document.digest, findings.clone()));
                return self.bad_look(findings, time);
            }
        };
        let mut findings = look.findings;
        if let Judged::ComesBack(seen) = judged {
            findings.push(self.flips(seen));
            return self.good_look(findings, time);
        }
        let mut acts = self.good_look(findings, time);
        self.take_up(&document, goal_state, time);
        acts.extend(self.carry_out());
        acts
    }

    fn take_up(&mut self, document: &Document, goal_state: GoalState, time: OffsetDateTime) {
        self.taken_up.take_up(document.digest);
        self.report.in_force = Some(InForceReport {
            digest: hex::encode(document.digest),
            number: goal_state.settings.in_svd_seq_no.clone(),
            since: timestamp(time),
        });
        self.in_force = Some(Arc::new(goal_state));
    }

    /// What is in force is carried out, now or when the one before it is done with.
    fn carry_out(&mut self) -> Option<Act> {
        let goal_state = self.in_force.clone()?;
        if self.is_carrying_out {
            self.is_waiting = true;
            return None;
        }
        self.is_carrying_out = true;
        self.counts.goal_states += 1;
        Some(Act::CarryOut(goal_state))
    }

    fn good_look(&mut self, findings: Vec<Finding>, time: OffsetDateTime) -> Vec<Act> {
        self.counts.looks_good += 1;
        self.report.source.tried(true, findings, &timestamp(time));
        match take(&mut self.bad_looks) {
            LOST.. => {
                let source = SourceText::from(&self.source);
                vec![Act::Record(AuditEvent::SourceBack { source })]
            }
            _ => vec![],
        }
    }

    fn bad_look(&mut self, findings: Vec<Finding>, time: OffsetDateTime) -> Vec<Act> {
        self.counts.looks_bad += 1;
        self.bad_looks = self.bad_looks.saturating_add(1);
        let codes = Codes::from(&*findings);
        self.report.source.tried(false, findings, &timestamp(time));
        match self.bad_looks {
            LOST => {
                let source = SourceText::from(&self.source);
                vec![Act::Record(AuditEvent::SourceLost { source, codes })]
            }
            _ => vec![],
        }
    }

    fn flips(&self, seen: u32) -> Finding {
        let what = format!("it gives a goal state that was in force before, {seen} times in a row");
        let hint = format!(
            "nothing, if it was put back on purpose: it is taken up after {STEADY} times; else look for servers that differ"
        );
        Finding::warning(codes::AGENT_FLIPS, &self.source.display(), Place::Whole, what, hint)
    }

    /// A policy that differs counts at once: the goal state that is in force is carried out again under it.
    fn policy_read(&mut self, read: Result<Policy, Refused>, time: OffsetDateTime) -> Vec<Act> {
        let mut acts = vec![];
        let (good, findings) = match read {
            Ok(policy) => {
                self.counts.policies_good += 1;
                let digest = policy.digest();
                if digest != self.policy {
                    self.policy = digest;
                    acts.push(Act::UsePolicy(policy));
                    acts.extend(self.carry_out());
                }
                (true, vec![])
            }
            Err(refused) => {
                self.counts.policies_bad += 1;
                let codes = Codes::from(&refused);
                acts.push(Act::Record(AuditEvent::PolicyKept { codes }));
                (false, refused.findings().to_vec())
            }
        };
        if let Some(policy) = &mut self.report.policy {
            policy.tried(good, findings, &timestamp(time));
        }
        acts.push(Act::Tell(Notice::Ready));
        acts.push(Act::Report);
        acts
    }
}
