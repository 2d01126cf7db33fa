//! All that an attacker could have changed of what is not its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hostler_contract::escape;
use sha2::{Digest, Sha256};

/// What is known of everything below some folders, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    mode: u32,
    owner: (u32, u32),
    inode: u64,
    links: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    /// SHA-256 of a file's content, or of where a link leads.
    content: [u8; 32],
}

impl Snapshot {
    /// Looks at `folders` and everything below them.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn of(folders: &[PathBuf]) -> io::Result<Self> {
        let mut entries = BTreeMap::new();
        let mut waiting: Vec<PathBuf> = folders.to_vec();
        while let Some(path) = waiting.pop() {
            let found = fs::symlink_metadata(&path)?;
            let content = if found.is_file() {
                fs::read(&path)?
            } else if found.is_symlink() {
                fs::read_link(&path)?.into_os_string().into_encoded_bytes()
            } else {
                Vec::new()
            };
            if found.is_dir() {
                for below in fs::read_dir(&path)? {
                    waiting.push(below?.path());
                }
            }
            let entry = Entry {
                mode: found.mode(),
                owner: (found.uid(), found.gid()),
                inode: found.ino(),
                links: found.nlink(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
                content: Sha256::digest(content).into(),
            };
            entries.insert(path, entry);
        }
        Ok(Self(entries))
    }

    /// What differs in `later`, one line for each path.
    pub(super) fn differences(&self, later: &Self) -> Vec<String> {
        let paths: BTreeSet<_> = self.0.keys().chain(later.0.keys()).collect();
        let differs = |path: &PathBuf| match (self.0.get(path), later.0.get(path)) {
            (Some(before), Some(after)) if before != after => Some(line(path, "was changed")),
            (Some(_), None) => Some(line(path, "is gone")),
            (None, Some(_)) => Some(line(path, "is new")),
            _ => None,
        };
        paths.into_iter().filter_map(differs).collect()
    }
}

fn line(path: &Path, what: &str) -> String {
    format!("{} {what}", escape(&path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&Path) -> io::Result<()>;

    /// One that would not notice is worse than none.
    #[test]
    fn every_kind_of_change_is_noticed() {
        let changes: [(&str, Change); 5] = [
            ("canary was changed", |folder| fs::write(folder.join("canary"), "other")),
            ("new is new", |folder| fs::write(folder.join("new"), "")),
            ("canary is gone", |folder| fs::remove_file(folder.join("canary"))),
            ("canary was changed", |folder| {
                fs::hard_link(folder.join("canary"), folder.join("../second"))
            }),
            ("canary was changed", |folder| {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                fs::set_permissions(folder.join("canary"), mode)
            }),
        ];
        for (what, change) in changes {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("folder");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("canary"), "canary").unwrap();
            let folders = [folder.clone()];
            let before = Snapshot::of(&folders).unwrap();
            assert!(before.differences(&Snapshot::of(&folders).unwrap()).is_empty());
            change(&folder).unwrap();
            let found = before.differences(&Snapshot::of(&folders).unwrap());
            assert!(found.iter().any(|line| line.ends_with(what)), "{what}: {found:?}");
        }
    }
}
