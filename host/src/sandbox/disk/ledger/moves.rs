//! What goes from one folder to another.

use super::super::budget::Change;
use super::super::found::{Found, Key, Kind};
use super::super::refusal::Refusal;
use super::Ledger;

impl Ledger {
    /// Whether `found` may go from one folder to another, where it takes the place of `replaced`.
    pub(in super::super) fn room_to_move(
        &mut self,
        found: &Found,
        from: Key,
        to: Key,
        replaced: Option<&Found>,
    ) -> Result<(), Refusal> {
        let (Some(source), Some(target)) = (self.quota(from), self.quota(to)) else {
            return Err(Refusal::OtherFolder);
        };
        let Some(size) = self.entries.get(&found.key).map(|entry| entry.size) else {
            return if source == target {
                Ok(())
            } else {
                Err(Refusal::OtherFolder)
            };
        };
        if found.kind == Kind::Folder {
            if source != target {
                return Err(Refusal::OtherFolder);
            }
            let (before, after) = (self.depth(from), self.depth(to));
            let deepest = after + 1 + self.height(found.key);
            let goes_no_deeper = after <= before;
            return if goes_no_deeper || self.budget(target).may_be_deep(deepest) {
                Ok(())
            } else {
                Err(Refusal::Depth)
            };
        }
        if source == target {
            return Ok(());
        }
        if found.links > 1 {
            // Its other names stay where they are.
            return Err(Refusal::OtherFolder);
        }
        let freed = replaced
            .filter(|replaced| replaced.links <= 1)
            .and_then(|replaced| self.entries.get(&replaced.key))
            .filter(|entry| !entry.is_open())
            .map(|entry| (entry.bytes(), entry.files()))
            .unwrap_or_default();
        let bytes = Change {
            more: size,
            less: freed.0,
        };
        let files = Change { more: 1, less: freed.1 };
        self.admit(target, bytes, files)
    }

    /// Notes that `key` now lies in the folder `to`.
    pub(in super::super) fn move_to(&mut self, key: Key, to: Key) {
        let Some(target) = self.quota(to) else { return };
        let Some(entry) = self.entries.get_mut(&key) else {
            return;
        };
        if entry.names == 0 {
            return;
        }
        if entry.is_folder {
            entry.parent = Some(to);
            let depth = self.depth(key) + self.height(key);
            self.budget(target).add_depth(depth);
            return;
        }
        let (source, size, names) = (entry.quota, entry.size, entry.names);
        if source != target {
            let (bytes, files) = (entry.bytes(), entry.files());
            // The handler's own from now on, wherever it goes.
            entry.quota = target;
            entry.free_size = 0;
            entry.free_names = 0;
            let left = self.budget(source);
            left.bytes.give_back(bytes);
            left.files.give_back(files);
            let entered = self.budget(target);
            entered.bytes.add(size);
            entered.files.add(names);
        }
    }

    /// How deep folders lie in the folder `key`.
    fn height(&self, key: Key) -> u64 {
        let up = |start: &Key| {
            std::iter::successors(Some(*start), |at| self.entries.get(at)?.parent)
                .position(|at| at == key)
                .map_or(0, |steps| steps as u64)
        };
        let folders = self.entries.iter().filter(|(_, entry)| entry.parent.is_some());
        folders.map(|(key, _)| up(key)).max().unwrap_or(0)
    }
}
