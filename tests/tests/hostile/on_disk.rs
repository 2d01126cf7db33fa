//! What lies in a handler's folders, as the system says.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::victim::is_victims;

/// What lies in one of a handler's folders. What the host itself writes there is left out.
#[derive(Debug, Default)]
pub(crate) struct OnDisk {
    /// As its limits call it.
    pub(crate) name: &'static str,
    /// Bytes of files and links, by their apparent size, each file once.
    pub(crate) bytes: u64,
    /// Files, folders and links.
    pub(crate) files: u64,
    /// Folders in one another.
    pub(crate) depth: u64,
    /// Bytes of the largest file.
    pub(crate) largest: u64,
}

impl OnDisk {
    /// Each folder below `root` that an attacker may write in.
    pub(crate) fn all(root: &Path) -> Vec<Self> {
        [
            ("status", "handlers", "status"),
            ("heartbeat", "handlers", "heartbeat"),
            ("log", "logs", ""),
            ("events", "logs", "events"),
            ("data", "data", ""),
        ]
        .into_iter()
        .flat_map(|(name, above, inside)| {
            let attackers = children(&root.join(above)).into_iter().filter(|of| !is_victims(of));
            let folders = attackers.map(move |of| of.join(inside));
            folders.filter(|folder| folder.is_dir()).map(move |folder| {
                let mut found = Self {
                    name,
                    ..Self::default()
                };
                found.add(&folder, 0, &mut HashSet::new());
                found
            })
        })
        .collect()
    }

    fn add(&mut self, folder: &Path, depth: u64, seen: &mut HashSet<u64>) {
        for path in children(folder) {
            let own = self.name == "log" && depth == 0;
            let hosts = own && (path.ends_with("events") || path.ends_with("CommandExecution.log"));
            let Ok(found) = path.symlink_metadata() else { continue };
            if hosts {
                continue;
            }
            self.files += 1;
            if found.is_dir() {
                self.depth = self.depth.max(depth + 1);
                self.add(&path, depth + 1, seen);
            } else if seen.insert(found.ino()) {
                self.bytes += found.len();
                self.largest = self.largest.max(found.len());
            }
        }
    }
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}
