//! Every file in the folders that a handler may write in, with what is charged for it.
//!
//! A file is known by its inode, not by a path or a descriptor: whatever a component calls it and however it came by it,
//! it is charged once, to the folder that it lies in. What is charged is the largest size that it may have: exactly its
//! size while nothing is being written to it.

mod moves;

use std::collections::HashMap;
use std::fs::File;
use std::sync::Weak;

use super::budget::{Budget, Change};
use super::found::{Found, Key, Kind};
use super::keys::Keys;
use super::refusal::Refusal;
use crate::limits::{LimitName, Limits, Quota, Usage};

/// What is charged for one file, folder or link.
#[derive(Debug)]
struct Entry {
    quota: Quota,
    /// The folder that a folder lies in; `None` for what is none, and for a folder that the handler was given.
    parent: Option<Key>,
    is_folder: bool,
    /// The largest size that it may have now.
    size: u64,
    /// Bytes of it that are not charged: what was there when the command began, in a granted folder.
    free_size: u64,
    /// Names that it has. None for a folder that the handler was given.
    names: u64,
    /// Names that are not charged, likewise.
    free_names: u64,
    /// Writes that have begun and not ended.
    pending: u32,
    /// Those who have it open.
    open: Vec<Weak<File>>,
}

impl Entry {
    /// Bytes charged.
    fn bytes(&self) -> u64 {
        self.size.saturating_sub(self.free_size)
    }

    /// Names charged.
    fn files(&self) -> u64 {
        self.names.saturating_sub(self.free_names)
    }

    fn is_open(&self) -> bool {
        self.open.iter().any(|file| file.strong_count() > 0)
    }
}

/// Every file in the folders that a handler may write in, and what each folder may hold.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Of the contract's folders in the order of [`Quota::ALL`], then of those that were granted.
    budgets: Vec<Budget>,
    entries: HashMap<Key, Entry>,
    /// Files without a name that somebody had open when they lost it.
    nameless: Vec<Key>,
    /// Which file is which.
    pub(super) keys: Keys,
    file_max: u64,
    largest: u64,
    too_large: bool,
}

impl Ledger {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            budgets: Quota::ALL.iter().map(|quota| Budget::new(*quota, "", limits)).collect(),
            entries: HashMap::new(),
            nameless: Vec::new(),
            keys: Keys::default(),
            file_max: limits.value(LimitName::File),
            largest: 0,
            too_large: false,
        }
    }

    pub(super) fn budget(&mut self, quota: Quota) -> &mut Budget {
        // Every quota that is in an entry came in by `give`.
        let at = self.budgets.iter().position(|budget| budget.quota == quota);
        &mut self.budgets[at.unwrap_or_default()]
    }

    /// Writes what was used into `usage`.
    pub(super) fn report(&self, usage: &mut Usage) {
        for budget in &self.budgets {
            budget.report(usage);
        }
        usage.record(LimitName::File, self.largest);
        if self.too_large {
            usage.reach(LimitName::File);
        }
    }

    /// Takes in a folder that the handler was given. The first to name it decides.
    pub(super) fn give(&mut self, key: Key, quota: Quota, folder: &str, limits: &Limits) {
        if self.budgets.iter().all(|budget| budget.quota != quota) {
            // No more than there are: a service keeps them for as long as it lives.
            self.budgets.reserve_exact(1);
            self.budgets.push(Budget::new(quota, folder, limits));
        }
        self.entries.entry(key).or_insert(Entry {
            quota,
            parent: None,
            is_folder: true,
            size: 0,
            free_size: 0,
            names: 0,
            free_names: 0,
            pending: 0,
            open: Vec::new(),
        });
    }

    /// Whether `key` is in it.
    pub(super) fn knows(&self, key: Key) -> bool {
        self.entries.contains_key(&key)
    }

    /// Which limits hold for `key`.
    pub(super) fn quota(&self, key: Key) -> Option<Quota> {
        self.entries.get(&key).map(|entry| entry.quota)
    }

    /// How deep the folder `key` lies in the one that the handler was given.
    fn depth(&self, key: Key) -> u64 {
        let mut depth = 0;
        let mut next = self.entries.get(&key);
        while let Some(parent) = next.and_then(|entry| entry.parent) {
            depth += 1;
            next = self.entries.get(&parent);
        }
        depth
    }

    /// Whether something of `size` may come into `folder`.
    pub(super) fn room(&mut self, folder: Key, is_folder: bool, size: u64) -> Result<(), Refusal> {
        let quota = self.quota(folder).ok_or(Refusal::Space)?;
        if is_folder {
            let depth = self.depth(folder) + 1;
            if !self.budget(quota).may_be_deep(depth) {
                return Err(Refusal::Depth);
            }
        }
        self.admit(quota, Change::more(size), Change::more(1))
    }

    /// Whether an empty file may come into `folder`. Asking is no refusal.
    pub(super) fn has_room_for_file(&mut self, folder: Key) -> bool {
        let quota = self.quota(folder);
        quota.is_some_and(|quota| self.fits(quota, Change::default(), Change::more(1)))
    }

    fn fits(&mut self, quota: Quota, bytes: Change, files: Change) -> bool {
        if self.budget(quota).has_room(bytes, files) {
            return true;
        }
        self.release_closed();
        self.budget(quota).has_room(bytes, files)
    }

    fn admit(&mut self, quota: Quota, bytes: Change, files: Change) -> Result<(), Refusal> {
        if self.fits(quota, bytes, files) {
            return Ok(());
        }
        self.budget(quota).refuse(bytes, files);
        Err(Refusal::Space)
    }

    /// Takes in what lay in `folder` when the command began: charged as what comes, but in a granted folder, where it is
    /// not the handler's.
    pub(super) fn find(&mut self, folder: Key, found: &Found) {
        let is_free = self.quota(folder).is_some_and(Quota::counts_growth_only);
        self.take_in(folder, found, is_free);
    }

    /// Charges what has come into `folder`, whether there was room or not.
    pub(super) fn charge(&mut self, folder: Key, found: &Found) {
        self.take_in(folder, found, false);
    }

    fn take_in(&mut self, folder: Key, found: &Found, is_free: bool) {
        let Some(quota) = self.quota(folder) else { return };
        self.forget(found.key);
        let is_folder = found.kind == Kind::Folder;
        let entry = Entry {
            quota,
            parent: is_folder.then_some(folder),
            is_folder,
            size: found.size,
            free_size: if is_free { found.size } else { 0 },
            names: 1,
            free_names: u64::from(is_free),
            pending: 0,
            open: Vec::new(),
        };
        self.entries.insert(found.key, entry);
        if is_free {
            return;
        }
        self.largest = self.largest.max(found.size);
        let depth = if is_folder { self.depth(found.key) } else { 0 };
        let budget = self.budget(quota);
        budget.bytes.add(found.size);
        budget.files.add(1);
        budget.add_depth(depth);
    }

    /// Takes in one more name that `key` had when the command began.
    pub(super) fn find_name(&mut self, key: Key) {
        match self.entries.get_mut(&key) {
            Some(entry) if entry.quota.counts_growth_only() => {
                entry.names += 1;
                entry.free_names += 1;
            }
            _ => self.charge_name(key),
        }
    }

    /// Charges one more name of `key`.
    pub(super) fn charge_name(&mut self, key: Key) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.names += 1;
            let quota = entry.quota;
            self.budget(quota).files.add(1);
        }
    }

    /// Notes that `file`, which is `found`, was opened by way of `folder`.
    pub(super) fn note_open(&mut self, folder: Key, found: &Found, file: Weak<File>, is_writable: bool) {
        if is_writable && !self.knows(found.key) {
            // It came while the command ran, and not from the handler.
            self.charge(folder, found);
        }
        self.resize(found.key, found.size);
        if let Some(entry) = self.entries.get_mut(&found.key) {
            entry.open.retain(|file| file.strong_count() > 0);
            entry.open.push(file);
        }
    }

    /// Charges `key` for a write that may make it as long as `end` says, given what it is charged for.
    pub(super) fn begin(&mut self, key: Key, end: impl FnOnce(u64) -> u64) -> Result<(), Refusal> {
        let entry = self.entries.get(&key).ok_or(Refusal::Space)?;
        let (quota, size, free) = (entry.quota, entry.size, entry.free_size);
        let end = end(size).max(size);
        if end > size {
            if end > self.file_max {
                self.too_large = true;
                return Err(Refusal::FileSize);
            }
            let more = end.max(free) - size.max(free);
            self.admit(quota, Change::more(more), Change::default())?;
            self.budget(quota).bytes.add(more);
            self.largest = self.largest.max(end);
        }
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.size = end;
            entry.pending += 1;
        }
        Ok(())
    }

    /// Notes that a write to `key` that had begun has ended, and that it now has `size`, where that is known.
    pub(super) fn settle(&mut self, key: Key, size: Option<u64>) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.pending = entry.pending.saturating_sub(1);
        }
        if let Some(size) = size {
            self.resize(key, size);
        }
    }

    /// Charges `key` for its real size, unless something is being written to it.
    fn resize(&mut self, key: Key, size: u64) {
        let Some(entry) = self.entries.get_mut(&key).filter(|entry| entry.pending == 0) else {
            return;
        };
        let (quota, before) = (entry.quota, entry.bytes());
        entry.size = size;
        let now = entry.bytes();
        let budget = self.budget(quota);
        budget.bytes.give_back(before);
        budget.bytes.add(now);
    }

    /// Gives a name of `key` back, and with the `last` one all of it, unless somebody has it open.
    pub(super) fn remove(&mut self, key: Key, last: bool) {
        let Some(entry) = self.entries.get_mut(&key).filter(|entry| entry.names > 0) else {
            return;
        };
        if !last {
            // Another name of it may be where nothing is charged.
            if entry.names > 1 {
                let (quota, before) = (entry.quota, entry.files());
                entry.names -= 1;
                // One that was there before makes no room for another.
                entry.free_names = entry.free_names.min(entry.names);
                let less = before - entry.files();
                self.budget(quota).files.give_back(less);
            }
        } else if entry.is_open() {
            self.nameless.push(key);
        } else {
            self.forget(key);
        }
    }

    /// Gives back what is charged for nameless files that nobody has open any more.
    pub(super) fn release_closed(&mut self) {
        let nameless = std::mem::take(&mut self.nameless);
        for key in nameless {
            match self.entries.get(&key) {
                Some(entry) if entry.is_open() => self.nameless.push(key),
                Some(_) => self.forget(key),
                None => {}
            }
        }
    }

    /// Gives back all that is charged for `key`.
    fn forget(&mut self, key: Key) {
        if let Some(entry) = self.entries.remove(&key) {
            self.nameless.retain(|nameless| *nameless != key);
            let budget = self.budget(entry.quota);
            budget.bytes.give_back(entry.bytes());
            budget.files.give_back(entry.files());
        }
    }
}
