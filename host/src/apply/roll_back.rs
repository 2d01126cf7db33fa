//! An update that failed is taken back, where the policy says so: the version before it comes back with its settings and
//! its data as they were, and its own enable proves it. What failed is remembered, and not tried again for the same goal
//! state.
//!
//! Both ways are transitions of the same table; this is what stands between them.

use hostler_contract::status::timestamp;
use hostler_contract::{Finding, HandlerIdentity, HandlerName, Place, SequenceNumber, SettingsName, codes};
use time::OffsetDateTime;

use super::desired::{DesiredHandler, TransitionResult};
use super::fault::Fault;
use super::transition::Transition;
use super::{ApplyError, Host};
use crate::audit::AuditEvent;
use crate::grants::OnUpdateFailure;
use crate::handler_dir::{keep, put_back};
use crate::lifecycle::{HandlerState, Side, Wanted};
use crate::report::{HandlerReport, HandlerVerdict};
use crate::state::{FailedUpdate, HandlerRecord, Kind, UpdateProgress};

/// Most bytes that are remembered of what failed: its first lines.
const MAX_SAID: usize = 600;

impl Host<'_> {
    /// Brings a handler to what is `desired` of it, and back where that is an update that fails; `None` where there is
    /// nothing to do about it.
    pub(super) fn transit(&mut self, desired: DesiredHandler<'_>) -> Result<Option<TransitionResult>, ApplyError> {
        let name = desired.name.clone();
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        if let Some(failed) = self.is_kept_back(&desired, &record) {
            self.record(AuditEvent::FailedUpdateKeptBack { failed }.of(&name))?;
            return self.go_back(&name);
        }
        let earlier = match is_to_go_back_first(&desired, &record) {
            true => self.go_back(&name)?,
            false => None,
        };
        let Some(transition) = Transition::new(self, desired)? else {
            return Ok(None);
        };
        let mut result = transition.run()?;
        if result.goes_back {
            result = match self.go_back(&name)? {
                Some(back) => back.after(result),
                None => result,
            };
        }
        Ok(Some(match earlier {
            Some(earlier) => result.after(earlier),
            None => result,
        }))
    }

    /// The version that `desired` wants, where it failed before and is not to be tried again.
    fn is_kept_back(&self, desired: &DesiredHandler<'_>, record: &HandlerRecord) -> Option<hostler_contract::Version> {
        let (failed, offered) = (record.failed.as_ref()?, desired.offered.as_ref()?);
        let identity = HandlerIdentity::new(desired.name.clone(), failed.version.clone());
        let hexadecimal = |digest: [u8; 32]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let offered_package = offered.expected.sha256.map(hexadecimal);
        let is_another = match (&offered_package, &failed.package) {
            (Some(offered), Some(failed)) => offered != failed,
            _ => false,
        };
        let is_the_same = failed.version == offered.version && failed.goal_state == desired.goal_state && !is_another;
        let rolls_back = self.policy.on_update_failure(&identity) != OnUpdateFailure::Contract;
        let is_kept_back = is_the_same && !failed.again && rolls_back && record.installed().is_some();
        is_kept_back.then(|| failed.version.clone())
    }

    /// Brings the version back that an update which failed began with, and says what came of that. Where that was done
    /// already, its enable is all that runs: nothing but that says whether it is well.
    fn go_back(&mut self, name: &HandlerName) -> Result<Option<TransitionResult>, ApplyError> {
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        let update = record.update.as_ref();
        let Some(version) = update
            .map(|update| &update.from)
            .or(record.installed().map(|old| &old.version))
        else {
            return Ok(None);
        };
        let settings = record.version(version).and_then(|version| version.settings.clone());
        let settings = settings.unwrap_or_else(|| SettingsName::single(SequenceNumber::FIRST));
        let reported: Option<HandlerReport> = self.store.get(Kind::Report, name.as_str())?;
        let reported = reported.filter(|report| report.version == version.to_string());
        let has_settings = reported.is_none_or(|report| report.settings.is_some());
        let failed = record.failed.clone();
        let desired = DesiredHandler {
            name: name.clone(),
            wanted: Wanted::RolledBack,
            offered: None,
            settings: (settings.clone(), None),
            siblings: vec![],
            goal_state: String::new(),
        };
        let Some(transition) = Transition::new(self, desired)? else {
            return Ok(None);
        };
        let mut result = transition.run()?;
        result.own_settings = Some((settings, has_settings));
        self.conclude(&mut result, update, failed)?;
        Ok(Some(result))
    }

    /// Says of `result`, of the way back, why it was taken.
    fn conclude(
        &mut self,
        result: &mut TransitionResult,
        update: Option<&UpdateProgress>,
        failed: Option<FailedUpdate>,
    ) -> Result<(), ApplyError> {
        let enabled = result
            .executions
            .last()
            .is_some_and(|execution| execution.identity == result.target);
        let well =
            result.state == HandlerState::Enabled && enabled && result.verdict.as_ref().is_some_and(|v| v.code == 0);
        let said = match (&failed, update) {
            (Some(failed), _) => format!("the update to {} failed: {}", failed.version, failed.said),
            // It was under way when the goal state became another.
            (None, Some(update)) => format!("the update to {} was not carried on with", update.to),
            (None, None) => return Ok(()),
        };
        if let Some(update) = update {
            let failed = update.to.clone();
            self.record(AuditEvent::RollBackEnded { failed, well }.of(&result.target))?;
        }
        let again = match &failed {
            Some(failed) if !failed.again => "it is not tried again before the goal state changes",
            _ => "it is tried again with the next goal state",
        };
        let file = result.target.to_string();
        let verdict = result.verdict.take();
        if well {
            let what = format!("{said}; {} is back as it was, and {again}", result.target.version);
            let hint = "look at why it failed, and apply a goal state that has changed";
            result.findings.push(Finding::warning(
                codes::UPDATE_ROLLED_BACK,
                &file,
                Place::Whole,
                what,
                hint,
            ));
            result.verdict = verdict.map(|verdict| HandlerVerdict {
                message: verdict.message.map(|message| format!("{message}; {said}")),
                ..verdict
            });
        } else {
            let own = verdict
                .as_ref()
                .and_then(|verdict| verdict.message.clone())
                .unwrap_or_default();
            let code = verdict.map_or(hostler_contract::agent_code::UNKNOWN, |verdict| verdict.code);
            let what = format!("{said}; and {} did not come up again", result.target.version);
            let hint = "look at what both versions wrote, and apply a goal state with a version that works";
            result.findings.push(Finding::refusal(
                codes::UPDATE_ROLLBACK_FAILED,
                &file,
                Place::Whole,
                what,
                hint,
            ));
            result.verdict = Some(HandlerVerdict::not_ready(code, format!("{own}\nIt runs since {said}")));
        }
        Ok(())
    }
}

/// Whether an update that can be taken back is under way, and `desired` is not its end.
fn is_to_go_back_first(desired: &DesiredHandler<'_>, record: &HandlerRecord) -> bool {
    let Some(update) = &record.update else { return false };
    let Some(roll_back) = &update.roll_back else {
        return false;
    };
    match desired.wanted {
        Wanted::Enabled | Wanted::ExtensionDisabled => {
            let is_other = desired
                .offered
                .as_ref()
                .is_none_or(|offered| offered.version != update.to);
            roll_back.back || (is_other && !roll_back.proved)
        }
        Wanted::Disabled => !roll_back.proved,
        // All of it goes.
        Wanted::Uninstall | Wanted::Vanished | Wanted::RolledBack => false,
    }
}

impl TransitionResult {
    /// The same, as what came after `first`.
    fn after(mut self, mut first: Self) -> Self {
        first.executions.append(&mut self.executions);
        first.findings.append(&mut self.findings);
        Self {
            executions: first.executions,
            findings: first.findings,
            settings_written: self.settings_written || first.settings_written,
            changed: self.changed || first.changed,
            host_failed: self.host_failed || first.host_failed,
            ..self
        }
    }
}

impl Transition<'_, '_> {
    /// Keeps what going back would need; nothing of the handler runs.
    pub(super) fn keep(&mut self) -> Result<(), Fault> {
        Ok(keep(self.host.root, self.identity(Side::Old))?)
    }

    /// Puts it back.
    pub(super) fn put_back(&mut self) -> Result<(), Fault> {
        // What is open of both versions is what makes room.
        (self.target_in_place, self.old_in_place) = (None, None);
        Ok(put_back(self.host.root, &self.target)?)
    }

    /// Remembers what failed, where it is taken back.
    pub(super) fn note_failed_update(&mut self) -> Result<(), ApplyError> {
        let situation = &self.standing.situation;
        let (Some(old), Some(roll_back)) = (&self.old, situation.roll_back()) else {
            return Ok(());
        };
        if !situation.is_to_go_back() {
            return Ok(());
        }
        let again = !roll_back.kept || self.result.host_failed;
        let verdict = self.result.verdict.as_ref();
        let code = verdict.map_or(0, |verdict| verdict.code);
        let failed = self.target.version.clone();
        let event = AuditEvent::RollBackBegun { failed, code }.of(old);
        let record = &mut self.standing.record;
        let package = record
            .version(&self.target.version)
            .and_then(|version| version.package.as_ref());
        record.failed = Some(FailedUpdate {
            version: self.target.version.clone(),
            package: package.map(|package| package.digest.clone()),
            goal_state: self.desired.goal_state.clone(),
            code,
            said: first_lines(
                verdict
                    .and_then(|verdict| verdict.message.as_deref())
                    .unwrap_or_default(),
            ),
            since: timestamp(OffsetDateTime::now_utc()),
            again,
        });
        self.result.goes_back = true;
        self.host.record(event)
    }
}

/// The first of `text`, in one line.
fn first_lines(text: &str) -> String {
    let mut said = String::new();
    for part in text.split_whitespace() {
        if said.len() + part.len() >= MAX_SAID {
            said.push_str(" ...");
            break;
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(part);
    }
    said
}
