//! A folder that is open, for one command or for all of a handler.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock};

use rustix::fs::{SeekFrom, seek};
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Dir, OpenMode};

use super::disk::{FolderKey, is_of_this_machine, open_listing};

/// An open folder that commands are handed. Clones are the same descriptor, which is closed with the last of them: commands
/// of one handler after each other need none of their own.
///
/// What the system says of the folder is asked once; of one that is open it does not change.
#[derive(Clone)]
pub struct OpenFolder(Arc<Shared>);

struct Shared {
    /// As a component has it that may do anything there, and whose file calls about it are made at once.
    dir: Dir,
    key: OnceLock<FolderKey>,
    is_of_this_machine: OnceLock<bool>,
    /// By which what is in it is looked through: it has a position of its own.
    listing: Mutex<Option<OwnedFd>>,
}

impl From<OwnedFd> for OpenFolder {
    fn from(descriptor: OwnedFd) -> Self {
        File::from(descriptor).into()
    }
}

impl From<File> for OpenFolder {
    fn from(folder: File) -> Self {
        Self(Arc::new(Shared {
            dir: Dir::new(folder, FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE, true),
            key: OnceLock::new(),
            is_of_this_machine: OnceLock::new(),
            listing: Mutex::new(None),
        }))
    }
}

impl AsFd for OpenFolder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.dir.dir.as_fd()
    }
}

impl fmt::Debug for OpenFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenFolder").field(&self.0.dir.dir).finish()
    }
}

impl OpenFolder {
    /// Which folder it is.
    ///
    /// # Errors
    ///
    /// When the descriptor says nothing of itself.
    pub(super) fn key(&self) -> io::Result<FolderKey> {
        remembered(&self.0.key, || FolderKey::of(self))
    }

    /// Whether it lies on a file system of this machine, where no call waits for another one.
    ///
    /// # Errors
    ///
    /// When the descriptor says nothing of itself.
    pub(super) fn is_of_this_machine(&self) -> io::Result<bool> {
        remembered(&self.0.is_of_this_machine, || is_of_this_machine(self))
    }

    /// The folder as a component has it; file calls about it are made at once where it `is_here`.
    ///
    /// # Errors
    ///
    /// Where they are not: when it cannot be opened once more.
    pub(super) fn as_dir(&self, permissions: FsPerms, mode: OpenMode, is_here: bool) -> io::Result<Dir> {
        if !is_here {
            return Ok(Dir::new(self.0.dir.dir.try_clone()?, permissions, mode, false));
        }
        let mut dir = self.0.dir.clone();
        (dir.perms, dir.open_mode) = (permissions, mode);
        Ok(dir)
    }

    /// Has `look` look through what is in it, from the beginning; `None` where it was removed.
    ///
    /// # Errors
    ///
    /// When it cannot be opened once more, and those of `look`.
    pub(super) fn list<T>(&self, look: impl FnOnce(BorrowedFd<'_>) -> io::Result<T>) -> io::Result<Option<T>> {
        let open = || open_listing(self.as_fd(), c".");
        // Of one command alone it is not kept, nor waited for where another one looks through it right now.
        let is_shared = Arc::strong_count(&self.0) > 1;
        let Some(mut kept) = is_shared.then(|| self.0.listing.try_lock().ok()).flatten() else {
            return open()?.map(|listing| look(listing.as_fd())).transpose();
        };
        match &*kept {
            Some(listing) => _ = seek(listing, SeekFrom::Start(0))?,
            None => *kept = open()?,
        }
        kept.as_ref().map(|listing| look(listing.as_fd())).transpose()
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
    use std::mem::MaybeUninit;
    use std::path::Path;

    use rustix::fs::RawDir;

    use super::*;

    fn open(path: &Path) -> OpenFolder {
        File::open(path).unwrap().into()
    }

    fn for_reading(folder: &OpenFolder) -> Dir {
        folder.as_dir(FsPerms::ReadOnly, OpenMode::READ, true).unwrap()
    }

    #[test]
    fn commands_of_one_folder_share_a_descriptor_and_nothing_else() {
        let path = tempfile::tempdir().unwrap();
        let folder = open(path.path());
        let first = for_reading(&folder);
        let writing = OpenMode::READ | OpenMode::WRITE;
        let second = folder.as_dir(FsPerms::ReadWrite, writing, true).unwrap();
        assert!(Arc::ptr_eq(&first.dir, &second.dir));
        assert!(first.perms == FsPerms::ReadOnly && first.open_mode == OpenMode::READ);
        assert!(second.perms == FsPerms::ReadWrite && second.open_mode == writing);
        // Made at once where another's calls are not: it has to be told apart.
        let aside = folder.as_dir(FsPerms::ReadOnly, OpenMode::READ, false).unwrap();
        assert!(!Arc::ptr_eq(&first.dir, &aside.dir));
    }

    /// How many names `folder` has, its own and its parent's among them; looked through twice at the same time.
    fn names(folder: &OpenFolder) -> Option<[usize; 2]> {
        fn count(listing: BorrowedFd<'_>) -> usize {
            let mut room = [MaybeUninit::uninit(); 512];
            let mut entries = RawDir::new(listing, &mut room);
            let mut count = 0;
            while let Some(Ok(_)) = entries.next() {
                count += 1;
            }
            count
        }
        let twice = folder.list(|listing| {
            let meanwhile = folder.list(|listing| Ok(count(listing)))?;
            Ok([meanwhile.unwrap_or_default(), count(listing)])
        });
        twice.unwrap()
    }

    #[test]
    fn it_is_looked_through_from_the_beginning_each_time() {
        let path = tempfile::tempdir().unwrap();
        let alone = open(path.path());
        let shared = open(path.path());
        let _other = shared.clone();
        for files in 0..3 {
            for folder in [&alone, &shared] {
                assert_eq!(names(folder), Some([files + 2; 2]));
            }
            std::fs::write(path.path().join(files.to_string()), "").unwrap();
        }
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
