//! What is kept of each extension of a handler with several, and what is reported of them (contract 8.4 and 9.1).

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Command, ExtensionStatus, HandlerName, SettingsName, StatusKind};
use serde::{Deserialize, Serialize};

use super::addition::Addition;
use super::document::HandlerEntry;
use super::extension::EnableReport;
use super::handler::HandlerVerdict;
use super::record::HandlerReport;
use crate::goal_state::Turn;
use crate::lifecycle::{Execution, HandlerState};
use crate::root::Root;

/// What is kept of one of several extensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtensionReport {
    /// Its settings.
    pub settings: SettingsName,
    /// How its enable ended, if it ran.
    pub enable: Option<EnableReport>,
    /// Why it did not run.
    pub failure: Option<HandlerVerdict>,
}

impl ExtensionReport {
    /// Of one whose enable ran.
    pub fn enabled(settings: SettingsName, enable: EnableReport) -> Self {
        Self {
            settings,
            enable: Some(enable),
            failure: None,
        }
    }

    /// Of one whose enable did not run, because of `failure`.
    pub fn failed(settings: SettingsName, failure: HandlerVerdict) -> Self {
        Self {
            settings,
            enable: None,
            failure: Some(failure),
        }
    }

    /// Of one whose `turn` ended with `executions`, in a handler of which `verdict` is said; `failure` is why it was not
    /// enabled, where that is its own. `None` for one that is disabled and is not reported (contract 9.2).
    pub fn of(
        settings: &SettingsName,
        turn: &Turn<'_>,
        executions: &[Execution],
        failure: Option<&HandlerVerdict>,
        verdict: &HandlerVerdict,
    ) -> Option<Self> {
        let enable = executions
            .iter()
            .rfind(|execution| execution.command == Command::Enable);
        if let Some(enable) = enable {
            return Some(Self::enabled(settings.clone(), EnableReport::of(enable, settings)));
        }
        if let Some(failure) = failure {
            return Some(Self::failed(settings.clone(), failure.clone()));
        }
        let stays = turn
            .extension
            .is_some_and(|extension| extension.state == RequestedState::Enabled);
        (verdict.code != 0 && stays).then(|| Self::failed(settings.clone(), verdict.clone()))
    }

    /// Whether it is not enabled.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some() || self.enable.as_ref().is_some_and(|enable| enable.reason.is_some())
    }
}

impl HandlerReport {
    /// Keeps `extension` in the place of what was kept of it before.
    pub fn take_extension(&mut self, extension: ExtensionReport) {
        let name = &extension.settings.extension;
        self.extensions.retain(|other| other.settings.extension != *name);
        self.extensions.push(extension);
    }

    /// The entries of the document for the handler `name` in `state`: one, or one for each of several extensions. What is
    /// common to them stands in the first.
    pub fn entries(&self, root: &Root, name: &HandlerName, state: Option<HandlerState>) -> Vec<HandlerEntry> {
        if self.extensions.is_empty() {
            return vec![self.entry(root, name, state)];
        }
        let mut entries = Vec::with_capacity(self.extensions.len());
        for extension in &self.extensions {
            let one = Self {
                settings: Some(extension.settings.clone()),
                enable: extension.enable.clone(),
                extensions: vec![],
                ..self.clone()
            };
            let mut entry = one.entry(root, name, state);
            if let Some(failure) = &extension.failure {
                let said = failure.message.clone().unwrap_or_default();
                let operation = Command::Enable.name();
                let status = ExtensionStatus::new(StatusKind::Error, operation, failure.code, said);
                entry.extension = Some((extension.settings.clone(), Some(status)));
            }
            if !entries.is_empty() {
                let findings = entry.addition.findings.split_off(self.findings.len());
                entry.addition = Addition {
                    state: entry.addition.state,
                    since: entry.addition.since,
                    findings,
                    ..Addition::default()
                };
            }
            entries.push(entry);
        }
        entries
    }
}
