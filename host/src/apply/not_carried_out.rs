//! Goal states that are not carried out: on hold, asking for what is not there, or not to be read (contract 8.6). What is
//! installed stays as it is, and is reported.

use hostler_contract::agent_code::{UNKNOWN, UNSUPPORTED_FEATURE};
use hostler_contract::status::timestamp;
use hostler_contract::{Finding, HandlerName, Place, Refused, codes};
use hostler_fetch::Location;
use time::OffsetDateTime;

use super::{ApplyError, Host};
use crate::goal_state::GoalState;
use crate::report::{GoalStateReport, HandlerReport, Outcome};
use crate::state::Kind;

impl Host<'_> {
    /// Takes note of a goal state from `source` that could not be read.
    ///
    /// # Errors
    ///
    /// [`ApplyError`].
    pub fn refuse(&mut self, source: &Location, refused: &Refused, damaged: Vec<Finding>) -> Result<(), ApplyError> {
        self.audit_damaged(&damaged)?;
        self.take_note_of_interrupted()?;
        let mut findings = damaged;
        findings.extend_from_slice(refused.findings());
        let before: Option<GoalStateReport> = self.store.get(Kind::GoalState, "")?;
        let (handlers, last) = before.map(|before| (before.handlers, before.last)).unwrap_or_default();
        let report = GoalStateReport {
            source: source.display(),
            number: None,
            processed: timestamp(OffsetDateTime::now_utc()),
            isolation: Some(self.isolation.clone()),
            outcome: Some(Outcome {
                code: UNKNOWN,
                message: format!("The goal state cannot be read: {refused}"),
            }),
            carried_out: false,
            on_hold: false,
            host_failed: false,
            findings,
            handlers,
            removed: vec![],
            last,
        };
        self.put_goal_state(&report)
    }

    /// The outcome of the last goal state that was processed stays, and so does what is reported of handlers that this
    /// one does not name.
    pub(super) fn hold(goal_state: &GoalState, report: &mut GoalStateReport) {
        report.on_hold = true;
        if let Some(last) = report.last.clone() {
            report.outcome = Some(last.outcome);
            report.processed = last.processed;
            report.number = last.number;
        }
        let file = goal_state.source.file_name();
        let place = Place::Json("$.onHold".to_owned());
        let what = "the goal state is on hold, so nothing of it was carried out";
        let hint = "wait, or take `onHold` out";
        let finding = Finding::warning(codes::GOAL_STATE_ON_HOLD, &file, place, what, hint);
        report.findings.push(finding);
    }

    /// What is on the disk is reported, and nothing of this goal state.
    pub(super) fn refuse_features(
        &mut self,
        goal_state: &GoalState,
        unsupported: &[&str],
        report: &mut GoalStateReport,
    ) -> Result<(), ApplyError> {
        let known: Vec<(String, HandlerReport)> = self.store.all(Kind::Report)?;
        report.handlers = known
            .iter()
            .filter_map(|(name, _)| HandlerName::parse(name).ok())
            .collect();
        let number = report.number.as_deref().unwrap_or("without a number");
        let said = format!(
            "Failing GS {number} as Unsupported features found: {}",
            unsupported.join(", ")
        );
        let hint = "take the feature out of `requiredFeatures`, or use a host that has it";
        let file = goal_state.source.file_name();
        let place = Place::Json("$.requiredFeatures".to_owned());
        let finding = Finding::refusal(codes::GOAL_STATE_FEATURE, &file, place, &said, hint);
        report.findings.push(finding);
        report.conclude(Outcome {
            code: UNSUPPORTED_FEATURE,
            message: said,
        });
        Ok(())
    }
}
