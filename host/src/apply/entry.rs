//! One entry of a goal state: what it wants, and what is reported of it afterwards.

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::vm_settings::{BadEntry, HandlerGoalState, RequestedState};
use hostler_contract::{
    Command, Finding, HandlerName, Place, Refused, SequenceNumber, Settings, SettingsName, StatusKind, Version, codes,
};
use time::OffsetDateTime;

use super::desired::{DesiredHandler, TransitionResult};
use super::fault::Fault;
use super::resolve::resolve;
use super::{ApplyError, Host};
use crate::goal_state::{EntryOutcome, GoalState};
use crate::handler_dir::remove_data;
use crate::lifecycle::{HandlerState, Wanted};
use crate::report::{
    CommandReport, EnableReport, GoalStateReport, HandlerReport, HandlerVerdict, PackageReport, Removal, RemovedReport,
    granted_folders,
};
use crate::state::{HandlerRecord, Kind, Write};

impl Host<'_> {
    /// Carries `entry` out and keeps what is reported of it.
    pub(super) fn carry_out(
        &mut self,
        goal_state: &GoalState,
        entry: &HandlerGoalState,
        report: &mut GoalStateReport,
    ) -> Result<EntryOutcome, ApplyError> {
        let name = settings_name(entry);
        let desired = match self.desired(goal_state, entry, &name) {
            Ok(desired) => desired,
            Err(fault) => {
                report.host_failed |= fault.is_hosts;
                return self.say_fault(entry, &name, fault);
            }
        };
        let wanted = desired.wanted;
        // A package's findings follow; those of the version manifest would be lost with what is desired.
        let odd = desired
            .offered
            .as_ref()
            .map(|offered| offered.findings.clone())
            .unwrap_or_default();
        let Some(mut result) = self.transit(desired)? else {
            // Nothing of the handler is here. Its data may be, of a time when it vanished or an uninstall was stopped.
            if wanted == Wanted::Uninstall {
                remove_data(self.root, &entry.name).map_err(ApplyError::Folders)?;
                self.forget(&entry.name)?;
            }
            return Ok(EntryOutcome::Well);
        };
        report.host_failed |= result.host_failed;
        result.findings.splice(0..0, odd);
        if result.removed && wanted == Wanted::Uninstall {
            report.removed.push(removed(&result, Removal::Uninstalled));
            return Ok(EntryOutcome::Well);
        }
        self.keep_report(entry, &name, result)
    }

    /// What `entry` wants, as far as nothing has to be done to know it.
    fn desired<'e>(
        &self,
        goal_state: &GoalState,
        entry: &'e HandlerGoalState,
        name: &SettingsName,
    ) -> Result<DesiredHandler<'e>, Fault> {
        if entry.is_multi_config {
            let what = "the goal state has several extensions for it, and this version carries out one";
            let hint = "give the handler one extension, without `isMultiConfig`";
            let finding = Finding::refusal(
                codes::GOAL_STATE_MULTI_CONFIG,
                &goal_state.source.file_name(),
                Place::Json(format!("$.extensionGoalStates: {}", entry.name)),
                what,
                hint,
            );
            return Err(Fault::config(&finding.into()));
        }
        let wanted = match entry.state {
            RequestedState::Enabled => Wanted::Enabled,
            RequestedState::Disabled => Wanted::Disabled,
            RequestedState::Uninstall => Wanted::Uninstall,
        };
        let mut desired = DesiredHandler {
            name: entry.name.clone(),
            wanted,
            offered: None,
            settings: (name.clone(), None),
            goal_state: goal_state.digest.clone(),
        };
        // What is to go needs neither settings nor a version manifest, so no fault of theirs keeps it (contract 15, 11).
        if wanted == Wanted::Enabled {
            desired.settings.1 = settings(entry).map_err(Fault::config)?;
            desired.offered = Some(resolve(self.fetcher, &goal_state.source, entry)?);
        }
        Ok(desired)
    }

    /// Reports a fault that was found before anything was done; what is in place stays as it is.
    fn say_fault(
        &mut self,
        entry: &HandlerGoalState,
        name: &SettingsName,
        fault: Fault,
    ) -> Result<EntryOutcome, ApplyError> {
        let (verdict, findings) = fault.into_report();
        self.audit_refused_entry(&entry.name, &findings)?;
        let mut report = self.report_of_last_time(&entry.name, &entry.version, verdict, findings)?;
        report.settings = (!entry.settings.is_empty()).then(|| name.clone());
        self.put_report(&entry.name, report)
    }

    /// Reports an entry that cannot be used.
    pub(super) fn refuse_entry(
        &mut self,
        goal_state: &GoalState,
        name: &HandlerName,
        bad: &BadEntry,
    ) -> Result<(), ApplyError> {
        let all = goal_state
            .settings
            .bad_entries()
            .filter(|other| other.name.as_ref() == Some(name));
        let findings: Vec<Finding> = all.flat_map(|bad| bad.refused.findings().iter().cloned()).collect();
        self.audit_refused_entry(name, &findings)?;
        let (verdict, _) = Fault::config(&bad.refused).into_report();
        let report = match Version::parse(&bad.version) {
            Ok(version) => self.report_of_last_time(name, &version, verdict, findings)?,
            Err(_) => HandlerReport::new(bad.version.clone(), verdict, findings),
        };
        self.put_report(name, report).map(|_| ())
    }

    /// Reports an entry that is skipped since one that it depends on failed (contract 8.3).
    pub(super) fn skip(&mut self, entry: &HandlerGoalState, why: &str) -> Result<(), ApplyError> {
        let hint = "mend the handler that failed, and apply the goal state again";
        let finding = Finding::refusal(codes::HANDLER_SKIPPED, entry.name.as_str(), Place::Whole, why, hint);
        let verdict = HandlerVerdict::not_ready(UNKNOWN, why.to_owned());
        self.audit_refused_entry(&entry.name, std::slice::from_ref(&finding))?;
        let report = self.report_of_last_time(&entry.name, &entry.version, verdict, vec![finding])?;
        self.put_report(&entry.name, report).map(|_| ())
    }

    /// A report with `verdict`, of the version that is in place if it answers `asked`, with what was known of it.
    fn report_of_last_time(
        &mut self,
        name: &HandlerName,
        asked: &Version,
        verdict: HandlerVerdict,
        findings: Vec<Finding>,
    ) -> Result<HandlerReport, ApplyError> {
        let mut findings = findings;
        findings.extend(self.interrupted.remove(name.as_str()));
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        let installed = record.installed().map(|installed| &installed.version);
        let version = installed.filter(|version| asked.is_prefix_of(version)).unwrap_or(asked);
        let report = HandlerReport::new(version.to_string(), verdict, findings);
        let before: Option<HandlerReport> = self.store.get(Kind::Report, name.as_str())?;
        Ok(match before.filter(|before| before.version == report.version) {
            Some(before) => HandlerReport {
                settings: before.settings,
                heartbeat: before.heartbeat,
                enable: before.enable,
                package: before.package,
                folders: before.folders,
                ..report
            },
            None => report,
        })
    }

    /// Keeps what `result` came to.
    fn keep_report(
        &mut self,
        entry: &HandlerGoalState,
        name: &SettingsName,
        result: TransitionResult,
    ) -> Result<EntryOutcome, ApplyError> {
        let before: Option<HandlerReport> = self.store.get(Kind::Report, entry.name.as_str())?;
        let target = &result.target;
        let verdict = result.verdict.clone().unwrap_or_else(|| {
            // Nothing was done: it is what its state says, and why it is so if that was said.
            let said = before.filter(|before| before.version == target.version.to_string() && before.verdict.code != 0);
            match said {
                Some(before) if result.state != HandlerState::Installed => before.verdict,
                _ => verdict_of_state(result.state, &entry.name),
            }
        });
        let mut report = self.report_of_last_time(&entry.name, &target.version, verdict, result.findings)?;
        report.version = target.version.to_string();
        report.settings = (!entry.settings.is_empty()).then(|| name.clone());
        report.settings_written = result.settings_written;
        report.changed = result.changed;
        report.commands = result.executions.iter().map(CommandReport::from).collect();
        let own = result.own_settings.as_ref();
        let name = own.map_or(name, |(name, _)| name);
        if let Some((name, reported)) = own {
            report.settings = reported.then(|| name.clone());
        }
        let enabled = result
            .executions
            .iter()
            .rfind(|execution| execution.command == Command::Enable && execution.identity == *target);
        if let Some(enabled) = enabled {
            report.enable = Some(EnableReport {
                serves: result.serves,
                ..EnableReport::of(enabled, name)
            });
        }
        if let Some(in_place) = &result.in_place {
            // Without a descriptor to spare there is one line less in the report.
            let folders = in_place.folders.folders().unwrap_or_default();
            report.package = Some(PackageReport::new(&in_place.folders, in_place.package.record()));
            report.folders = folders.iter().map(Into::into).collect();
            report.folders.extend(granted_folders(in_place.grants.effective()));
            report.heartbeat = in_place.package.manifest().report_heartbeat();
        }
        self.put_report(&entry.name, report)
    }

    fn put_report(&mut self, name: &HandlerName, mut report: HandlerReport) -> Result<EntryOutcome, ApplyError> {
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        let before: Option<HandlerReport> = self.store.get(Kind::Report, name.as_str())?;
        let state = Version::parse(&report.version)
            .ok()
            .map(|version| record.state(&version));
        let entry = report.entry(self.root, name, state);
        report.date(&entry, before.as_ref(), OffsetDateTime::now_utc());
        self.commit(vec![Write::put(Kind::Report, name.as_str(), &report)?])?;
        let extension = entry.extension.as_ref().map(|(_, status)| status.as_ref());
        Ok(match extension {
            _ if report.verdict.code != 0 => EntryOutcome::HandlerFailed,
            Some(Some(status)) if status.kind == StatusKind::Error => EntryOutcome::ExtensionFailed,
            // A document that says nothing is no success to go on from (contract 8.3).
            Some(None) => EntryOutcome::SaidNothing,
            _ => EntryOutcome::Well,
        })
    }

    /// Forgets all that is kept of a handler.
    pub(super) fn forget(&mut self, name: &HandlerName) -> Result<(), ApplyError> {
        self.commit(vec![
            Write::remove(Kind::Report, name.as_str()),
            Write::remove(Kind::Handler, name.as_str()),
        ])
    }
}

/// What is said of a handler that is not there any more.
pub(super) fn removed(result: &TransitionResult, how: Removal) -> RemovedReport {
    RemovedReport {
        handler: result.target.to_string(),
        how,
        commands: result.executions.iter().map(CommandReport::from).collect(),
        findings: result.findings.clone(),
    }
}

/// What is reported of a handler that is in `state` and was left as it was.
fn verdict_of_state(state: HandlerState, name: &HandlerName) -> HandlerVerdict {
    match state {
        HandlerState::Installed => HandlerVerdict::disabled(),
        other => HandlerVerdict::not_ready(
            UNKNOWN,
            format!("[ExtensionError] {name} is {} and was left so", other.name()),
        ),
    }
}

/// The settings that `entry` is about; number 0 where there are none (contract 4.1).
fn settings_name(entry: &HandlerGoalState) -> SettingsName {
    let number = entry
        .settings
        .first()
        .map_or(SequenceNumber::FIRST, |extension| extension.number);
    SettingsName::single(number)
}

fn settings(entry: &HandlerGoalState) -> Result<Option<&Settings>, &Refused> {
    match entry.settings.first() {
        Some(extension) => extension.settings.as_ref().map(Some),
        None => Ok(None),
    }
}
