//! What one folder may hold, and what it holds.

use crate::limits::{FolderUse, Limits, Quota, QuotaUse, Usage};

/// An amount with a limit and a peak.
#[derive(Debug)]
pub(super) struct Amount {
    limit: u64,
    /// What the host itself has there, which comes on top of the limit.
    spare: u64,
    now: u64,
    peak: u64,
    refused: bool,
}

impl Amount {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            spare: 0,
            now: 0,
            peak: 0,
            refused: false,
        }
    }

    /// What is there now.
    #[cfg(test)]
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// Leaves room for `spare` of the host's own.
    pub(super) fn exempt(&mut self, spare: u64) {
        self.spare = spare;
    }

    /// Whether `more` can come on top, when `less` goes at the same time. Nothing more always can, also beyond the limit.
    pub(super) fn has_room(&self, more: u64, less: u64) -> bool {
        more <= less
            || self
                .now
                .saturating_sub(less)
                .checked_add(more)
                .is_some_and(|sum| sum <= self.limit.saturating_add(self.spare))
    }

    /// Counts `more`, whether there was room or not.
    pub(super) fn add(&mut self, more: u64) {
        self.now = self.now.saturating_add(more);
        self.peak = self.peak.max(self.now);
    }

    /// Gives `less` back.
    pub(super) fn give_back(&mut self, less: u64) {
        self.now = self.now.saturating_sub(less);
    }

    /// Notes that something was refused.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    /// The same for a folder that the limits' table does not have.
    fn quota_use(&self) -> QuotaUse {
        let (used, reached) = self.used();
        QuotaUse {
            limit: self.limit,
            used,
            reached,
        }
    }

    /// The most that the handler had, and whether it was refused more.
    fn used(&self) -> (u64, bool) {
        (self.peak.saturating_sub(self.spare), self.refused)
    }
}

/// What one folder may hold, and what it holds.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) quota: Quota,
    /// The folder's name, where no limit's name says which one it is.
    folder: String,
    /// Bytes of files and links.
    pub(super) bytes: Amount,
    /// Names: of files, folders and links.
    pub(super) files: Amount,
    depth: u64,
    deepest: u64,
    too_deep: bool,
    /// Not all of it could be counted: nothing may grow.
    uncounted: bool,
}

impl Budget {
    /// Of the folder of that name.
    pub(super) fn new(quota: Quota, folder: &str, limits: &Limits) -> Self {
        let [bytes, files, depth] = match quota {
            Quota::Granted(granted) => [granted.bytes, granted.files, granted.depth],
            of_contract => of_contract
                .limits()
                .map_or([0; 3], |names| names.map(|name| limits.value(name))),
        };
        Self {
            quota,
            folder: folder.to_owned(),
            bytes: Amount::new(bytes),
            files: Amount::new(files),
            depth,
            deepest: 0,
            too_deep: false,
            uncounted: false,
        }
    }

    /// Notes that not all of it could be counted.
    pub(super) fn leave_uncounted(&mut self) {
        self.uncounted = true;
    }

    /// Whether so much can come when so much goes.
    pub(super) fn has_room(&self, bytes: Change, files: Change) -> bool {
        let grows = bytes.more > bytes.less || files.more > files.less;
        !(self.uncounted && grows)
            && self.bytes.has_room(bytes.more, bytes.less)
            && self.files.has_room(files.more, files.less)
    }

    /// Notes which of the two had no room.
    pub(super) fn refuse(&mut self, bytes: Change, files: Change) {
        if self.uncounted || !self.files.has_room(files.more, files.less) {
            self.files.refuse();
        }
        if !self.bytes.has_room(bytes.more, bytes.less) {
            self.bytes.refuse();
        }
    }

    /// Whether a folder may be so deep; notes it when not.
    pub(super) fn may_be_deep(&mut self, depth: u64) -> bool {
        self.too_deep |= depth > self.depth;
        depth <= self.depth
    }

    /// Counts a folder that is so deep.
    pub(super) fn add_depth(&mut self, depth: u64) {
        self.deepest = self.deepest.max(depth);
    }

    /// Writes what was used into `usage`.
    pub(super) fn report(&self, usage: &mut Usage) {
        let (bytes, files) = (self.bytes.used(), self.files.used());
        let Some(names) = self.quota.limits() else {
            usage.record_folder(FolderUse {
                folder: self.folder.clone(),
                bytes: self.bytes.quota_use(),
                files: self.files.quota_use(),
                depth: QuotaUse {
                    limit: self.depth,
                    used: self.deepest,
                    reached: self.too_deep,
                },
            });
            return;
        };
        for (name, (used, refused)) in names.into_iter().zip([bytes, files, (self.deepest, self.too_deep)]) {
            usage.record(name, used);
            if refused {
                usage.reach(name);
            }
        }
    }
}

/// What comes and what goes in one step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change {
    pub(super) more: u64,
    pub(super) less: u64,
}

impl Change {
    pub(super) fn more(more: u64) -> Self {
        Self { more, less: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_counted_against_the_limit_and_shrinking_never_refused() {
        let mut amount = Amount::new(100);
        assert!(amount.has_room(100, 0));
        amount.add(80);
        assert!(!amount.has_room(21, 0));
        assert!(amount.has_room(21, 1), "what goes at the same time makes room");
        assert!(!amount.has_room(u64::MAX, 0));
        amount.add(60);
        assert!(
            amount.has_room(0, 0) && amount.has_room(5, 5),
            "beyond its limit it may stay as it is"
        );
        assert!(!amount.has_room(1, 0));
        amount.give_back(141);
        assert_eq!((amount.now(), amount.used()), (0, (140, false)), "never below nothing");
    }

    #[test]
    fn what_the_host_has_there_comes_on_top() {
        let mut amount = Amount::new(100);
        amount.exempt(50);
        amount.add(50);
        assert!(amount.has_room(100, 0) && !amount.has_room(101, 0));
        amount.add(100);
        assert_eq!(amount.used(), (100, false));
    }

    #[test]
    fn what_could_not_be_counted_does_not_grow() {
        let mut budget = Budget::new(Quota::Data, "data", &Limits::default());
        assert!(budget.has_room(Change::more(1), Change::default()));
        budget.leave_uncounted();
        assert!(!budget.has_room(Change::more(1), Change::default()));
        assert!(budget.has_room(Change { more: 3, less: 3 }, Change::default()));
    }
}
