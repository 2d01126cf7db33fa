//! Waiting for what others depend on (contract 8.3): an extension whose service goes on after enable may still be at work
//! on its status. Of one that nothing works at any more the status is final, whatever it says.

use std::thread;
use std::time::{Duration, Instant};

use hostler_contract::{SettingsName, StatusKind, codes};

use super::{ApplyError, Host};
use crate::goal_state::{EntryOutcome, Turn};
use crate::report::{HandlerEntry, HandlerReport, ServiceState};
use crate::state::{HandlerRecord, Kind};

/// How long a goal state waits for all dependencies together (contract 0).
const BUDGET: Duration = Duration::from_secs(90 * 60);

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);

impl Host<'_> {
    /// How `turn`, which went as `went` says in a goal state that was taken up at `began`, is in the end.
    pub(super) fn wait_for(
        &mut self,
        turn: Turn<'_>,
        went: EntryOutcome,
        began: Instant,
    ) -> Result<EntryOutcome, ApplyError> {
        let mut went = went;
        // What carried it out may have read its status while its service was writing it.
        if went == EntryOutcome::ExtensionFailed {
            went = self.look_again(turn)?;
        }
        loop {
            let settled = settled(went, self.runs_on(turn), began.elapsed());
            if let Some(settled) = settled {
                return Ok(settled);
            }
            self.go_on()?;
            thread::sleep(LOOK);
            went = self.look_again(turn)?;
        }
    }

    fn runs_on(&self, turn: Turn<'_>) -> bool {
        let name = (turn.handler.name.clone(), turn.settings_name().extension);
        let state = self
            .services
            .and_then(|services| services.report().get(&name).map(|one| one.state));
        matches!(state, Some(ServiceState::Running | ServiceState::Restarting))
    }

    fn look_again(&mut self, turn: Turn<'_>) -> Result<EntryOutcome, ApplyError> {
        let name = &turn.handler.name;
        let report: Option<HandlerReport> = self.store.get(Kind::Report, name.as_str())?;
        let record: HandlerRecord = self.store.get(Kind::Handler, name.as_str())?.unwrap_or_default();
        let state = record.installed().map(|installed| installed.state);
        let runs_on = self.runs_on(turn);
        let entries = report.map(|report| report.entries(self.root, name, state));
        let entries = entries.unwrap_or_default();
        Ok(match outcome_by_status(&entries, &turn.settings_name()) {
            EntryOutcome::ExtensionFailed if runs_on && is_being_written(&entries) => EntryOutcome::AtWork,
            outcome => outcome,
        })
    }
}

/// What the status of `settings` among `entries` means for those that depend on it.
pub(super) fn outcome_by_status(entries: &[HandlerEntry], settings: &SettingsName) -> EntryOutcome {
    let mut extensions = entries.iter().filter_map(|entry| entry.extension.as_ref());
    let own = extensions.find(|(name, _)| settings.extension.is_none() || name == settings);
    match own.map(|(_, status)| status.as_ref()) {
        Some(Some(status)) if status.kind == StatusKind::Error => EntryOutcome::ExtensionFailed,
        Some(Some(status)) if status.kind == StatusKind::Transitioning => EntryOutcome::AtWork,
        // A document that says nothing is no success to go on from (contract 8.3).
        Some(None) => EntryOutcome::SaidNothing,
        _ => EntryOutcome::Well,
    }
}

/// Whether a status among `entries` was not whole when it was read: handlers write it as they like, from an empty file on.
fn is_being_written(entries: &[HandlerEntry]) -> bool {
    let mut findings = entries.iter().flat_map(|entry| &entry.addition.findings);
    findings.any(|finding| [codes::STATUS_JSON, codes::STATUS_UNSTABLE].contains(&finding.code()))
}

/// How it is, if that is final: it `runs_on` or not, and was waited for so long.
fn settled(went: EntryOutcome, runs_on: bool, waited: Duration) -> Option<EntryOutcome> {
    match went {
        EntryOutcome::AtWork if runs_on && waited < BUDGET => None,
        EntryOutcome::AtWork => Some(EntryOutcome::NeverSettled),
        settled => Some(settled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_still_worked_at_is_waited_for() {
        use EntryOutcome::{AtWork, ExtensionFailed, NeverSettled, Well};
        let [early, late] = [BUDGET - LOOK, BUDGET];
        for (went, runs_on, waited, settles) in [
            (AtWork, true, early, None),
            (AtWork, true, late, Some(NeverSettled)),
            (AtWork, false, early, Some(NeverSettled)),
            (Well, true, early, Some(Well)),
            (ExtensionFailed, true, early, Some(ExtensionFailed)),
        ] {
            assert_eq!(settled(went, runs_on, waited), settles, "{went:?} {runs_on} {waited:?}");
        }
    }
}
