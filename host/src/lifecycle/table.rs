//! The table of a handler's life: where it stands and what is wanted, and from that the next step (contract 7.2 to 7.5).
//!
//! Pure: nothing here runs, reads or writes anything. A driver asks for the next step, takes it, and says how it ended;
//! what it then has to remember is the state of both versions and [`Done`]. Recovery after a crash is the same: the
//! table goes on from what was remembered last (contract 11).
//!
//! ```text
//! fresh       place, settings, install, enable
//! again       settings, enable
//! change      place, settings, old: disable, carry over, higher version: update, old: uninstall, remove old,
//!             install (unless updateMode says otherwise), enable
//! disabled    disable
//! uninstall   disable, uninstall, remove
//! vanished    remove
//! ```
//!
//! What taking a change back adds is in [`RollBack`]'s file.

use std::collections::BTreeMap;

use hostler_contract::{Command, ExtensionName};
use serde::{Deserialize, Serialize};

use super::{HandlerState, RollBack};

/// What a goal state wants of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `enabled`, in the target version.
    Enabled,
    /// One of several extensions is `disabled`, in the target version of a handler that stays.
    ExtensionDisabled,
    /// `disabled`: the installed version stays and is inactive.
    Disabled,
    /// `uninstall`: its commands take it away.
    Uninstall,
    /// It is not in the goal state any more: it goes without any command.
    Vanished,
    /// The old version with its own settings, after a change of versions that failed.
    RolledBack,
}

impl Wanted {
    /// Whether the version that a goal state names is to be in place afterwards.
    pub const fn installs(self) -> bool {
        matches!(self, Self::Enabled | Self::ExtensionDisabled)
    }

    /// Whether the target version is to stay, whoever wants that.
    pub const fn keeps(self) -> bool {
        self.installs() || matches!(self, Self::RolledBack)
    }
}

/// One of the two versions of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The version that is wanted; where nothing changes, the installed one.
    Target,
    /// The version that is left.
    Old,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Get the target's package, check it and put it in place.
    Place,
    /// Write the settings file of the target.
    Settings,
    /// Copy the old version's data and statuses to where they are kept.
    Keep,
    /// Run a command of one of the versions.
    Run(Command, Side),
    /// Copy the status files of the old version to the target (contract 4.4).
    CarryOver,
    /// Look whether the new version is well (the health gate).
    Prove,
    /// Put what is kept back into its place.
    PutBack,
    /// Take the old version's folder away, and what is kept of it.
    RemoveOld,
    /// Take every folder of the handler away, with its data where it was uninstalled.
    Remove,
}

/// What the target's manifest says about updates (contract 1.2); read once its package is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateRules {
    /// `continueOnUpdateFailure`: a failed disable or uninstall of the old version stops nothing.
    pub continues_on_failure: bool,
    /// `updateMode`: whether install runs after an update.
    pub installs: bool,
}

/// What was done since this goal state was taken up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// The target's package is in place.
    pub placed: bool,
    /// Its settings are written.
    pub settings: bool,
    /// The exit code of the old version's disable, when it ran (contract 7.6).
    pub old_disable: Option<i32>,
    /// The old version's status files were copied.
    pub carried: bool,
    /// The update ended well.
    pub updated: bool,
    /// The exit code of the old version's uninstall, when it ran.
    pub old_uninstall: Option<i32>,
    /// The exit codes of the old version's disable for each of several extensions, as far as it ran (contract 7.6).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub old_disables: BTreeMap<ExtensionName, i32>,
    /// The target's enable ended well; for an extension that is to be disabled, that is done.
    pub enabled: bool,
    /// The folders are gone.
    pub removed: bool,
}

/// Where a handler stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// What is wanted.
    pub wanted: Wanted,
    /// The state of the target.
    pub target: HandlerState,
    /// The state of the installed version where that is another than the target: `Installed` or `Enabled`.
    pub old: Option<HandlerState>,
    /// Whether the target is the lower of the two.
    pub downgrade: bool,
    /// The target's rules.
    pub rules: UpdateRules,
    /// Of several extensions, those whose disable is still to run after the next one.
    pub further_disables: usize,
    /// What was done.
    pub done: Done,
    /// How far it has come beside that, where it can be taken back.
    pub roll_back: Option<RollBack>,
}

/// What becomes of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Nothing more is done, and the failure is reported as the command's own (contract 7.2).
    Stop,
    /// Nothing more is done, and the failure is reported as one of the update, 1008 (contract 7.4).
    StopUpdate,
    /// It goes on.
    GoOn,
}

impl Situation {
    /// The next step; `None` when all is done.
    pub fn next(&self) -> Option<Step> {
        match self.wanted {
            Wanted::Enabled | Wanted::ExtensionDisabled => self.next_to_enabled(),
            Wanted::Disabled => {
                (self.target == HandlerState::Enabled).then_some(Step::Run(Command::Disable, Side::Target))
            }
            Wanted::Uninstall => self.next_to_uninstalled(),
            Wanted::Vanished => (!self.done.removed).then_some(Step::Remove),
            Wanted::RolledBack => self.next_to_roll_back(),
        }
    }

    fn next_to_enabled(&self) -> Option<Step> {
        let done = &self.done;
        let roll_back = self.roll_back();
        if roll_back.is_some_and(|roll_back| roll_back.proved) {
            return Some(Step::RemoveOld);
        }
        if !self.target.is_installed() {
            if !done.placed {
                return Some(Step::Place);
            }
            if !done.settings {
                return Some(Step::Settings);
            }
            if roll_back.is_some_and(|roll_back| !roll_back.kept) {
                return Some(Step::Keep);
            }
            return Some(
                self.next_of_change()
                    .unwrap_or(Step::Run(Command::Install, Side::Target)),
            );
        }
        if !done.settings {
            return Some(Step::Settings);
        }
        if !done.enabled {
            let command = match self.wanted {
                Wanted::ExtensionDisabled => Command::Disable,
                _ => Command::Enable,
            };
            return Some(Step::Run(command, Side::Target));
        }
        roll_back.map(|_| Step::Prove)
    }

    /// What there is to do while another version is in place.
    fn next_of_change(&self) -> Option<Step> {
        let done = &self.done;
        let old = self.old?;
        let step = if old == HandlerState::Enabled && done.old_disable.is_none() {
            Step::Run(Command::Disable, Side::Old)
        } else if !done.carried {
            Step::CarryOver
        } else if !done.updated {
            // The command of the higher version, which knows both forms of the data (contract 7.4).
            Step::Run(Command::Update, if self.downgrade { Side::Old } else { Side::Target })
        } else if done.old_uninstall.is_none() {
            Step::Run(Command::Uninstall, Side::Old)
        } else {
            Step::RemoveOld
        };
        // Where it can be taken back, the old version stays until the new one has proved good.
        (step != Step::RemoveOld || self.roll_back.is_none()).then_some(step)
    }

    fn next_to_uninstalled(&self) -> Option<Step> {
        if self.done.removed {
            None
        } else if self.target == HandlerState::NotInstalled {
            Some(Step::Remove)
        } else if self.target == HandlerState::Enabled {
            Some(Step::Run(Command::Disable, Side::Target))
        } else {
            Some(Step::Run(Command::Uninstall, Side::Target))
        }
    }

    /// Takes note that `step` is about to be taken.
    pub fn begin(&mut self, step: Step) {
        if step == Step::Place {
            // Whatever the last attempt left (contract 7.3, 4.).
            self.target = HandlerState::NotInstalled;
        }
    }

    /// Takes note that `step` ended well.
    pub fn succeed(&mut self, step: Step) {
        match step {
            Step::Place => self.done.placed = true,
            Step::Settings => self.done.settings = true,
            Step::CarryOver => self.done.carried = true,
            Step::Keep | Step::Prove | Step::PutBack => {
                if let Some(roll_back) = &mut self.roll_back {
                    match step {
                        Step::Prove => roll_back.proved = true,
                        _ => roll_back.kept = step == Step::Keep,
                    }
                }
            }
            Step::RemoveOld => {
                self.old = None;
                self.install_is_over();
            }
            Step::Remove => {
                self.target = HandlerState::NotInstalled;
                self.done.removed = true;
            }
            Step::Run(command, side) => self.succeed_command(command, side),
        }
    }

    /// Where the new version goes without an install, nothing stands between it and its enable now.
    fn install_is_over(&mut self) {
        if self.wanted == Wanted::Enabled && !self.rules.installs && !self.target.is_installed() {
            self.target = HandlerState::Installed;
        }
    }

    fn succeed_command(&mut self, command: Command, side: Side) {
        if self.wanted == Wanted::RolledBack {
            self.end_on_the_way_back(command, side);
        }
        match (command, side) {
            (Command::Install, _) => self.target = HandlerState::Installed,
            (Command::Enable, _) => {
                self.target = HandlerState::Enabled;
                self.done.enabled = true;
            }
            (Command::Update, _) => self.done.updated = true,
            (Command::Disable, Side::Target) if self.wanted == Wanted::ExtensionDisabled => self.done.enabled = true,
            (Command::Disable, _) if self.further_disables > 0 => self.further_disables -= 1,
            (Command::Disable, Side::Target) => self.target = HandlerState::Installed,
            (Command::Disable, Side::Old) => {
                self.old = Some(HandlerState::Installed);
                self.done.old_disable = Some(0);
            }
            (Command::Uninstall, Side::Target) => self.target = HandlerState::NotInstalled,
            (Command::Uninstall, Side::Old) => self.end_old_uninstall(0),
        }
    }

    fn end_old_uninstall(&mut self, exit_code: i32) {
        self.done.old_uninstall = Some(exit_code);
        if self.roll_back.is_some() {
            self.install_is_over();
        }
    }

    /// Takes note that `step` failed with `exit_code`, and says what becomes of it. `exit_code` is what the new version
    /// is told (contract 7.6): the command's own, or the error code where it had none.
    pub fn fail(&mut self, step: Step, exit_code: i32) -> After {
        let after = match (step, self.wanted) {
            (Step::Run(command, side), Wanted::RolledBack) => self.end_on_the_way_back(command, side),
            _ => self.fail_forward(step, exit_code),
        };
        if after != After::GoOn {
            self.turn_back();
        }
        after
    }

    fn fail_forward(&mut self, step: Step, exit_code: i32) -> After {
        match step {
            Step::Run(Command::Disable, Side::Old) if self.rules.continues_on_failure => {
                match self.further_disables.checked_sub(1) {
                    Some(left) => self.further_disables = left,
                    None => self.done.old_disable = Some(exit_code),
                }
                After::GoOn
            }
            // Its failure is nobody's business: the extension goes (contract 7.5).
            Step::Run(Command::Disable, Side::Target) if self.wanted == Wanted::ExtensionDisabled => {
                self.done.enabled = true;
                After::GoOn
            }
            Step::Run(Command::Uninstall, Side::Old) if self.rules.continues_on_failure => {
                self.end_old_uninstall(exit_code);
                After::GoOn
            }
            Step::Run(Command::Disable | Command::Uninstall, Side::Old) => After::StopUpdate,
            Step::Run(Command::Update, _) => {
                // Also where the old version's command failed: hiding that one would orphan it (contract 15, quirk 6).
                self.target = HandlerState::FailedUpgrade;
                After::Stop
            }
            Step::Run(Command::Uninstall, Side::Target) => {
                // Its failure is nobody's business: the handler goes (contract 7.5).
                self.target = HandlerState::NotInstalled;
                After::GoOn
            }
            _ => After::Stop,
        }
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
