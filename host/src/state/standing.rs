//! Where a handler stands: the table's situation made of what is remembered, and what is remembered made of it again.
//!
//! Pure, like the table itself. What a crash leaves behind is a record of some moment; [`Standing::take_up`] is all the
//! recovery that there is (contract 11).

use hostler_contract::Version;

use super::{HandlerRecord, UnderWay, UpdateProgress};
use crate::lifecycle::{Done, Situation, UpdateRules, VersionChange, Wanted};

/// A handler that something is wanted of.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What is remembered of it.
    pub record: HandlerRecord,
    /// Where it stands between two steps.
    pub situation: Situation,
    /// The version that it is about.
    pub target: Version,
    /// The version that is left, where the versions change; also once it is gone.
    pub old: Option<Version>,
    /// Whether something stopped it: then the next goal state begins the change of versions anew.
    pub stopped: bool,
}

impl Standing {
    /// Takes a handler up from `record`, where `wanted` is wanted of its version `target`.
    ///
    /// A change of versions that was interrupted goes on where it was, if it is still the one that is wanted.
    pub fn take_up(mut record: HandlerRecord, wanted: Wanted, target: Version) -> Self {
        record.under_way = None;
        let state = record.state(&target);
        let changes = wanted.installs() && !state.is_installed();
        let old = record
            .installed()
            .map(|installed| installed.version.clone())
            .filter(|version| changes && *version != target);
        let resumed = record
            .update
            .take()
            .filter(|update| changes && update.to == target && old.as_ref().is_none_or(|old| *old == update.from));
        let left = resumed
            .as_ref()
            .map(|update| update.from.clone())
            .or_else(|| old.clone());
        let situation = Situation {
            wanted,
            target: state,
            old: old.as_ref().map(|version| record.state(version)),
            downgrade: left.as_ref().is_some_and(|left| target < *left),
            // As the package says, once it is in place.
            rules: UpdateRules {
                continues_on_failure: false,
                installs: true,
            },
            further_disables: 0,
            done: resumed.map_or_else(Done::default, |update| Done {
                // The goal state may be another one than then.
                settings: false,
                ..update.done
            }),
        };
        Self {
            record,
            situation,
            target,
            old: left,
            stopped: false,
        }
    }

    /// What is to be remembered of it now, with the command that is about to run.
    pub fn remember(&mut self, under_way: Option<UnderWay>) -> &HandlerRecord {
        // What has vanished is not made up to be remembered.
        if self.situation.wanted != Wanted::Vanished {
            self.record.version_mut(&self.target).state = self.situation.target;
        }
        self.record.update = None;
        if let Some(old) = &self.old {
            match self.situation.old {
                Some(state) => self.record.version_mut(old).state = state,
                None => self.record.forget(old),
            }
            if !self.stopped && !self.situation.target.is_installed() {
                self.record.update = Some(UpdateProgress {
                    from: old.clone(),
                    to: self.target.clone(),
                    done: self.situation.done.clone(),
                });
            }
        }
        self.record.under_way = under_way;
        &self.record
    }

    /// The change of versions, as its commands are told of it.
    pub fn change(&self) -> Option<VersionChange> {
        let old = self.old.as_ref()?;
        Some(VersionChange {
            // On the way down the agent says the lower version twice (contract 15, quirk 5).
            from: if self.situation.downgrade { &self.target } else { old }.clone(),
            to: self.target.clone(),
            disable: self.situation.done.old_disable,
            disables: vec![],
            uninstall: self.situation.done.old_uninstall,
        })
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
