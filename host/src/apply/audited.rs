//! What of a goal state is recorded in the audit log, and when.
//!
//! Before it is acted upon, on the disk: a command that begins, a package that is put in place. Everything else is on the
//! disk with the next commit of the state, which is before the next step, and never after it: a result that the state has
//! is in the log. Where a line cannot be written, `apply` ends; what was to be recorded before is not done then.

use hostler_contract::{Command, Finding, HandlerName};

use super::fault::Fault;
use super::transition::{Transition, Trouble};
use super::{ApplyError, Host};
use crate::audit::{AuditEvent, Codes, Entry, RuleName, SourceText, execution_entries};
use crate::handler_dir::PackageRecord;
use crate::lifecycle::{Side, Step, Wanted};
use crate::report::Removal;
use crate::services::Services;
use crate::state::Write;

impl Host<'_> {
    /// Makes `writes` in the state, with where the audit log ends.
    pub(super) fn commit(&mut self, writes: Vec<Write>) -> Result<(), ApplyError> {
        Ok(self.audit.commit(self.store, writes)?)
    }

    pub(super) fn record(&mut self, entry: impl Into<Entry>) -> Result<(), ApplyError> {
        Ok(self.audit.record(self.store, entry)?)
    }

    /// What happened to services since this was done the last time.
    pub(super) fn record_services(&mut self) -> Result<(), ApplyError> {
        for event in self.services.map(Services::take_events).unwrap_or_default() {
            self.record(event)?;
        }
        Ok(())
    }

    pub(super) fn audit_damaged(&mut self, damaged: &[Finding]) -> Result<(), ApplyError> {
        match AuditEvent::of_damaged_state(damaged) {
            Some(event) => self.record(event),
            None => Ok(()),
        }
    }

    pub(super) fn audit_refused_entry(&mut self, name: &HandlerName, findings: &[Finding]) -> Result<(), ApplyError> {
        let codes = Codes::from(findings);
        self.record(AuditEvent::EntryRefused { codes }.of(name))
    }
}

impl Transition<'_, '_> {
    pub(super) fn audit_downgrade(&mut self) -> Result<(), ApplyError> {
        let situation = &self.standing.situation;
        match &self.old {
            Some(old) if situation.wanted.installs() && situation.downgrade => {
                let from = old.version.clone();
                self.host.record(AuditEvent::Downgrade { from }.of(&self.target))
            }
            _ => Ok(()),
        }
    }

    /// What is on the disk before `step` is taken: it is remembered next, which commits this too.
    pub(super) fn audit_before(&mut self, step: Step) -> Result<(), ApplyError> {
        let settings = self.settings_of(step).number;
        match step {
            Step::Run(command, side) => {
                let entry = AuditEvent::CommandBegun { command, settings }.of(self.identity(side));
                let entry = entry.digest(self.package(side).map_or("", |package| &package.digest));
                self.host.record(entry)
            }
            Step::Settings => {
                let record = &self.standing.record;
                let of = |version| record.version(version)?.settings.as_ref();
                let before = of(&self.target.version).or_else(|| of(&self.old.as_ref()?.version));
                match before.map(|before| before.number) {
                    Some(from) if from > settings => {
                        let event = AuditEvent::LowerSequenceNumber { from, to: settings };
                        self.host.record(event.of(&self.target))
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A package that is put in place next.
    pub(super) fn audit_accepted(&mut self, package: &PackageRecord) -> Result<(), Fault> {
        let event = AuditEvent::PackageAccepted {
            source: SourceText::from(package),
            bytes: package.bytes,
            signature: package.signature.word(),
            signer: package.signature.signer().map(RuleName::new),
        };
        let entry = event.of(&self.target).digest(&package.digest);
        Ok(self.host.audit.record_durably(self.host.store, entry)?)
    }

    /// What came of `step`; it is on the disk before the state says so.
    pub(super) fn audit_after(&mut self, step: Step, taken: &Result<(), Trouble>) -> Result<(), ApplyError> {
        match (step, taken) {
            (Step::Run(command, side), Ok(())) => {
                self.audit_ended(command, side, None)?;
                match command {
                    Command::Install => self.audit_installed(),
                    _ => Ok(()),
                }
            }
            // Where an update goes without install, it is installed now.
            (Step::RemoveOld, Ok(()))
                if !self.standing.situation.rules.installs && self.desired.wanted == Wanted::Enabled =>
            {
                self.audit_installed()
            }
            (_, Err(Trouble::Stopped)) => Ok(()),
            (Step::Run(command, side), Err(trouble)) => self.audit_ended(command, side, Some(trouble)),
            (Step::Settings, Err(Trouble::Fault(fault))) => self.audit_refused_grants(fault),
            (Step::Place, Err(Trouble::Fault(fault))) => {
                self.audit_refused_grants(fault)?;
                let codes = Codes::from(fault.findings());
                self.host.record(AuditEvent::PackageRefused { codes }.of(&self.target))
            }
            (Step::Remove, Ok(())) => {
                let how = match self.desired.wanted {
                    Wanted::Vanished => Removal::Vanished,
                    _ => Removal::Uninstalled,
                };
                self.host
                    .record(AuditEvent::HandlerRemoved { how }.of(&self.desired.name))
            }
            _ => Ok(()),
        }
    }

    fn audit_ended(&mut self, command: Command, side: Side, trouble: Option<&Trouble>) -> Result<(), ApplyError> {
        let identity = self.identity(side).clone();
        let execution = match trouble {
            Some(Trouble::Command(execution)) => Some(&**execution),
            Some(Trouble::Fault(fault)) => {
                let event = AuditEvent::not_run(command, fault.findings());
                return self.host.record(event.of(&identity));
            }
            None | Some(Trouble::Stopped) => self.result.executions.last(),
        };
        for entry in execution.map(execution_entries).unwrap_or_default() {
            self.host.record(entry)?;
        }
        Ok(())
    }

    fn audit_installed(&mut self) -> Result<(), ApplyError> {
        let Some(package) = self.package(Side::Target) else {
            return Ok(());
        };
        let event = AuditEvent::VersionInstalled {
            source: SourceText::from(package),
            from: self.old.as_ref().map(|old| old.version.clone()),
        };
        let entry = event.of(&self.target).digest(&package.digest);
        self.host.record(entry)
    }

    pub(super) fn package(&self, side: Side) -> Option<&PackageRecord> {
        let version = &self.identity(side).version;
        self.standing.record.version(version)?.package.as_ref()
    }
}
