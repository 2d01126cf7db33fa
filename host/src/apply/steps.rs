//! The steps of a transition, each as it is taken.

use hostler_contract::manifest::UpdateMode;
use hostler_contract::{Command, ExtensionName, Finding, HandlerIdentity, Place, SettingsName, codes};

use super::Event;
use super::fault::Fault;
use super::place::{self, InPlace};
use super::transition::{Transition, Trouble};
use crate::handler_dir::{HandlerDir, drop_kept, present, remove_data, remove_package};
use crate::lifecycle::{Handler, ReadyExecution, ServiceSpec, Side, Step, UpdateRules, VersionChange, Wanted};
use crate::report::{command_output, handler_verdict};

impl<'a> Transition<'_, 'a> {
    /// Gets the command of `step` ready, where it has one and what it needs is open. What is wrong is found once more when
    /// it is run, and told then.
    pub(super) fn get_ready(&self, step: Step) -> Option<ReadyExecution<'a>> {
        let Step::Run(command, side) = step else { return None };
        let in_place = match side {
            Side::Target => self.target_in_place.as_ref()?,
            Side::Old => self.old_in_place.as_ref()?,
        };
        let (change, lowered) = (self.change(), self.host.lowered);
        let handler = self.handler(in_place, self.settings_of(step), change.as_ref());
        handler
            .get_ready(command, |limits| limits.lower_where_higher(lowered))
            .ok()
    }

    /// What is in place, with all that its commands need.
    fn handler<'t>(
        &'t self,
        in_place: &'t InPlace,
        settings: &'t SettingsName,
        change: Option<&'t VersionChange>,
    ) -> Handler<'a, 't> {
        Handler {
            sandbox: self.host.sandbox,
            cache: self.host.cache,
            package: &in_place.package,
            grants: &in_place.grants,
            folders: &in_place.folders,
            settings,
            change,
            handed_on: None,
        }
    }

    /// Takes `step`, whose command may be `ready`.
    pub(super) fn take(&mut self, step: Step, ready: Option<ReadyExecution<'a>>) -> Result<(), Trouble> {
        match step {
            Step::Place => self.place()?,
            Step::Settings => self.write_settings()?,
            Step::CarryOver => {
                self.open(Side::Target)?;
                // Its folders will do: what is wrong with its package is for its commands to fail at.
                let old = match &self.old {
                    Some(old) => HandlerDir::open(self.host.root, old).map_err(Fault::from)?,
                    None => None,
                };
                if let Some(old) = old {
                    let target = self.in_place(Side::Target)?;
                    old.carry_over(&target.folders).map_err(Fault::from)?;
                }
            }
            Step::Keep => self.keep()?,
            Step::Prove => return self.prove(),
            Step::PutBack => self.put_back()?,
            Step::RemoveOld => {
                // What runs on after an enable is the new version's.
                if !self.standing.situation.done.enabled {
                    self.stop_service(None);
                }
                self.old_in_place = None;
                if let Some(old) = &self.old {
                    remove_package(self.host.root, old).map_err(Fault::from)?;
                }
                if self.standing.situation.roll_back.is_some() {
                    drop_kept(self.host.root, &self.desired.name).map_err(Fault::from)?;
                }
            }
            Step::Remove => self.remove()?,
            Step::Run(command, side) => return self.run_command(command, side, ready),
        }
        Ok(())
    }

    fn place(&mut self) -> Result<(), Fault> {
        // Only what is to be enabled is placed, and it was resolved before.
        let offered = self.desired.offered.as_ref().ok_or_else(|| gone(&self.target))?;
        (self.host.watch)(Event::Gets(&self.target));
        let fetched = place::fetch(self.host, &self.target, offered)?;
        self.check_several(fetched.package.manifest())?;
        self.result.findings.extend(fetched.warnings);
        self.audit_decided(&fetched.decided, &fetched.record.digest)?;
        // Before anything of it is in place.
        self.check_approval(fetched.decided.grants.effective(), &fetched.record.digest)?;
        self.audit_accepted(&fetched.record)?;
        let folders = HandlerDir::place(self.host.root, &self.target, fetched.package.into_staged())?;
        let extension = self.desired.settings.0.extension.as_ref();
        folders.log_command(extension, &format!("Initializing extension {}", self.target));
        let version = self.standing.record.version_mut(&self.target.version);
        version.package = Some(fetched.record);
        version.settings = None;
        self.target_in_place = None;
        self.open(Side::Target)
    }

    fn write_settings(&mut self) -> Result<(), Fault> {
        self.open(Side::Target)?;
        let (name, settings) = &self.desired.settings;
        let in_place = self.target_in_place.as_ref().ok_or_else(|| gone(&self.target))?;
        let version = self.standing.record.version_mut(&self.target.version);
        // The newest file is what older handlers go by (contract 4.4): one that is newest and right already stays.
        // One of several extensions goes by its name.
        let newest = name.extension.is_some() || version.settings.as_ref() == Some(name);
        let extension = name.extension.as_ref();
        let state = self.standing.situation.target.name();
        let said = format!("Target handler state: enabled, current handler state: {state}");
        in_place.folders.log_command(extension, &said);
        if !(newest && in_place.folders.has_settings(name, *settings)) {
            in_place.folders.write_settings(name, *settings)?;
            let said = format!("Update settings file: {}", name.settings_file());
            in_place.folders.log_command(extension, &said);
            self.result.settings_written = true;
        }
        version.settings = Some(name.clone());
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Fault> {
        self.stop_service(None);
        self.target_in_place = None;
        let name = &self.desired.name;
        let mut folders = self.standing.record.identities(name);
        folders.extend(
            present(self.host.root)?
                .into_iter()
                .filter(|identity| identity.name == *name),
        );
        // The data first: what is left when the host is stopped in between is then found by the package.
        if self.desired.wanted == Wanted::Uninstall {
            remove_data(self.host.root, name)?;
        }
        drop_kept(self.host.root, name)?;
        for identity in &folders {
            remove_package(self.host.root, identity)?;
        }
        if let Some(services) = self.host.services {
            services.forget(name);
        }
        self.result.removed = true;
        Ok(())
    }

    /// Nothing of the handler runs beside its commands, or when its folders go; of a command that is one extension's, that
    /// one's service stops.
    pub(super) fn stop_service(&self, extension: Option<&ExtensionName>) {
        if let Some(services) = self.host.services {
            services.stop(&self.desired.name, extension);
        }
    }

    /// What runs on after an enable that went well.
    fn start_service(&mut self, service: ServiceSpec) {
        if let Some(services) = self.host.services {
            self.result.serves = true;
            return services.start(service);
        }
        let what = "it has a service, and nobody stays to keep it running";
        let hint = "use `hostler agent`, which keeps services, in place of `hostler apply`";
        let file = self.target.to_string();
        let finding = Finding::warning(codes::SERVICE_NOT_KEPT, &file, Place::Whole, what, hint);
        self.result.findings.push(finding);
    }

    fn run_command(&mut self, command: Command, side: Side, ready: Option<ReadyExecution<'a>>) -> Result<(), Trouble> {
        self.open(side)?;
        let change = self.change();
        let settings = self.settings_of(Step::Run(command, side)).clone();
        let extension = settings.extension.as_ref();
        let identity = match (side, &self.old) {
            (Side::Old, Some(old)) => old,
            _ => &self.target,
        };
        (self.host.watch)(Event::Runs(identity, command));
        self.audit_opened(command, side)?;
        let in_place = self.in_place(side)?;
        let handler = self.handler(in_place, &settings, change.as_ref());
        let variables: serde_json::Map<_, _> = handler
            .variables(command)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let line = handler.line(command);
        let variables = serde_json::Value::from(variables);
        let said = format!("Executing command: {line} with environment variables: {variables}");
        in_place.folders.log_command(extension, &said);
        let lowered = self.host.lowered;
        // What is to run on is found out before, so that an enable whose service cannot run is not begun.
        let service = match command {
            Command::Enable => handler.service(|limits| limits.lower_where_higher(lowered)),
            _ => Ok(None),
        };
        let service = service.map_err(|error| {
            let said = format!("Not executed: {line}: its service cannot be run: {error}");
            in_place.folders.log_command(extension, &said);
            Fault::from(error)
        })?;
        if command == Command::Enable && self.standing.situation.roll_back.is_some() {
            // One of an earlier attempt would prove nothing.
            in_place.folders.forget_heartbeat().map_err(Fault::from)?;
        }
        let ready = match ready {
            Some(ready) => ready,
            None => handler
                .get_ready(command, |limits| limits.lower_where_higher(lowered))
                .map_err(|error| {
                    let said = format!("Not executed: {line}: {error}");
                    in_place.folders.log_command(extension, &said);
                    Fault::from(error)
                })?,
        };
        let execution = ready.run();
        if execution.outcome.end.is_success() {
            let output = command_output(&execution.outcome.stdout, &execution.outcome.stderr);
            let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
            in_place
                .folders
                .log_command(extension, &format!("Command: {line}\n{}", lines.join("\n")));
            self.result.verdict = Some(handler_verdict(&execution));
            self.result.executions.push(execution);
            if let Some(service) = service {
                self.start_service(service);
            }
            return Ok(());
        }
        // What a failing command wrote is in the report, not here (contract 7.7).
        let code = execution.outcome.end.exit_code();
        in_place
            .folders
            .log_command(extension, &format!("Command failed: {line}, exit code {code}"));
        Err(Trouble::Command(Box::new(execution)))
    }

    /// What is in place of one side, once it was opened.
    pub(super) fn in_place(&self, side: Side) -> Result<&InPlace, Fault> {
        let in_place = match side {
            Side::Target => &self.target_in_place,
            Side::Old => &self.old_in_place,
        };
        in_place.as_ref().ok_or_else(|| gone(&self.target))
    }

    /// Opens what is in place of one side, unless it is open, and takes note of the target's rules.
    pub(super) fn open(&mut self, side: Side) -> Result<(), Fault> {
        let (identity, there) = match side {
            Side::Target => (&self.target, &self.target_in_place),
            Side::Old => match &self.old {
                Some(old) => (old, &self.old_in_place),
                None => return Err(gone(&self.target)),
            },
        };
        if there.is_none() {
            let record = self
                .standing
                .record
                .version(&identity.version)
                .and_then(|version| version.package.as_ref());
            let goes = side == Side::Old || !self.desired.wanted.keeps();
            let in_force = self.standing.record.grants.clone().unwrap_or_default();
            let goes = goes.then_some(&in_force);
            let opened = match record {
                Some(record) => place::open(self.host.root, identity, record, &self.host.policy, goes)?,
                None => None,
            };
            let opened = opened.ok_or_else(|| gone(identity))?;
            if goes.is_none() {
                self.check_several(opened.package.manifest())?;
            }
            if goes.is_none() {
                self.check_approval(opened.grants.effective(), &opened.package.record().digest)?;
            }
            match side {
                Side::Target => self.target_in_place = Some(opened),
                Side::Old => self.old_in_place = Some(opened),
            }
        }
        if let (Side::Target, Some(in_place)) = (side, &self.target_in_place) {
            let manifest = in_place.package.manifest();
            self.standing.situation.rules = UpdateRules {
                continues_on_failure: manifest.continue_on_update_failure(),
                installs: manifest.update_mode() == UpdateMode::WithInstall,
            };
        }
        Ok(())
    }
}

fn gone(identity: &HandlerIdentity) -> Fault {
    let what = "its package is not in its place any more";
    let hint = "apply the goal state once more, which installs it anew";
    let finding = Finding::refusal(codes::PKG_CHANGED, &identity.to_string(), Place::Whole, what, hint);
    Fault::in_place(&finding.into())
}
