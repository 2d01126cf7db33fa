//! Where a handler stands: the table's situation made of what is remembered, and what is remembered made of it again.
//!
//! Pure, like the table itself. What a crash leaves behind is a record of some moment; [`Standing::take_up`] is all the
//! recovery that there is (contract 11).

use hostler_contract::Version;

use super::{HandlerRecord, UnderWay, UpdateProgress};
use crate::lifecycle::{Done, RollBack, Situation, UpdateRules, VersionChange, Wanted};

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
        if wanted == Wanted::RolledBack {
            return Self::take_back(record, target);
        }
        let state = record.state(&target);
        // Until the new version has proved good, both may count as installed.
        let left = |update: &&UpdateProgress| update.to == target && update.roll_back.is_some();
        let proving = record.update.as_ref().filter(left).map(|update| update.from.clone());
        let changes = wanted.installs() && (!state.is_installed() || proving.is_some());
        let old = proving
            .filter(|version| record.state(version).is_installed())
            .or_else(|| record.installed().map(|installed| installed.version.clone()))
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
            roll_back: resumed.as_ref().and_then(|update| update.roll_back.clone()),
            done: resumed.map_or_else(Done::default, |update| Done {
                // The goal state may be another one than then, and what ran on has ended with the host.
                settings: false,
                enabled: false,
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

    /// Takes a handler up from `record`, where the change of versions that began with `target` is to be taken back; where
    /// there is none any more, its enable alone is left.
    fn take_back(mut record: HandlerRecord, target: Version) -> Self {
        let update = record.update.take().filter(|update| update.from == target);
        let old = update.as_ref().map(|update| update.to.clone());
        let situation = Situation {
            wanted: Wanted::RolledBack,
            target: record.state(&target),
            old: old.as_ref().map(|version| record.state(version)),
            downgrade: false,
            rules: UpdateRules {
                continues_on_failure: false,
                installs: true,
            },
            further_disables: 0,
            roll_back: update.as_ref().map(|update| RollBack {
                back: true,
                ..update.roll_back.clone().unwrap_or_default()
            }),
            done: Done {
                // Its settings are as they were: nobody has written in its folder since.
                settings: true,
                enabled: false,
                ..update.map(|update| update.done).unwrap_or_default()
            },
        };
        Self {
            record,
            situation,
            target,
            old,
            stopped: false,
        }
    }

    /// Takes note that what is wanted is tried now, and that a change of versions that begins with it can be taken back if
    /// it `rolls_back`.
    pub fn begin(&mut self, rolls_back: bool) {
        self.record.failed = None;
        let begins = self.situation.old.is_some() && self.situation.done == Done::default();
        if rolls_back && begins && self.situation.roll_back.is_none() {
            self.situation.roll_back = Some(RollBack::default());
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
            let goes_on = match self.situation.roll_back() {
                // What can be taken back, or must be, is not forgotten half-way.
                Some(roll_back) => !self.stopped || roll_back.back || roll_back.proved,
                None => !self.stopped && !self.situation.target.is_installed(),
            };
            if goes_on {
                let (from, to) = match self.situation.wanted {
                    Wanted::RolledBack => (&self.target, old),
                    _ => (old, &self.target),
                };
                self.record.update = Some(UpdateProgress {
                    from: from.clone(),
                    to: to.clone(),
                    done: self.situation.done.clone(),
                    roll_back: self.situation.roll_back().cloned(),
                });
            }
        }
        self.record.under_way = under_way;
        &self.record
    }

    /// The change of versions, as its commands are told of it.
    pub fn change(&self) -> Option<VersionChange> {
        // On the way back commands are run by themselves.
        let old = self
            .old
            .as_ref()
            .filter(|_| self.situation.wanted != Wanted::RolledBack)?;
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
