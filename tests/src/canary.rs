//! A folder that nothing may touch, and the proof that nothing did.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What is known of everything below a folder: by path, all that an attacker could have changed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    mode: u32,
    inode: u64,
    links: u64,
    owner: (u32, u32),
    changed: (i64, i64),
    modified: (i64, i64),
    content: Vec<u8>,
}

impl Snapshot {
    /// Looks at `folder` and everything below it: type and mode, inode, number of links, owner, times of change, and
    /// content (of a link, its target).
    ///
    /// # Panics
    /// When something there cannot be read.
    pub fn of(folder: &Path) -> Self {
        Self::of_all_but(folder, &|_| false)
    }

    /// As [`Self::of`], without what `but` says of a path, and what lies below that.
    ///
    /// # Panics
    /// As [`Self::of`].
    pub fn of_all_but(folder: &Path, but: &dyn Fn(&Path) -> bool) -> Self {
        let mut entries = BTreeMap::new();
        if let Err(error) = walk(folder, but, &mut entries) {
            panic!("{} cannot be looked at: {error}", folder.display());
        }
        Self(entries)
    }

    /// The same without what is known of these paths themselves.
    #[must_use]
    pub fn without(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        for path in paths {
            self.0.remove(&path);
        }
        self
    }

    /// Names what differs from `later`, one line for each path.
    pub fn differences(&self, later: &Self) -> Vec<String> {
        let all: std::collections::BTreeSet<_> = self.0.keys().chain(later.0.keys()).collect();
        all.into_iter()
            .filter_map(|path| match (self.0.get(path), later.0.get(path)) {
                (Some(before), Some(after)) if before != after => Some(format!("{} changed", path.display())),
                (Some(_), None) => Some(format!("{} is gone", path.display())),
                (None, Some(_)) => Some(format!("{} is new", path.display())),
                _ => None,
            })
            .collect()
    }
}

fn walk(path: &Path, but: &dyn Fn(&Path) -> bool, entries: &mut BTreeMap<PathBuf, Entry>) -> io::Result<()> {
    if but(path) {
        return Ok(());
    }
    let found = fs::symlink_metadata(path)?;
    let content = if found.is_file() {
        fs::read(path)?
    } else if found.is_symlink() {
        fs::read_link(path)?.into_os_string().into_encoded_bytes()
    } else {
        Vec::new()
    };
    let entry = Entry {
        mode: found.mode(),
        inode: found.ino(),
        links: found.nlink(),
        owner: (found.uid(), found.gid()),
        changed: (found.ctime(), found.ctime_nsec()),
        modified: (found.mtime(), found.mtime_nsec()),
        content,
    };
    entries.insert(path.to_owned(), entry);
    if found.is_dir() {
        for below in fs::read_dir(path)? {
            walk(&below?.path(), but, entries)?;
        }
    }
    Ok(())
}

/// Makes a folder worth attacking in `parent`: `outside/` with a file `canary`, an empty folder `folder` and a link.
///
/// # Panics
/// When it cannot be made.
pub fn make_canary(parent: &Path) -> PathBuf {
    let outside = parent.join("outside");
    let made = fs::create_dir_all(outside.join("folder"))
        .and_then(|()| fs::write(outside.join("canary"), b"the canary sings"))
        .and_then(|()| std::os::unix::fs::symlink("canary", outside.join("link")));
    if let Err(error) = made {
        panic!("{} cannot be made: {error}", outside.display());
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&Path) -> io::Result<()>;

    /// A canary that would not notice is worse than none.
    #[test]
    fn every_kind_of_change_is_noticed() {
        let changes: [(&str, Change); 6] = [
            ("content", |outside| {
                fs::write(outside.join("canary"), b"the canary sinks")
            }),
            ("a new file", |outside| fs::write(outside.join("folder/new"), b"")),
            ("a file gone", |outside| fs::remove_file(outside.join("canary"))),
            ("another name", |outside| {
                fs::rename(outside.join("canary"), outside.join("other"))
            }),
            ("a second name", |outside| {
                fs::hard_link(outside.join("canary"), outside.join("../second"))
            }),
            ("a mode", |outside| {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                fs::set_permissions(outside.join("canary"), mode)
            }),
        ];
        for (what, change) in changes {
            let parent = tempfile::tempdir().unwrap();
            let outside = make_canary(parent.path());
            let before = Snapshot::of(&outside);
            assert_eq!(
                before.differences(&Snapshot::of(&outside)),
                Vec::<String>::new(),
                "reading changes nothing"
            );
            change(&outside).unwrap();
            assert!(!before.differences(&Snapshot::of(&outside)).is_empty(), "{what}");
        }
    }
}
