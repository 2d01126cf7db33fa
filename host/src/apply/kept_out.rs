//! Handlers that the policy keeps out (contract 8.5): nothing of them is run or touched, and that is reported.

use hostler_contract::{Command, Finding};

use super::entry::Concerns;
use super::several::wanted;
use super::{ApplyError, Host};
use crate::goal_state::{EntryOutcome, Turn};
use crate::report::HandlerVerdict;

impl Host<'_> {
    /// Why nothing is done about `turn`, if the policy wants nothing to be done.
    pub(super) fn kept_out(&self, turn: Turn<'_>) -> Option<Finding> {
        let goes = !wanted(&turn).installs();
        self.policy.keeps_out(&turn.handler.name, &turn.full_name(), goes)
    }

    /// Reports that nothing is done about `turn`: NotReady with the code of the command that would have run. The extension
    /// of one that was to be enabled is in error for the same reason; of one that was to go, its last status stands.
    pub(super) fn say_kept_out(&mut self, turn: Turn<'_>, finding: Finding) -> Result<EntryOutcome, ApplyError> {
        let is_to_be = wanted(&turn).installs();
        let command = if is_to_be { Command::Enable } else { Command::Disable };
        let said = format!("{}. {}.", finding.what(), finding.hint());
        let verdict = HandlerVerdict::not_ready(command.error_code(), said);
        let concerns = match turn.extension {
            Some(_) if is_to_be => Concerns::HandlerAndStatus,
            _ => Concerns::Handler,
        };
        self.not_taken(turn, verdict, vec![finding], concerns)
    }
}
