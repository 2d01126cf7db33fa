//! One handler's way to what is wanted of it: asks the table for the next step, remembers it, takes it, and says how it
//! ended. Nothing is decided here.

use hostler_contract::manifest::UpdateMode;
use hostler_contract::{Command, Finding, HandlerIdentity, HandlerName, Place, Settings, SettingsName, Version, codes};
use time::OffsetDateTime;

use super::fault::Fault;
use super::place::{self, InPlace};
use super::resolve::Offered;
use super::{ApplyError, Event, Host};
use crate::handler_dir::{HandlerDir, present, remove_data, remove_package};
use crate::lifecycle::{
    After, Done, Execution, Handler, HandlerState, Side, Situation, Step, UpdateRules, VersionChange, Wanted,
};
use crate::report::{HandlerVerdict, command_output, failure, failure_code, handler_verdict};
use crate::sandbox::End;
use crate::state::{HandlerRecord, Kind, UnderWay, UpdateProgress, Write};

/// Code of an update that a failure of the old version stopped (contract 7.4).
const UPDATE_FAILED: i32 = 1008;

/// What is wanted of a handler, as far as it is known before anything is done.
#[derive(Debug)]
pub(super) struct Order<'a> {
    /// Whose.
    pub(super) name: HandlerName,
    /// What is wanted.
    pub(super) wanted: Wanted,
    /// The version that is to be, and where its package lies; only for `Wanted::Enabled`.
    pub(super) offered: Option<Offered>,
    /// Number and content of the settings.
    pub(super) settings: (SettingsName, Option<&'a Settings>),
}

/// What a course came to.
#[derive(Debug)]
pub(super) struct Course {
    /// The version that it was about; `None` where nothing of the handler was there.
    pub(super) target: Option<HandlerIdentity>,
    /// What is reported of the handler; `None` where nothing was done about it.
    pub(super) verdict: Option<HandlerVerdict>,
    /// The commands that ran.
    pub(super) executions: Vec<Execution>,
    /// What there is to say.
    pub(super) findings: Vec<Finding>,
    /// Whether the settings file was written.
    pub(super) settings_written: bool,
    /// Whether the handler is gone.
    pub(super) removed: bool,
    /// Whether the host failed, and not the handler.
    pub(super) host_failed: bool,
    /// What is in place of the target in the end, if its course needed it.
    pub(super) in_place: Option<InPlace>,
}

/// Why a step was not done.
enum Trouble {
    /// A command failed, as the handler's own doing.
    Command(Box<Execution>),
    /// Nothing could be run.
    Fault(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A course that is being taken.
pub(super) struct Walk<'h, 'a> {
    host: &'h mut Host<'a>,
    order: Order<'h>,
    record: HandlerRecord,
    situation: Situation,
    target: HandlerIdentity,
    /// The version that is left, where the versions change.
    old: Option<HandlerIdentity>,
    target_in_place: Option<InPlace>,
    old_in_place: Option<InPlace>,
    stopped: bool,
    course: Course,
}

impl<'h, 'a> Walk<'h, 'a> {
    /// Takes up `order`, where the last one left the handler.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the host's own state cannot be read.
    pub(super) fn new(host: &'h mut Host<'a>, order: Order<'h>) -> Result<Option<Self>, ApplyError> {
        let mut record: HandlerRecord = host.store.get(Kind::Handler, order.name.as_str())?.unwrap_or_default();
        let findings = record.under_way.take().map(|step| interrupted(&order.name, &step));
        forget_what_is_gone(host, &order.name, &mut record);
        let Some(target) = target(host, &order, &record)? else {
            return Ok(None);
        };
        let target = HandlerIdentity::new(order.name.clone(), target);
        let state = record.state(&target.version);
        let old = record
            .installed()
            .map(|installed| installed.version.clone())
            .filter(|version| order.wanted == Wanted::Enabled && !state.is_installed() && *version != target.version);
        // A change that was interrupted goes on, if it is still the one that is wanted.
        let resumed = record.update.take().filter(|update| {
            let same = update.to == target.version && old.as_ref().is_none_or(|old| *old == update.from);
            order.wanted == Wanted::Enabled && same && !state.is_installed()
        });
        let from = resumed
            .as_ref()
            .map(|update| update.from.clone())
            .or_else(|| old.clone());
        let situation = Situation {
            wanted: order.wanted,
            target: state,
            old: old.as_ref().map(|version| record.state(version)),
            downgrade: from.as_ref().is_some_and(|from| target.version < *from),
            rules: UpdateRules {
                continues_on_failure: false,
                installs: true,
            },
            done: resumed.map_or_else(Done::default, |update| Done {
                // The goal state may be another one than then.
                settings: false,
                ..update.done
            }),
        };
        Ok(Some(Self {
            old: from.map(|version| HandlerIdentity::new(order.name.clone(), version)),
            course: Course {
                target: Some(target.clone()),
                verdict: None,
                executions: vec![],
                findings: findings.into_iter().collect(),
                settings_written: false,
                removed: false,
                host_failed: false,
                in_place: None,
            },
            host,
            order,
            record,
            situation,
            target,
            target_in_place: None,
            old_in_place: None,
            stopped: false,
        }))
    }

    /// Goes on until all is done or something stops it.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the host's own state cannot be written, so that nothing more can be done safely.
    pub(super) fn run(mut self) -> Result<Course, ApplyError> {
        if let Err(fault) = self.take_up() {
            self.stop_at(fault);
        }
        while !self.stopped
            && let Some(step) = self.situation.next()
        {
            self.situation.begin(step);
            self.remember_before(step)?;
            match self.take(step) {
                Ok(()) => self.situation.succeed(step),
                Err(Trouble::Fault(fault)) => self.stop_at(fault),
                Err(Trouble::Command(execution)) => self.fail(step, *execution),
            }
        }
        self.remember(None)?;
        self.course.in_place = self.target_in_place;
        Ok(self.course)
    }

    /// Opens what an earlier course left in place and this one needs.
    fn take_up(&mut self) -> Result<(), Fault> {
        if self.situation.wanted == Wanted::Enabled && self.situation.done.placed {
            self.open(Side::Target)?;
        }
        Ok(())
    }

    fn take(&mut self, step: Step) -> Result<(), Trouble> {
        match step {
            Step::Place => self.place()?,
            Step::Settings => self.write_settings()?,
            Step::CarryOver => {
                self.open(Side::Old)?;
                self.open(Side::Target)?;
                if let (Some(old), Some(target)) = (&self.old_in_place, &self.target_in_place) {
                    old.folders.carry_over(&target.folders).map_err(Fault::from)?;
                }
            }
            Step::RemoveOld => {
                self.old_in_place = None;
                if let Some(old) = &self.old {
                    remove_package(self.host.root, old).map_err(Fault::from)?;
                }
            }
            Step::Remove => self.remove()?,
            Step::Run(command, side) => return self.run_command(command, side),
        }
        Ok(())
    }

    fn place(&mut self) -> Result<(), Fault> {
        let Some(offered) = &self.order.offered else {
            return Ok(());
        };
        (self.host.watch)(Event::Gets(&self.target));
        let (package, record, warnings) = place::fetch(self.host.fetcher, &self.target, offered)?;
        self.course.findings.extend(warnings);
        let folders = HandlerDir::place(self.host.root, &self.target, &package)?;
        folders.log_command(
            OffsetDateTime::now_utc(),
            &format!("Initializing extension {}", self.target),
        );
        let version = self.record.version_mut(&self.target.version);
        version.package = Some(record);
        version.settings = None;
        self.target_in_place = None;
        self.open(Side::Target)
    }

    fn write_settings(&mut self) -> Result<(), Fault> {
        self.open(Side::Target)?;
        let (name, settings) = &self.order.settings;
        let Some(in_place) = &self.target_in_place else {
            return Ok(());
        };
        let version = self.record.version_mut(&self.target.version);
        // The newest file is what older handlers go by (contract 4.4): one that is newest and right already stays.
        let newest = version.settings.as_ref() == Some(name);
        if !(newest && in_place.folders.has_settings(name, *settings)) {
            in_place.folders.write_settings(name, *settings)?;
            let said = format!("Update settings file: {}", name.settings_file());
            in_place.folders.log_command(OffsetDateTime::now_utc(), &said);
            self.course.settings_written = true;
        }
        version.settings = Some(name.clone());
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Fault> {
        self.target_in_place = None;
        let name = &self.order.name;
        let mut folders = self.record.identities(name);
        folders.extend(
            present(self.host.root)?
                .into_iter()
                .filter(|identity| identity.name == *name),
        );
        for identity in &folders {
            remove_package(self.host.root, identity)?;
        }
        if self.order.wanted == Wanted::Uninstall {
            remove_data(self.host.root, name)?;
        }
        self.course.removed = true;
        Ok(())
    }

    fn run_command(&mut self, command: Command, side: Side) -> Result<(), Trouble> {
        self.open(side)?;
        let change = self.change();
        let in_place = match side {
            Side::Target => &self.target_in_place,
            Side::Old => &self.old_in_place,
        };
        let Some(in_place) = in_place else {
            return Ok(());
        };
        let handler = Handler {
            sandbox: self.host.sandbox,
            cache: self.host.cache,
            package: &in_place.package,
            grants: &in_place.grants,
            folders: &in_place.folders,
            settings: &self.order.settings.0,
            change: change.as_ref(),
        };
        (self.host.watch)(Event::Runs(in_place.folders.identity(), command));
        let variables: serde_json::Map<_, _> = handler
            .variables(command)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let line = handler.line(command);
        let variables = serde_json::Value::from(variables);
        in_place.folders.log_command(
            OffsetDateTime::now_utc(),
            &format!("Executing command: {line} with environment variables: {variables}"),
        );
        let lowered = self.host.lowered;
        let execution = handler
            .execute(command, |limits| limits.lower_where_higher(lowered))
            .map_err(Fault::from)?;
        if execution.outcome.end.is_success() {
            let output = command_output(&execution.outcome.stdout, &execution.outcome.stderr);
            let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
            in_place.folders.log_command(
                OffsetDateTime::now_utc(),
                &format!("Command: {line}\n{}", lines.join("\n")),
            );
            self.course.verdict = Some(handler_verdict(&execution));
            self.course.executions.push(execution);
            return Ok(());
        }
        // What a failing command wrote is in the report, not here (contract 7.7).
        let code = execution.outcome.end.exit_code();
        in_place.folders.log_command(
            OffsetDateTime::now_utc(),
            &format!("Command failed: {line}, exit code {code}"),
        );
        Err(Trouble::Command(Box::new(execution)))
    }

    /// The change of versions, as its commands are told of it.
    fn change(&self) -> Option<VersionChange> {
        let old = self.old.as_ref()?;
        let to = self.target.version.clone();
        Some(VersionChange {
            from: if self.situation.downgrade {
                to.clone()
            } else {
                old.version.clone()
            },
            to,
            disable: self.situation.done.old_disable,
            uninstall: self.situation.done.old_uninstall,
        })
    }

    fn open(&mut self, side: Side) -> Result<(), Fault> {
        let (identity, there) = match side {
            Side::Target => (&self.target, &mut self.target_in_place),
            Side::Old => match &self.old {
                Some(old) => (old, &mut self.old_in_place),
                None => return Ok(()),
            },
        };
        if there.is_none() {
            let record = self
                .record
                .version(&identity.version)
                .and_then(|version| version.package.as_ref());
            let opened = match record {
                Some(record) => place::open(self.host.root, identity, record)?,
                None => None,
            };
            *there = Some(opened.ok_or_else(|| gone(identity))?);
        }
        if let (Side::Target, Some(in_place)) = (side, &self.target_in_place) {
            let manifest = in_place.package.manifest();
            self.situation.rules = UpdateRules {
                continues_on_failure: manifest.continue_on_update_failure(),
                installs: manifest.update_mode() == UpdateMode::WithInstall,
            };
        }
        Ok(())
    }

    fn fail(&mut self, step: Step, execution: Execution) {
        let end = &execution.outcome.end;
        let code = match end {
            End::TimedOut(_) => failure_code(execution.command, end),
            _ => end.exit_code(),
        };
        let verdict = handler_verdict(&execution);
        let after = self.situation.fail(step, code);
        if after == After::GoOn {
            let said = failure(&execution).map(|reason| reason.said).unwrap_or_default();
            let what = format!(
                "{} of {} failed, and it goes on: {said}",
                execution.command, execution.identity
            );
            let hint = "look at what the command wrote";
            self.course.findings.push(Finding::warning(
                codes::COMMAND_EXIT,
                &execution.identity.to_string(),
                Place::Whole,
                what,
                hint,
            ));
        } else {
            self.stopped = true;
        }
        self.course.host_failed |= matches!(execution.outcome.end, End::HostFault { .. });
        self.course.verdict = Some(match after {
            After::Stop | After::GoOn => verdict,
            After::StopUpdate => {
                let inner = verdict.message.unwrap_or_default();
                let said = format!("[ExtensionUpdateError] {inner}; ContinueOnUpdate: False");
                HandlerVerdict::not_ready(UPDATE_FAILED, said)
            }
        });
        self.course.executions.push(execution);
    }

    fn stop_at(&mut self, fault: Fault) {
        tracing::info!(handler = %self.target, code = ?fault.first_code(), "stopped");
        self.stopped = true;
        self.course.host_failed |= fault.is_hosts;
        let (verdict, findings) = fault.into_report();
        self.course.verdict = Some(verdict);
        self.course.findings.extend(findings);
    }

    /// What has to be on the disk before `step` is taken: how the steps before it ended, and which command begins.
    fn remember_before(&mut self, step: Step) -> Result<(), ApplyError> {
        match step {
            // Taken again when they are interrupted; they leave nothing that the table goes by.
            Step::Settings | Step::CarryOver => Ok(()),
            Step::Place | Step::RemoveOld | Step::Remove => self.remember(None),
            Step::Run(command, side) => {
                let identity = match (side, &self.old) {
                    (Side::Old, Some(old)) => old,
                    _ => &self.target,
                };
                let version = identity.version.clone();
                self.remember(Some(UnderWay { command, version }))
            }
        }
    }

    fn remember(&mut self, under_way: Option<UnderWay>) -> Result<(), ApplyError> {
        let name = self.order.name.as_str();
        if self.course.removed {
            let writes = [Write::remove(Kind::Handler, name), Write::remove(Kind::Report, name)];
            return Ok(self.host.store.commit(&writes)?);
        }
        if self.order.wanted != Wanted::Vanished {
            self.record.version_mut(&self.target.version).state = self.situation.target;
        }
        self.record.update = None;
        if let Some(old) = &self.old {
            match self.situation.old {
                Some(state) => self.record.version_mut(&old.version).state = state,
                None => self.record.forget(&old.version),
            }
            if !self.stopped && !self.situation.target.is_installed() {
                self.record.update = Some(UpdateProgress {
                    from: old.version.clone(),
                    to: self.target.version.clone(),
                    done: self.situation.done.clone(),
                });
            }
        }
        self.record.under_way = under_way;
        Ok(self
            .host
            .store
            .commit(&[Write::put(Kind::Handler, name, &self.record)?])?)
    }
}

/// Forgets the versions whose folders are gone (contract 11: they are installed anew), but for one that an update was
/// about to take away.
fn forget_what_is_gone(host: &Host<'_>, name: &HandlerName, record: &mut HandlerRecord) {
    let leaving = record
        .update
        .as_ref()
        .filter(|update| update.done.old_uninstall.is_some())
        .map(|update| update.from.clone());
    let gone: Vec<Version> = record
        .identities(name)
        .into_iter()
        .filter(|identity| Some(&identity.version) != leaving.as_ref() && !HandlerDir::is_there(host.root, identity))
        .map(|identity| identity.version)
        .collect();
    for version in &gone {
        record.forget(version);
    }
    let lost = |update: &UpdateProgress| gone.contains(&update.to) || gone.contains(&update.from);
    if record.update.as_ref().is_some_and(lost) {
        record.update = None;
    }
}

/// The version that `order` is about; `None` where there is nothing to do about the handler.
fn target(host: &Host<'_>, order: &Order<'_>, record: &HandlerRecord) -> Result<Option<Version>, ApplyError> {
    if let Some(offered) = &order.offered {
        // As its folder is called: `1.0` and `1.0.0` are one version.
        let known = record.version(&offered.version).map(|version| version.version.clone());
        return Ok(Some(known.unwrap_or_else(|| offered.version.clone())));
    }
    let installed = record.installed().map(|installed| installed.version.clone());
    if order.wanted == Wanted::Disabled {
        return Ok(installed);
    }
    let failed = |state| record.versions.iter().rev().find(move |version| version.state == state);
    let other = failed(HandlerState::FailedUpgrade)
        .or_else(|| failed(HandlerState::NotInstalled))
        .map(|version| version.version.clone());
    if let Some(version) = installed.or(other) {
        return Ok(Some(version));
    }
    let there = present(host.root).map_err(ApplyError::Folders)?;
    Ok(there
        .into_iter()
        .find(|identity| identity.name == order.name)
        .map(|identity| identity.version))
}

fn interrupted(name: &HandlerName, step: &UnderWay) -> Finding {
    let what = format!("hostler was stopped while {} of {} ran", step.command, step.version);
    let hint = "nothing: it went on from there";
    Finding::warning(codes::HANDLER_INTERRUPTED, name.as_str(), Place::Whole, what, hint)
}

fn gone(identity: &HandlerIdentity) -> Fault {
    let what = "its package is not in its place any more";
    let hint = "apply the goal state once more, which installs it anew";
    let finding = Finding::refusal(codes::PKG_CHANGED, &identity.to_string(), Place::Whole, what, hint);
    Fault::in_place(&finding.into())
}
