//! A folder that is open, for one command or for all of a handler.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Dir, OpenMode};

use super::disk::{FolderKey, is_of_this_machine};

/// An open folder that commands are handed. Clones are the same descriptor, which is closed with the last of them: commands
/// of one handler after each other need none of their own.
///
/// What the system says of the folder is asked once; of one that is open it does not change.
#[derive(Clone)]
pub struct OpenFolder(Arc<Shared>);

struct Shared {
    descriptor: OwnedFd,
    key: OnceLock<FolderKey>,
    is_of_this_machine: OnceLock<bool>,
    /// As a component has it, and whether file calls about it are made at once: for those that come after each other.
    dir: OnceLock<(Dir, bool)>,
}

impl From<OwnedFd> for OpenFolder {
    fn from(descriptor: OwnedFd) -> Self {
        Self(Arc::new(Shared {
            descriptor,
            key: OnceLock::new(),
            is_of_this_machine: OnceLock::new(),
            dir: OnceLock::new(),
        }))
    }
}

impl From<File> for OpenFolder {
    fn from(folder: File) -> Self {
        OwnedFd::from(folder).into()
    }
}

impl AsFd for OpenFolder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.descriptor.as_fd()
    }
}

impl fmt::Debug for OpenFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenFolder").field(&self.0.descriptor).finish()
    }
}

impl OpenFolder {
    /// Which folder it is.
    ///
    /// # Errors
    ///
    /// When the descriptor says nothing of itself.
    pub(super) fn key(&self) -> io::Result<FolderKey> {
        remembered(&self.0.key, || FolderKey::of(&self.0.descriptor))
    }

    /// Whether it lies on a file system of this machine, where no call waits for another one.
    ///
    /// # Errors
    ///
    /// When the descriptor says nothing of itself.
    pub(super) fn is_of_this_machine(&self) -> io::Result<bool> {
        remembered(&self.0.is_of_this_machine, || is_of_this_machine(&self.0.descriptor))
    }

    /// The folder as a component has it; file calls about it are made at once where it `is_here`.
    ///
    /// # Errors
    ///
    /// When it is somebody else's as well, and the descriptor cannot be duplicated, once for all of them.
    pub(super) fn into_dir(self, permissions: FsPerms, mode: OpenMode, is_here: bool) -> io::Result<Dir> {
        let new = |file: OwnedFd| Dir::new(File::from(file), permissions, mode, is_here);
        let shared = match Arc::try_unwrap(self.0) {
            Ok(own) => return Ok(new(own.descriptor)),
            Err(shared) => shared,
        };
        if let Some((dir, _)) = shared.dir.get().filter(|(_, of)| *of == is_here) {
            let mut dir = dir.clone();
            (dir.perms, dir.open_mode) = (permissions, mode);
            return Ok(dir);
        }
        let dir = new(shared.descriptor.try_clone()?);
        // Another command may have been first: then this one has a descriptor of its own.
        let _ = shared.dir.set((dir.clone(), is_here));
        Ok(dir)
    }
}

/// What `place` remembers, or what is asked for now.
fn remembered<T: Copy>(place: &OnceLock<T>, ask: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    if let Some(known) = place.get() {
        return Ok(*known);
    }
    let answer = ask()?;
    Ok(*place.get_or_init(|| answer))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use super::*;

    fn open(path: &Path) -> OpenFolder {
        File::open(path).unwrap().into()
    }

    fn for_reading(folder: OpenFolder) -> Dir {
        folder.into_dir(FsPerms::ReadOnly, OpenMode::READ, true).unwrap()
    }

    #[test]
    fn commands_of_one_folder_share_a_descriptor_and_nothing_else() {
        let path = tempfile::tempdir().unwrap();
        let folder = open(path.path());
        let first = for_reading(folder.clone());
        let writing = OpenMode::READ | OpenMode::WRITE;
        let second = folder.clone().into_dir(FsPerms::ReadWrite, writing, true).unwrap();
        assert!(Arc::ptr_eq(&first.dir, &second.dir));
        assert!(first.perms == FsPerms::ReadOnly && first.open_mode == OpenMode::READ);
        assert!(second.perms == FsPerms::ReadWrite && second.open_mode == writing);
        // Made at once where another's calls are not: it has to be told apart.
        let aside = folder.into_dir(FsPerms::ReadOnly, OpenMode::READ, false).unwrap();
        assert!(!Arc::ptr_eq(&first.dir, &aside.dir));
    }

    #[test]
    fn who_is_the_only_one_takes_the_descriptor() {
        let path = tempfile::tempdir().unwrap();
        let folder = open(path.path());
        let number = folder.as_fd().as_raw_fd();
        assert_eq!(for_reading(folder).dir.as_raw_fd(), number);
    }

    #[test]
    fn it_is_what_it_was_when_it_was_opened() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("folder");
        std::fs::create_dir(&path).unwrap();
        let folder = open(&path);
        let key = folder.key().unwrap();
        std::fs::rename(&path, parent.path().join("moved")).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_eq!(folder.key().unwrap(), key);
        assert_eq!(folder.clone().key().unwrap(), FolderKey::of(&folder).unwrap());
        assert_ne!(open(&path).key().unwrap(), key);
    }
}
