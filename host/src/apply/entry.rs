//! One entry of a goal state: what it wants, and what is reported of it afterwards.

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::vm_settings::BadEntry;
use hostler_contract::{Command, Finding, HandlerName, Place, Refused, Version, codes};
use time::OffsetDateTime;

use super::dependency::outcome_by_status;
use super::desired::{DesiredHandler, TransitionResult};
use super::fault::Fault;
use super::index_check::IndexCheck;
use super::resolve::resolve;
use super::several::{all_of, wanted};
use super::{ApplyError, Host};
use crate::goal_state::{EntryOutcome, GoalState, Turn};
use crate::handler_dir::remove_data;
use crate::lifecycle::{HandlerState, Wanted};
use crate::report::{
    CommandReport, EnableReport, ExtensionReport, GoalStateReport, HandlerEntry, HandlerReport, HandlerVerdict,
    PackageReport, Removal, RemovedReport, granted_folders,
};
use crate::state::{HandlerRecord, Kind, Write};

/// What a turn that was not taken says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concerns {
    /// The handler; the last status of its extension stands.
    Handler,
    /// One of several extensions, and nothing of their handler.
    Extension,
    /// The handler, and its extension's status with it.
    HandlerAndStatus,
}

impl Host<'_> {
    /// Takes `turn` and keeps what is reported of it.
    pub(super) fn carry_out(
        &mut self,
        goal_state: &GoalState,
        turn: Turn<'_>,
        report: &mut GoalStateReport,
    ) -> Result<EntryOutcome, ApplyError> {
        if let Some(finding) = self.kept_out(turn) {
            return self.say_kept_out(turn, finding);
        }
        let desired = match self.desired(goal_state, turn) {
            Ok(desired) => desired,
            Err(fault) => {
                report.host_failed |= fault.is_hosts;
                return self.say_fault(turn, fault);
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
                remove_data(self.root, &turn.handler.name).map_err(ApplyError::Folders)?;
                self.forget(&turn.handler.name)?;
            }
            return Ok(EntryOutcome::Well);
        };
        report.host_failed |= result.host_failed;
        result.findings.splice(0..0, odd);
        if result.removed && wanted == Wanted::Uninstall {
            report.removed.push(removed(&result, Removal::Uninstalled));
            return Ok(EntryOutcome::Well);
        }
        self.keep_report(turn, result)
    }

    /// What `turn` wants, as far as nothing has to be done to know it.
    fn desired<'e>(&mut self, goal_state: &GoalState, turn: Turn<'e>) -> Result<DesiredHandler<'e>, Fault> {
        let mut desired = DesiredHandler {
            name: turn.handler.name.clone(),
            wanted: wanted(&turn),
            offered: None,
            settings: (turn.settings_name(), None),
            siblings: all_of(&turn),
            goal_state: goal_state.digest.clone(),
        };
        // What is to go needs neither settings nor a version manifest, so no fault of theirs keeps it (contract 15, 11).
        if desired.wanted.installs() {
            let settings = turn.extension.map(|extension| extension.settings.as_ref()).transpose();
            desired.settings.1 = settings.map_err(|refused| match desired.settings.0.extension {
                Some(_) => Fault::config(refused).of_extension(),
                None => Fault::config(refused),
            })?;
            if let Some(settings) = desired.settings.1 {
                // Before anything of it is fetched or run; what was opened is wiped here, and opened anew for each command.
                self.root.keys().open_settings(settings).map_err(|failure| {
                    let refused = Refused::new(failure.finding(&desired.settings.0.settings_file()));
                    match desired.settings.0.extension {
                        Some(_) => Fault::config(&refused).of_extension(),
                        None => Fault::config(&refused),
                    }
                })?;
            }
            let store = &mut *self.store;
            let mut index = self.keys.map(|keys| IndexCheck::new(keys, store, self.fetcher));
            desired.offered = Some(resolve(self.fetcher, &goal_state.source, turn.handler, index.as_mut())?);
        }
        Ok(desired)
    }

    /// Reports a fault that was found before anything was done; what is in place stays as it is.
    fn say_fault(&mut self, turn: Turn<'_>, fault: Fault) -> Result<EntryOutcome, ApplyError> {
        let concerns = match fault.is_extensions {
            true => Concerns::Extension,
            false => Concerns::Handler,
        };
        let (verdict, findings) = fault.into_report();
        self.not_taken(turn, verdict, findings, concerns)
    }

    /// Reports a turn that was not taken, and why.
    pub(super) fn not_taken(
        &mut self,
        turn: Turn<'_>,
        verdict: HandlerVerdict,
        findings: Vec<Finding>,
        concerns: Concerns,
    ) -> Result<EntryOutcome, ApplyError> {
        let handler = turn.handler;
        self.audit_refused_entry(&handler.name, &findings)?;
        let of_handler = if concerns == Concerns::Extension {
            self.standing_verdict(turn)?.unwrap_or_else(|| verdict.clone())
        } else {
            verdict.clone()
        };
        let mut report = self.report_of_last_time(&handler.name, &handler.version, of_handler, findings)?;
        let name = turn.settings_name();
        if name.extension.is_some() || concerns == Concerns::HandlerAndStatus {
            report.take_extension(ExtensionReport::failed(name, verdict));
        } else {
            report.settings = turn.extension.map(|_| name);
        }
        self.put_report(turn, report)
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
        self.write_report(name, report).map(|_| ())
    }

    /// Reports a turn that is skipped since one that it depends on failed (contract 8.3).
    pub(super) fn skip(&mut self, turn: Turn<'_>, why: &str) -> Result<(), ApplyError> {
        let hint = "mend the handler that failed, and apply the goal state again";
        let finding = Finding::refusal(codes::HANDLER_SKIPPED, &turn.full_name(), Place::Whole, why, hint);
        let verdict = HandlerVerdict::not_ready(UNKNOWN, why.to_owned());
        let concerns = match turn.settings_name().extension {
            Some(_) => Concerns::Extension,
            None => Concerns::Handler,
        };
        self.not_taken(turn, verdict, vec![finding], concerns).map(|_| ())
    }

    /// What is said of the handler of `turn` as a whole as long as nothing is done about it; `None` for one that is not in
    /// place.
    fn standing_verdict(&mut self, turn: Turn<'_>) -> Result<Option<HandlerVerdict>, ApplyError> {
        let name = turn.handler.name.as_str();
        let record: HandlerRecord = self.store.get(Kind::Handler, name)?.unwrap_or_default();
        let before: Option<HandlerReport> = self.store.get(Kind::Report, name)?;
        let Some(installed) = record.installed() else {
            let before = before.filter(|_| self.begun.contains(name));
            return Ok(before.map(|before| before.verdict));
        };
        Ok(Some(match before {
            Some(before) if before.version == installed.version.to_string() => before.verdict,
            _ => verdict_of_extensions(installed.state),
        }))
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
        let mut before = before.filter(|before| before.version == report.version);
        // What the turns of other extensions came to stands beside what this one comes to.
        let mut report = report;
        if let Some(before) = before.as_mut().filter(|_| self.begun.contains(name.as_str())) {
            report.extensions = std::mem::take(&mut before.extensions);
            report.commands = std::mem::take(&mut before.commands);
            report.findings.splice(0..0, std::mem::take(&mut before.findings));
            report.settings_written = before.settings_written;
            report.changed = before.changed;
        }
        Ok(match before {
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
    fn keep_report(&mut self, turn: Turn<'_>, result: TransitionResult) -> Result<EntryOutcome, ApplyError> {
        let handler = turn.handler;
        let name = turn.settings_name();
        let before: Option<HandlerReport> = self.store.get(Kind::Report, handler.name.as_str())?;
        let target = &result.target;
        let verdict = result.verdict.clone().unwrap_or_else(|| {
            if name.extension.is_some() {
                return verdict_of_extensions(result.state);
            }
            // Nothing was done: it is what its state says, and why it is so if that was said.
            let said = before.filter(|before| before.version == target.version.to_string() && before.verdict.code != 0);
            match said {
                Some(before) if result.state != HandlerState::Installed => before.verdict,
                _ => verdict_of_state(result.state, &handler.name),
            }
        });
        let own = match &name.extension {
            Some(_) => ExtensionReport::of(&name, &turn, &result.executions, result.extension.as_ref(), &verdict),
            None => None,
        };
        let mut report = self.report_of_last_time(&handler.name, &target.version, verdict, result.findings)?;
        report.version = target.version.to_string();
        report.settings_written |= result.settings_written;
        report.changed |= result.changed;
        report
            .commands
            .extend(result.executions.iter().map(CommandReport::from));
        if name.extension.is_some() {
            report.settings = None;
            report.enable = None;
            report
                .extensions
                .retain(|other| other.settings.extension != name.extension);
            report.extensions.extend(own);
        } else {
            report.settings = turn.extension.map(|_| name.clone());
            report.extensions.clear();
            // Of a version that came back, those that it had.
            let (name, is_reported) = match &result.own_settings {
                Some((name, is_reported)) => (name, *is_reported),
                None => (&name, report.settings.is_some()),
            };
            report.settings = is_reported.then(|| name.clone());
            let mut enables = result.executions.iter();
            let enabled =
                enables.rfind(|execution| execution.command == Command::Enable && execution.identity == *target);
            if let Some(enabled) = enabled {
                report.enable = Some(EnableReport {
                    serves: result.serves,
                    ..EnableReport::of(enabled, name)
                });
            }
        }
        if let Some(in_place) = &result.in_place {
            // Without a descriptor to spare there is one line less in the report.
            report.package = Some(PackageReport::new(&in_place.folders, in_place.package.record()));
            report.folders = in_place.folders.preopens().into_iter().map(Into::into).collect();
            report.folders.extend(granted_folders(in_place.grants.effective()));
            report.heartbeat = in_place.package.manifest().report_heartbeat();
        }
        self.put_report(turn, report)
    }

    fn put_report(&mut self, turn: Turn<'_>, report: HandlerReport) -> Result<EntryOutcome, ApplyError> {
        let settings = turn.settings_name();
        let failed = report
            .extensions
            .iter()
            .any(|one| one.settings == settings && one.has_failed());
        let verdict = report.verdict.code;
        let entries = self.write_report(&turn.handler.name, report)?;
        self.begun.insert(turn.handler.name.to_string());
        Ok(match verdict != 0 || failed {
            true => EntryOutcome::HandlerFailed,
            false => outcome_by_status(&entries, &settings),
        })
    }

    fn write_report(&mut self, name: &HandlerName, mut report: HandlerReport) -> Result<Vec<HandlerEntry>, ApplyError> {
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        let before: Option<HandlerReport> = self.store.get(Kind::Report, name.as_str())?;
        let state = Version::parse(&report.version)
            .ok()
            .map(|version| record.state(&version));
        let entries = report.entries(self.root, name, state);
        report.date(&entries, before.as_ref(), OffsetDateTime::now_utc());
        self.commit(vec![Write::put(Kind::Report, name.as_str(), &report)?])?;
        Ok(entries)
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

/// What is reported of a handler with several extensions that is in `state`.
fn verdict_of_extensions(state: HandlerState) -> HandlerVerdict {
    match state {
        HandlerState::Enabled => HandlerVerdict::enabled(),
        _ => HandlerVerdict::disabled(),
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
