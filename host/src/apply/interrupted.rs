//! Commands that were running when the last host was stopped: taken note of once, before anything else is done.

use std::collections::BTreeMap;

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::{Command, Finding, Place, SettingsName, codes};

use super::{ApplyError, Host};
use crate::handler_dir::clear_staging;
use crate::report::{EnableReport, ExtensionReport, HandlerReport, HandlerVerdict, Reason};
use crate::sandbox::End;
use crate::state::{HandlerRecord, Kind, UnderWay, Write};

/// What was interrupted, by handler.
pub(super) type Interrupted = BTreeMap<String, Finding>;

impl Host<'_> {
    /// Takes note of what was interrupted: in the report of each handler, so that nothing says any more that it is well,
    /// and in what is returned, for the report of what is done next.
    pub(super) fn take_note_of_interrupted(&mut self) -> Result<Interrupted, ApplyError> {
        clear_staging(self.root).map_err(ApplyError::Folders)?;
        let mut interrupted = Interrupted::new();
        let records: Vec<(String, HandlerRecord)> = self.store.all(Kind::Handler)?;
        for (name, mut record) in records {
            let Some(step) = record.under_way.take() else { continue };
            let finding = finding(&name, &step);
            let before: Option<HandlerReport> = self.store.get(Kind::Report, &name)?;
            let version = step.version.to_string();
            let mut report = match before {
                Some(before) if before.version == version => before,
                _ => HandlerReport::new(version, HandlerVerdict::not_ready(UNKNOWN, String::new()), vec![]),
            };
            let said = format!("[ExtensionError] {}", finding.what());
            let settings = record
                .version(&step.version)
                .and_then(|version| version.settings.clone());
            if let (Command::Enable, Some(settings)) = (step.command, settings) {
                let enable = stopped(settings.clone(), &said);
                if settings.extension.is_some() {
                    report.take_extension(ExtensionReport::enabled(settings, enable));
                } else {
                    report.enable = Some(enable);
                }
            }
            report.verdict = HandlerVerdict::not_ready(UNKNOWN, said);
            report.commands.clear();
            report.findings = vec![finding.clone()];
            self.commit(vec![
                Write::put(Kind::Handler, &name, &record)?,
                Write::put(Kind::Report, &name, &report)?,
            ])?;
            interrupted.insert(name, finding);
        }
        Ok(interrupted)
    }
}

/// An enable of which nobody saw the end: whatever its status file says, it is not believed.
fn stopped(settings: SettingsName, said: &str) -> EnableReport {
    EnableReport {
        settings,
        end: End::HostFault {
            message: said.to_owned(),
        },
        reason: Some(Reason {
            said: said.to_owned(),
            output: String::new(),
        }),
        serves: false,
    }
}

fn finding(name: &str, step: &UnderWay) -> Finding {
    let what = format!("hostler was stopped while {} of {} ran", step.command, step.version);
    let hint = "nothing: the next goal state goes on from there";
    Finding::warning(codes::HANDLER_INTERRUPTED, name, Place::Whole, what, hint)
}
