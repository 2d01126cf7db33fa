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

use std::borrow::Borrow;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use calls::add_to_linker;
pub(super) use count::open_listing;
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
    /// Counts what is in those of `folders` that can be written in.
    ///
    /// # Errors
    ///
    /// When a descriptor says nothing of itself.
    // Not inlined: as the parts of `new_store`.
    #[inline(never)]
    pub(super) fn of(
        preopens: &[Preopen],
        folders: &[impl Borrow<OpenFolder>],
        limits: &Limits,
    ) -> std::io::Result<Self> {
        let mut ledger = Ledger::new(limits);
        let mut writable = Vec::new();
        for (preopen, folder) in preopens.iter().zip(folders) {
            if let Access::ReadWrite(quota) = preopen.access {
                let folder = folder.borrow();
                writable.push((folder.key()?, quota, &preopen.name, folder));
            }
        }
        // All of them first: one may lie in another.
        for (key, quota, name, _) in &writable {
            ledger.give(*key, *quota, name, limits);
        }
        for (key, quota, _, folder) in writable {
            count::count(&mut ledger, folder, key, quota);
        }
        Ok(Self(Arc::new(Mutex::new(ledger))))
    }

    /// Notes which of `folders` each of those is that the component was `given`: they are known by their descriptors.
    ///
    /// # Errors
    ///
    /// When a descriptor says nothing of itself.
    pub(super) fn know(&self, given: &[(Dir, String)], folders: &[OpenFolder]) -> std::io::Result<()> {
        let mut ledger = self.ledger();
        for ((given, _), folder) in given.iter().zip(folders) {
            ledger.keys.give(&given.dir, folder.key()?);
        }
        Ok(())
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
