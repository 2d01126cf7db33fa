//! One handler's way to what is wanted of it: asks the table for the next step, remembers it, takes it, and says how it
//! ended. Nothing is decided here.

use std::collections::VecDeque;

use hostler_contract::{Command, Finding, HandlerIdentity, Place, SettingsName, Version, codes};

use super::desired::{DesiredHandler, TransitionResult};
use super::fault::Fault;
use super::place::InPlace;
use super::several::to_disable;
use super::standing::{forget_what_is_gone, target};
use super::{ApplyError, Host};
use crate::grants::OnUpdateFailure;
use crate::lifecycle::{After, Execution, Side, Step, Wanted};
use crate::report::{HandlerVerdict, failure, failure_code, handler_verdict};
use crate::sandbox::End;
use crate::state::{HandlerRecord, Kind, Standing, UnderWay, Write};

/// Why a step was not done.
pub(super) enum Trouble {
    /// A command failed, as the handler's own doing.
    Command(Box<Execution>),
    /// Nothing could be run.
    Fault(Fault),
    /// The host was told to stop.
    Stopped,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A transition that is being made.
pub(super) struct Transition<'h, 'a> {
    pub(super) host: &'h mut Host<'a>,
    pub(super) desired: DesiredHandler<'h>,
    pub(super) standing: Standing,
    pub(super) target: HandlerIdentity,
    /// The version that is left, where the versions change.
    pub(super) old: Option<HandlerIdentity>,
    pub(super) target_in_place: Option<InPlace>,
    pub(super) old_in_place: Option<InPlace>,
    /// The extensions whose disable is to run.
    pub(super) to_disable: VecDeque<SettingsName>,
    pub(super) result: TransitionResult,
    /// What was remembered of it before.
    pub(super) before: HandlerRecord,
}

impl<'h, 'a> Transition<'h, 'a> {
    /// Takes up `desired`, where the last one left the handler.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the host's own state cannot be read.
    pub(super) fn new(host: &'h mut Host<'a>, desired: DesiredHandler<'h>) -> Result<Option<Self>, ApplyError> {
        let mut record: HandlerRecord = host
            .store
            .get(Kind::Handler, desired.name.as_str())?
            .unwrap_or_default();
        let findings = host.interrupted.remove(desired.name.as_str());
        forget_what_is_gone(host, &desired, &mut record)?;
        let Some(target) = target(host, &desired, &record)? else {
            return Ok(None);
        };
        let before = record.clone();
        let mut standing = Standing::take_up(record, desired.wanted, target);
        if desired.wanted == Wanted::Enabled {
            // Several extensions are enabled one by one: there is no one moment to be well at.
            let old = standing.old.as_ref().and_then(|old| standing.record.version(old));
            let is_one = desired.settings.0.extension.is_none() && old.is_none_or(|old| old.extensions.is_empty());
            let version = HandlerIdentity::new(desired.name.clone(), standing.target.clone());
            let policy = host.policy.on_update_failure(&version);
            standing.begin(is_one && policy != OnUpdateFailure::Contract);
        }
        let to_disable = to_disable(&mut standing, &desired);
        let identity = |version: &Version| HandlerIdentity::new(desired.name.clone(), version.clone());
        let target = identity(&standing.target);
        Ok(Some(Self {
            old: standing.old.as_ref().map(identity),
            result: TransitionResult {
                target: target.clone(),
                state: standing.situation.target,
                verdict: None,
                extension: None,
                executions: vec![],
                findings: findings.into_iter().collect(),
                settings_written: false,
                changed: false,
                removed: false,
                serves: false,
                host_failed: false,
                goes_back: false,
                own_settings: None,
                in_place: None,
            },
            host,
            desired,
            standing,
            target,
            target_in_place: None,
            old_in_place: None,
            to_disable,
            before,
        }))
    }

    /// Goes on until all is done or something stops it.
    ///
    /// # Errors
    ///
    /// [`ApplyError`]: the host's own state cannot be written, so that nothing more can be done safely.
    pub(super) fn run(mut self) -> Result<TransitionResult, ApplyError> {
        self.audit_downgrade()?;
        if let Err(fault) = self.take_up() {
            self.audit_refused_grants(&fault)?;
            if self
                .standing
                .situation
                .roll_back()
                .is_some_and(|roll_back| roll_back.kept)
            {
                self.standing.situation.turn_back();
            }
            self.stop_at(fault);
        }
        while !self.standing.stopped
            && let Some(step) = self.standing.situation.next()
        {
            if let Err(stopped) = self.host.go_on() {
                self.remember(None)?;
                return Err(stopped);
            }
            self.standing.situation.begin(step);
            if let Step::Run(command, _) = step {
                let extension = self.settings_of(step).extension.as_ref();
                let is_extensions = matches!(command, Command::Enable | Command::Disable);
                self.stop_service(extension.filter(|_| is_extensions));
            } else if matches!(step, Step::Keep | Step::PutBack) {
                self.stop_service(None);
            }
            self.host.record_services()?;
            // While it is written down that a command begins, its worker gets ready.
            let ready = self.get_ready(step);
            self.audit_before(step)?;
            self.remember_before(step)?;
            let taken = self.take(step, ready);
            self.audit_after(step, &taken)?;
            self.host.record_services()?;
            match taken {
                Ok(()) => {
                    self.standing.situation.succeed(step);
                    self.ended(step, 0);
                }
                Err(Trouble::Fault(fault)) => self.stop_in(step, fault),
                Err(Trouble::Command(execution)) => self.fail(step, *execution),
                Err(Trouble::Stopped) => {
                    self.remember(None)?;
                    return Err(ApplyError::Stopped);
                }
            }
        }
        self.note_failed_update()?;
        self.note_in_force();
        self.audit_in_force()?;
        self.remember(None)?;
        self.result.changed = self.result.settings_written || self.standing.record != self.before;
        self.result.state = self.standing.situation.target;
        self.result.in_place = self.target_in_place;
        Ok(self.result)
    }

    /// Opens what an earlier transition left in place and this one needs.
    fn take_up(&mut self) -> Result<(), Fault> {
        if self.standing.situation.wanted.installs() && self.standing.situation.done.placed {
            self.open(Side::Target)?;
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
        let after = self.standing.situation.fail(step, code);
        self.ended(step, code);
        if after == After::GoOn {
            let said = failure(&execution).map(|reason| reason.said).unwrap_or_default();
            let what = format!(
                "{} of {} failed, and it goes on: {said}",
                execution.command, execution.identity
            );
            let hint = "look at what the command wrote";
            self.result.findings.push(Finding::warning(
                codes::COMMAND_EXIT,
                &execution.identity.to_string(),
                Place::Whole,
                what,
                hint,
            ));
        } else {
            self.standing.stopped = true;
        }
        self.result.host_failed |= matches!(execution.outcome.end, End::HostFault { .. });
        match after {
            After::Stop if self.is_extensions_own(step) => self.result.extension = Some(verdict),
            After::GoOn if self.standing.situation.wanted == Wanted::ExtensionDisabled => {}
            After::Stop | After::GoOn => self.result.verdict = Some(verdict),
            After::StopUpdate => self.result.verdict = Some(update_failed(verdict)),
        }
        self.result.executions.push(execution);
    }

    /// A step could not be taken. What is wrong with the old version is a failure of its command (contract 7.4), but for
    /// what the host is to blame for.
    fn stop_in(&mut self, step: Step, fault: Fault) {
        if self.is_extensions_own(step) && !fault.is_hosts {
            let before = self.result.verdict.take();
            self.stop_at(fault);
            self.result.extension = std::mem::replace(&mut self.result.verdict, before);
            return;
        }
        let is_extensions_end = self.desired.wanted == Wanted::ExtensionDisabled;
        let command = match step {
            Step::Run(command @ (Command::Disable | Command::Uninstall), Side::Old) if !fault.is_hosts => command,
            // Of one extension alone: it goes whatever it says (contract 7.5).
            Step::Run(command @ Command::Disable, _) if is_extensions_end && !fault.is_hosts => command,
            Step::Run(command, _) if self.goes_on_the_way_back(step, command) => {
                self.result.findings.extend(fault.into_report().1);
                return;
            }
            _ => {
                // Before anything of the old version was touched, only what the new one is to blame for is taken back.
                if fault.is_versions() || !matches!(step, Step::Place | Step::Settings) {
                    self.standing.situation.turn_back();
                }
                return self.stop_at(fault);
            }
        };
        let (verdict, findings) = fault.into_report();
        self.result.findings.extend(findings);
        let after = self.standing.situation.fail(step, command.error_code());
        self.ended(step, command.error_code());
        if after == After::GoOn {
            return;
        }
        self.standing.stopped = true;
        self.result.verdict = Some(update_failed(verdict));
    }

    /// Takes note of how the command of `step` ended for its extension.
    fn ended(&mut self, step: Step, code: i32) {
        if let Err(fault) = self.note_extension(step, code) {
            self.stop_at(fault);
        }
    }

    /// Whether a command of the way back that could not be run stops nothing: only the last one is the proof.
    fn goes_on_the_way_back(&mut self, step: Step, command: Command) -> bool {
        let is_back = self.standing.situation.wanted == Wanted::RolledBack;
        is_back && self.standing.situation.fail(step, command.error_code()) == After::GoOn
    }

    fn stop_at(&mut self, fault: Fault) {
        tracing::info!(handler = %self.target, code = ?fault.first_code(), "stopped");
        self.standing.stopped = true;
        self.result.host_failed |= fault.is_hosts;
        let (verdict, findings) = fault.into_report();
        self.result.verdict = Some(verdict);
        self.result.findings.extend(findings);
    }

    /// What has to be on the disk before `step` is taken: how the steps before it ended, and which command begins.
    fn remember_before(&mut self, step: Step) -> Result<(), ApplyError> {
        match step {
            // Which settings file is the newest is not known again before the new one is written.
            Step::Settings => {
                let written = &mut self.standing.record.version_mut(&self.target.version).settings;
                if written.as_ref() == Some(&self.desired.settings.0) {
                    return Ok(());
                }
                *written = None;
                self.remember(None)
            }
            Step::Place
            | Step::Keep
            | Step::CarryOver
            | Step::Prove
            | Step::PutBack
            | Step::RemoveOld
            | Step::Remove => self.remember(None),
            Step::Run(command, side) => {
                let version = self.identity(side).version.clone();
                self.remember(Some(UnderWay { command, version }))
            }
        }
    }

    /// The version of one side.
    pub(super) fn identity(&self, side: Side) -> &HandlerIdentity {
        match (side, &self.old) {
            (Side::Old, Some(old)) => old,
            _ => &self.target,
        }
    }

    fn remember(&mut self, under_way: Option<UnderWay>) -> Result<(), ApplyError> {
        let name = self.desired.name.as_str();
        let writes = if self.result.removed {
            vec![Write::remove(Kind::Handler, name), Write::remove(Kind::Report, name)]
        } else {
            vec![Write::put(Kind::Handler, name, self.standing.remember(under_way))?]
        };
        self.host.commit(writes)
    }
}

/// A failure of the old version that stops the update (contract 7.4).
fn update_failed(inner: HandlerVerdict) -> HandlerVerdict {
    let inner = inner.message.unwrap_or_default();
    HandlerVerdict::not_ready(
        Command::Update.error_code(),
        format!("[ExtensionUpdateError] {inner}; ContinueOnUpdate: False"),
    )
}
