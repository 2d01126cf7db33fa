//! What is different about a handler with several extensions (contract 7.4, 7.5 and 8.4): each is enabled and disabled for
//! itself, what is installed is common to all.

use std::collections::VecDeque;

use hostler_contract::vm_settings::RequestedState;
use hostler_contract::{Command, Finding, Manifest, Place, SettingsName, codes};

use super::desired::DesiredHandler;
use super::fault::Fault;
use super::transition::Transition;
use crate::goal_state::Turn;
use crate::lifecycle::{HandlerState, Side, Step, VersionChange, Wanted};
use crate::report::HandlerVerdict;
use crate::state::Standing;

/// What `turn` wants of its handler.
pub(super) fn wanted(turn: &Turn<'_>) -> Wanted {
    let of_extension = turn.extension.filter(|extension| extension.extension.is_some());
    match (turn.handler.state, of_extension.map(|extension| extension.state)) {
        (RequestedState::Enabled, None | Some(RequestedState::Enabled)) => Wanted::Enabled,
        (RequestedState::Enabled, Some(_)) => Wanted::ExtensionDisabled,
        (RequestedState::Disabled, _) => Wanted::Disabled,
        (RequestedState::Uninstall, _) => Wanted::Uninstall,
    }
}

/// All extensions of the handler of `turn`, where it has several.
pub(super) fn all_of(turn: &Turn<'_>) -> Vec<SettingsName> {
    let several = turn
        .handler
        .settings
        .iter()
        .filter(|extension| extension.extension.is_some());
    several
        .map(|extension| SettingsName {
            extension: extension.extension.clone(),
            number: extension.number,
        })
        .collect()
}

/// The extensions whose disable is to run before the handler goes or changes its version: those of the goal state that
/// are enabled. One that the goal state does not name lives on (contract 15, quirk 9).
pub(super) fn to_disable(standing: &mut Standing, desired: &DesiredHandler<'_>) -> VecDeque<SettingsName> {
    let Some(own) = &desired.settings.0.extension else {
        return VecDeque::new();
    };
    let situation = &mut standing.situation;
    let enabled = |version| standing.record.version(version).map(|record| &record.extensions);
    if desired.wanted == Wanted::ExtensionDisabled {
        let is_enabled = enabled(&standing.target).is_some_and(|enabled| enabled.contains(own));
        // One that was never enabled, or not in this version, has nothing to be disabled.
        situation.done.enabled = !(is_enabled && situation.target.is_installed());
    }
    let (version, state) = match (desired.wanted, &standing.old) {
        (Wanted::Enabled | Wanted::ExtensionDisabled, Some(old)) => (old, situation.old),
        (Wanted::Disabled | Wanted::Uninstall, _) => (&standing.target, Some(situation.target)),
        _ => return VecDeque::new(),
    };
    if state != Some(HandlerState::Enabled) {
        return VecDeque::new();
    }
    let is_pending = |name: &&SettingsName| {
        let extension = name.extension.as_ref();
        extension.is_some_and(|extension| {
            enabled(version).is_some_and(|enabled| enabled.contains(extension))
                && !situation.done.old_disables.contains_key(extension)
        })
    };
    let pending: VecDeque<SettingsName> = desired.siblings.iter().filter(is_pending).cloned().collect();
    match pending.len().checked_sub(1) {
        Some(further) => situation.further_disables = further,
        // Nothing to run: it counts as done.
        None if version == &standing.target => situation.target = HandlerState::Installed,
        None => situation.old = Some(HandlerState::Installed),
    }
    pending
}

impl Transition<'_, '_> {
    /// The settings that the command of `step` is for.
    pub(super) fn settings_of(&self, step: Step) -> &SettingsName {
        match (step, self.to_disable.front()) {
            (Step::Run(Command::Disable, _), Some(other)) => other,
            _ => &self.desired.settings.0,
        }
    }

    /// Whether a failure of `step` is one extension's alone.
    pub(super) fn is_extensions_own(&self, step: Step) -> bool {
        self.desired.settings.0.extension.is_some() && step == Step::Run(Command::Enable, Side::Target)
    }

    /// Takes note that the command of `step` ended with `code`, for the extension that it was for.
    pub(super) fn note_extension(&mut self, step: Step, code: i32) -> Result<(), Fault> {
        let Step::Run(command, side) = step else { return Ok(()) };
        let Some(extension) = self.settings_of(step).extension.clone() else {
            return Ok(());
        };
        let version = self.identity(side).version.clone();
        match command {
            Command::Enable if code == 0 => {
                self.standing.record.version_mut(&version).extensions.insert(extension);
            }
            Command::Disable => {
                self.to_disable.pop_front();
                if side == Side::Old {
                    self.standing
                        .situation
                        .done
                        .old_disables
                        .insert(extension.clone(), code);
                }
                let goes = self.desired.wanted == Wanted::ExtensionDisabled && side == Side::Target;
                if code != 0 && !goes {
                    return Ok(());
                }
                let record = self.standing.record.version_mut(&version);
                record.extensions.remove(&extension);
                let none_left = record.extensions.is_empty();
                if goes {
                    // The handler is what it was as long as others are enabled.
                    self.result.verdict = none_left.then(HandlerVerdict::disabled);
                }
                if goes && none_left {
                    self.standing.situation.target = HandlerState::Installed;
                }
                if side == Side::Target {
                    self.in_place(side)?.folders.remove_extension(&extension)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The change of versions, with what came of each extension's disable.
    pub(super) fn change(&self) -> Option<VersionChange> {
        let codes = &self.standing.situation.done.old_disables;
        let names = self.desired.siblings.iter().filter_map(|name| name.extension.as_ref());
        let disables = names.map(|name| (name.clone(), codes.get(name).copied())).collect();
        let change = self.standing.change()?;
        Some(VersionChange { disables, ..change })
    }

    /// A handler with several extensions says so in its manifest (contract 8.4).
    pub(super) fn check_several(&self, manifest: &Manifest) -> Result<(), Fault> {
        if self.desired.siblings.is_empty() || manifest.supports_multiple_extensions() {
            return Ok(());
        }
        let what = format!(
            "Handler {} does not support MultiConfig but CRP expects it",
            self.desired.name
        );
        let hint = "give it one extension without a name, or a package whose manifest has `supportsMultipleExtensions`";
        let file = self.target.to_string();
        let finding = Finding::refusal(codes::GOAL_STATE_MULTI_CONFIG, &file, Place::Whole, what, hint);
        Err(Fault::config(&finding.into()))
    }
}
