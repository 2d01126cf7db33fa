//! What a handler may keep on disk: bytes, files, depth and the size of a file, folder by folder.
//!
//! ```text
//! the folders as they are ── count ──► ledger ◄── file calls ask before, and tell it after
//! ```
//!
//! Growth is charged and shrinking gives back, so that a file that is written again and again in place costs nothing.
//! The calls themselves are wasmtime-wasi's, but for those that make a plain file or open one: these ask the [`Ledger`] first,
//! and look at the file afterwards. What is counted is the apparent size. A file that loses its last name while it is open stays charged
//! until it is closed.
//!
//! Behind it, in a worker, the system limits the size of a file as well (`RLIMIT_FSIZE`); not in hostler's own process,
//! where that would hold for what the host writes too.
//!
//! In a granted folder of the machine only growth is charged: what lay there when the command began is the operator's,
//! and taking it away makes no room.

mod budget;
mod calls;
mod contents;
mod count;
mod directly;
mod files;
mod found;
mod keys;
mod ledger;
mod names;
mod opening;
mod own_thread;
mod refusal;
mod stream;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use calls::add_to_linker;
pub(super) use files::Files;
use found::Found;
pub(super) use found::Key as FolderKey;
use found::Key;
use ledger::Ledger;
pub(super) use own_thread::{OwnThread, is_of_this_machine};
use refusal::Refusal;
use wasmtime_wasi::filesystem::Dir;

use super::{Access, OpenFolder, Preopen};
use crate::limits::{Limits, Usage};

/// What a handler has on disk while a command of it runs. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Mutex<Ledger>>);

impl Disk {
    /// Counts what is in the folders that can be written, each beside its descriptor.
    ///
    /// # Errors
    ///
    /// When a descriptor says nothing of itself.
    pub(super) fn count(preopens: &[Preopen], folders: &[&OpenFolder], limits: &Limits) -> std::io::Result<Self> {
        let keys: Vec<Key> = folders
            .iter()
            .map(|folder| folder.key())
            .collect::<std::io::Result<_>>()?;
        let mut ledger = Ledger::new(limits);
        count_into(
            &mut ledger,
            preopens,
            keys.iter().copied().zip(folders.iter().copied()),
            limits,
        );
        Ok(Self(Arc::new(Mutex::new(ledger))))
    }

    /// The same, with the folders as the component has them: each is known by its descriptor from now on, and has its key.
    // Not inlined: as the parts of `new_store`.
    #[inline(never)]
    pub(super) fn of(preopens: &[Preopen], folders: &[(Dir, String)], keys: &[Key], limits: &Limits) -> Self {
        let mut ledger = Ledger::new(limits);
        let open = folders.iter().map(|(folder, _)| &folder.dir);
        for (folder, key) in open.clone().zip(keys) {
            ledger.keys.give(folder, *key);
        }
        count_into(&mut ledger, preopens, keys.iter().copied().zip(open), limits);
        Self(Arc::new(Mutex::new(ledger)))
    }

    /// Writes what was used into `usage`.
    pub(super) fn report(&self, usage: &mut Usage) {
        self.ledger().report(usage);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Nothing in it panics half-way; a poisoned one is charged too much at worst.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Charges `key` for a write up to `end`.
    fn begin(&self, key: Key, end: u64) -> Result<(), Refusal> {
        self.ledger().begin(key, |_| end)
    }

    /// Charges `key` for `more` bytes at its end.
    fn begin_append(&self, key: Key, more: u64) -> Result<(), Refusal> {
        self.ledger().begin(key, |size| size.saturating_add(more))
    }

    /// The key of `file`.
    fn key(&self, file: &Arc<File>) -> std::io::Result<Key> {
        self.ledger().keys.of(file)
    }

    /// Notes that a write that had begun to `key` has ended as it should: it is as long as it was charged for.
    fn settle_whole(&self, key: Key) {
        self.ledger().settle(key, None);
    }

    /// Notes that a write that had begun to `file`, which is `key`, has ended.
    fn settle(&self, key: Key, file: &File) {
        let size = Found::of(file).ok().map(|found| found.size);
        self.ledger().settle(key, size);
    }
}

/// Counts into `ledger` what lies in those of `folders`, each with its key, that can be written in.
fn count_into<'f, F: AsFd + 'f>(
    ledger: &mut Ledger,
    preopens: &[Preopen],
    folders: impl Iterator<Item = (Key, &'f F)>,
    limits: &Limits,
) {
    let writable: Vec<_> = preopens
        .iter()
        .zip(folders)
        .filter_map(|(preopen, (key, folder))| match preopen.access {
            Access::ReadWrite(quota) => Some((key, quota, &preopen.name, folder)),
            Access::ReadOnly => None,
        })
        .collect();
    // All of them first: one may lie in another.
    for (key, quota, name, _) in &writable {
        ledger.give(*key, *quota, name, limits);
    }
    for (key, quota, _, folder) in writable {
        count::count(ledger, folder.as_fd(), key, quota);
    }
}
