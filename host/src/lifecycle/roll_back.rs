//! Taking a change of versions back: what is added to the table of a handler's life where the policy says so.
//!
//! Pure, like the table. While a change can still be taken back, nothing of the old version goes: its data is kept before
//! its first command, and its folder goes only when the new version proved good. When something fails before that, what
//! is left is this, whatever failed:
//!
//! ```text
//! forward     place, settings, keep, old: disable, carry over, update, old: uninstall, new: install, enable, prove,
//!             remove old
//! back        new: disable (where it was enabled), old: install (where its uninstall may have run), put back,
//!             remove new, old: enable
//! ```
//!
//! On the way back no failure of a command stops anything but that of the last one, the old version's enable, which is
//! the proof.

use hostler_contract::Command;
use serde::{Deserialize, Serialize};

use super::{After, HandlerState, Side, Situation, Step, Wanted};

/// How far a change of versions that can be taken back has come, beside [`Done`](super::Done).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RollBack {
    /// The old version's data is kept, and not put back.
    pub kept: bool,
    /// The new version proved good: it is not taken back any more.
    pub proved: bool,
    /// It is taken back.
    pub back: bool,
}

impl Situation {
    /// What is known of taking the change back, while there are two versions.
    pub fn roll_back(&self) -> Option<&RollBack> {
        self.roll_back.as_ref().filter(|_| self.old.is_some())
    }

    /// Whether the change that was wanted failed and is to be taken back next.
    pub fn is_to_go_back(&self) -> bool {
        self.wanted == Wanted::Enabled && self.roll_back().is_some_and(|roll_back| roll_back.back)
    }

    /// Takes note that the change cannot be carried on with: where it can be, it is taken back.
    pub fn turn_back(&mut self) {
        let forward = self.wanted == Wanted::Enabled && self.old.is_some();
        if let Some(roll_back) = self.roll_back.as_mut().filter(|roll_back| forward && !roll_back.proved) {
            roll_back.back = true;
        }
    }

    /// The next step of the way back, where the target is the version that was left and `old` the one that failed.
    pub(super) fn next_to_roll_back(&self) -> Option<Step> {
        if let Some(roll_back) = self.roll_back() {
            return Some(if self.old == Some(HandlerState::Enabled) {
                Step::Run(Command::Disable, Side::Old)
            } else if self.done.updated {
                // Its uninstall may have taken away what lies outside of its own folders.
                Step::Run(Command::Install, Side::Target)
            } else if roll_back.kept {
                Step::PutBack
            } else {
                Step::RemoveOld
            });
        }
        let to_enable = self.target.is_installed() && !self.done.enabled;
        to_enable.then_some(Step::Run(Command::Enable, Side::Target))
    }

    /// Takes note that a command on the way back ended, well or not.
    pub(super) fn end_on_the_way_back(&mut self, command: Command, side: Side) -> After {
        match (command, side) {
            (Command::Disable, Side::Old) => self.old = Some(HandlerState::Installed),
            (Command::Install, Side::Target) => self.done.updated = false,
            _ => return After::Stop,
        }
        After::GoOn
    }
}

#[cfg(test)]
#[path = "roll_back_tests.rs"]
mod tests;
