//! Carries a case out: its steps one after another, until one is not as expected.

use std::fs;
use std::path::Path;
use std::time::Duration;

use hostler_contract::{ExtensionName, HandlerIdentity, SequenceNumber, Settings, SettingsName, escape_bounded};
use time::OffsetDateTime;

use super::account::Verdict;
use super::case::{Case, Fault, Only, SettingsKind, Step, StepAction, Whose};
use super::expectation::{Before, MARK};
use super::folders::{Folders, far_ahead, long_ago};
use super::handler::{Asked, HandlerUnderTest, PutInPlace, Ran, UnderTestError, next_version};
use super::seen::{Ended, FileSeen, Seen};
use crate::lifecycle::VersionChange;

/// Longest line of standard error that is told of, in bytes.
const LINE_BYTES: usize = 200;

/// How long enable is taken to last where it has not run yet.
const UNKNOWN: Duration = Duration::from_millis(100);

/// A case that is being carried out.
struct Course<'a> {
    handler: Box<dyn PutInPlace + 'a>,
    identity: &'a HandlerIdentity,
    settings: &'a Settings,
    before: Before,
    /// How long the last enable took that nothing was in the way of.
    usual: Duration,
    /// Exit code of the old version's disable and uninstall.
    disabled: Option<i32>,
    uninstalled: Option<i32>,
}

/// Carries `case` out on `tested`, which is `identity`, in the empty folder `root`, with `settings` as its settings.
///
/// # Errors
/// The package is refused, or the host fails: then nothing is known of the rule.
pub fn carry_out(
    case: &Case,
    tested: &dyn HandlerUnderTest,
    identity: &HandlerIdentity,
    settings: &Settings,
    is_native: bool,
    root: &Path,
) -> Result<Verdict, UnderTestError> {
    match case.only {
        Only::Heartbeat if !tested.manifest().report_heartbeat() => {
            return Ok(Verdict::NotApplicable(
                "the manifest does not say `reportHeartbeat`".to_owned(),
            ));
        }
        Only::Components if is_native => {
            let why = "it cannot be tried with a native program, whose surroundings are the machine's";
            return Ok(Verdict::NotApplicable(why.to_owned()));
        }
        _ => {}
    }
    let mut course = Course {
        handler: tested.put_in_place(root)?,
        identity,
        settings,
        before: Before {
            has_service: tested.manifest().service_command().is_some(),
            ..Before::default()
        },
        usual: UNKNOWN,
        disabled: None,
        uninstalled: None,
    };
    let mut last = "nothing had to be seen".to_owned();
    for step in &case.steps {
        let Some(seen) = course.take(step)? else { continue };
        for expectation in &step.expect {
            if let Some(instead) = expectation.judge(&seen, &course.before) {
                let what = format!("{}: {instead}", told(step));
                return Ok(match step.premise {
                    true => Verdict::NotTried(what),
                    false => Verdict::Broken(what),
                });
            }
        }
        if !step.expect.is_empty() {
            last = format!("{}: {}", told(step), summary(&seen));
        }
    }
    Ok(Verdict::Held(last))
}

/// Which step, in words.
fn told(step: &Step) -> String {
    let mut words = step.action.name().to_owned();
    if step.action.command().is_some() {
        words += &format!(" (settings {})", step.number);
    }
    if step.of == Whose::New {
        words += " of the new version";
    }
    words += match step.fault {
        None => "",
        Some(Fault::FullDisk) => " on a full disk",
        Some(Fault::NoWriteAccess) => " without write access",
        Some(Fault::StoppedEarly | Fault::StoppedLater) => ", stopped in the middle",
        Some(Fault::Clock1970) => " in 1970",
        Some(Fault::Clock2100) => " in 2100",
    };
    words
}

/// What was seen, where it was as expected.
fn summary(seen: &Seen) -> String {
    let status = match seen.status() {
        Ok(document) => document.status().map(|status| format!(", status `{}`", status.kind)),
        Err(_) => None,
    };
    seen.ended.words() + &status.unwrap_or_default()
}

impl Course<'_> {
    /// Takes a step; what was seen, where it ran something.
    fn take(&mut self, step: &Step) -> Result<Option<Seen>, UnderTestError> {
        let folders = self.handler.folders(step.of)?;
        let name = SettingsName::single(SequenceNumber::new(step.number).unwrap_or(SequenceNumber::FIRST));
        let Some(command) = step.action.command() else {
            return match step.action {
                StepAction::Service => self.serve(&name, &folders, step.number),
                StepAction::MarkData => {
                    let mark = folders.data.join(MARK);
                    fs::write(&mark, "put here by hostler test\n").map_err(UnderTestError::io(&mark))?;
                    self.before.data = folders.data_files();
                    Ok(None)
                }
                _ => {
                    let set = folders.set_times(far_ahead(), long_ago());
                    set.map_err(UnderTestError::io(&folders.base))?;
                    Ok(None)
                }
            };
        };
        self.write_settings(step, &name, &folders)?;
        let change = (step.of == Whose::New).then(|| VersionChange {
            from: self.identity.version.clone(),
            to: next_version(self.identity).version,
            disable: self.disabled,
            disables: Vec::<(ExtensionName, Option<i32>)>::new(),
            uninstall: self.uninstalled,
        });
        let shift = match step.fault {
            Some(Fault::Clock1970) => time::Duration::seconds(-OffsetDateTime::now_utc().unix_timestamp()),
            Some(Fault::Clock2100) => OffsetDateTime::from(far_ahead()) - OffsetDateTime::now_utc(),
            _ => time::Duration::ZERO,
        };
        let started = OffsetDateTime::now_utc().saturating_add(shift);
        let ran = self.handler.run(&Asked {
            of: step.of,
            command,
            settings: &name,
            change: change.as_ref(),
            fault: step.fault,
            usual: self.usual,
        })?;
        self.remember(step, &ran);
        Ok(Some(seen(ran, &folders, step.number, started)))
    }

    fn write_settings(&self, step: &Step, name: &SettingsName, folders: &Folders) -> Result<(), UnderTestError> {
        let path = folders.config.join(name.settings_file());
        let given = self.settings.to_agent_json();
        let written = match &step.settings {
            SettingsKind::Given => fs::write(&path, given),
            SettingsKind::None => fs::write(&path, ""),
            SettingsKind::Text(text) => fs::write(&path, text),
            SettingsKind::CutOff => {
                let half = given.len() / 2;
                fs::write(&path, &given.as_bytes()[..half])
            }
            SettingsKind::Missing => match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        written.map_err(UnderTestError::io(&path))
    }

    fn serve(&mut self, name: &SettingsName, folders: &Folders, number: u32) -> Result<Option<Seen>, UnderTestError> {
        let started = OffsetDateTime::now_utc();
        let heartbeat = folders.clone();
        let mut enough = || heartbeat.heartbeat_file() != FileSeen::Missing;
        let ran = self.handler.serve(name, &mut enough)?.unwrap_or(Ran {
            ended: Ended::Exit(0),
            duration: Duration::ZERO,
            stderr: vec![],
        });
        Ok(Some(seen(ran, folders, number, started)))
    }

    fn remember(&mut self, step: &Step, ran: &Ran) {
        let code = match ran.ended {
            Ended::Exit(code) => Some(i32::from(code)),
            _ => None,
        };
        match (step.action, step.of) {
            (StepAction::Disable, Whose::Old) => self.disabled = code,
            (StepAction::Uninstall, Whose::Old) => self.uninstalled = code,
            (StepAction::Enable, _) if step.fault.is_none() => self.usual = ran.duration,
            _ => {}
        }
    }
}

fn seen(ran: Ran, folders: &Folders, number: u32, started: OffsetDateTime) -> Seen {
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let line = stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Seen {
        stderr: escape_bounded(line, LINE_BYTES),
        duration: ran.duration,
        finished: started.saturating_add(ran.duration.try_into().unwrap_or_default()),
        started,
        status: folders.status_file(number),
        heartbeat: folders.heartbeat_file(),
        data: folders.data_files(),
        ended: ran.ended,
    }
}
