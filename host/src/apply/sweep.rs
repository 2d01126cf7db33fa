//! Handlers that are not in the goal state any more: their folders go without any command, their data stays until
//! somebody removes it (contract 7.5, design 6).

use std::collections::BTreeSet;

use hostler_contract::{Finding, HandlerName, Place, SequenceNumber, SettingsName, codes};

use super::desired::DesiredHandler;
use super::entry::removed;
use super::transition::Transition;
use super::{ApplyError, Host, names};
use crate::goal_state::GoalState;
use crate::handler_dir::present;
use crate::lifecycle::Wanted;
use crate::report::{GoalStateReport, Removal};
use crate::state::{HandlerRecord, Kind};

impl Host<'_> {
    /// Takes away what `goal_state` does not name, unless it has an entry that could mean anybody.
    pub(super) fn sweep(&mut self, goal_state: &GoalState, report: &mut GoalStateReport) -> Result<(), ApplyError> {
        if !self.policy.extensions_enabled() {
            // What is not in the goal state is touched as little as what is.
            return Ok(());
        }
        let named = names(goal_state);
        let known: Vec<(String, HandlerRecord)> = self.store.all(Kind::Handler)?;
        let mut there: BTreeSet<String> = known.into_iter().map(|(name, _)| name).collect();
        let folders = present(self.root).map_err(ApplyError::Folders)?;
        there.extend(folders.into_iter().map(|identity| identity.name.to_string()));
        let vanished: Vec<HandlerName> = there
            .iter()
            .filter_map(|name| HandlerName::parse(name).ok())
            .filter(|name| !named.contains(name))
            .collect();
        if vanished.is_empty() {
            return Ok(());
        }
        if goal_state.settings.entries_without_name() {
            let list: Vec<&str> = vanished.iter().map(HandlerName::as_str).collect();
            let what = format!(
                "an entry does not say which handler it is for, so these were not removed: {}",
                list.join(", ")
            );
            report.findings.push(Finding::warning(
                codes::GOAL_STATE_NAME,
                &goal_state.source.file_name(),
                Place::Whole,
                what,
                "give every entry a `name`",
            ));
            return Ok(());
        }
        for name in vanished {
            let desired = DesiredHandler {
                name,
                wanted: Wanted::Vanished,
                offered: None,
                settings: (SettingsName::single(SequenceNumber::FIRST), None),
                siblings: vec![],
                goal_state: goal_state.digest.clone(),
            };
            let gone = desired.name.clone();
            let Some(transition) = Transition::new(self, desired)? else {
                // Its folder went by other hands.
                self.forget(&gone)?;
                continue;
            };
            let result = transition.run()?;
            report.host_failed |= result.host_failed;
            if result.removed {
                report.removed.push(removed(&result, Removal::Vanished));
            } else {
                report.findings.extend(result.findings);
            }
        }
        Ok(())
    }
}
