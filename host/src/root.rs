//! The root folder: where everything that hostler keeps lies (design D4).
//!
//! ```text
//! ROOT/  handlers/<Publisher.Type>-<version>/   data/<Publisher.Type>/   logs/<Publisher.Type>/
//!        state/  audit/  cache/  staging/  report/  lock  keys/  (host only)
//! ```

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_package::Durability;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

use crate::secrets::Keys;

/// Name of the file that is locked; it stays when the lock goes.
const LOCK_FILE: &str = "lock";

/// How often and after which pause a lock is tried again: one that is only looked at is free in a moment.
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A root folder that nobody but its owner can change, open.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    folder: OwnedFd,
    keys: Keys,
    durability: Durability,
}

/// The right to work in a root, until it is dropped; the system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct RootLock {
    _file: File,
}

/// Why a root folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Somebody else could change what lies in it.
    #[error("{} cannot hold a root: {why}", path.display())]
    Unsafe {
        /// The folder at fault: the root or one above it.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another hostler works in it.
    #[error("{} is in use by another hostler{}", path.display(), process.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default())]
    Locked {
        /// The root.
        path: PathBuf,
        /// The other's process, as it wrote it down.
        process: Option<u32>,
    },
    /// It cannot be made, opened or looked at.
    #[error("{} cannot be used: {what}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Root {
    /// Opens the root at `path`, which is made with mode 0700 when it is missing; its parent must exist.
    ///
    /// # Errors
    ///
    /// [`RootError::Unsafe`] when the root is a link, or when it or a folder above it can be written by others (unless
    /// it has the sticky bit) or belongs to neither the user nor root.
    pub fn open(path: &Path) -> Result<Self, RootError> {
        // Without a slash at its end, which would follow a link.
        let path: &Path = &path.components().collect::<PathBuf>();
        let io = |what| {
            move |source: io::Error| RootError::Io {
                path: path.to_owned(),
                what,
                source,
            }
        };
        match mkdirat(CWD, path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(io("it cannot be made")(error.into())),
        }
        let folder = match openat(
            CWD,
            path,
            OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        ) {
            Ok(folder) => folder,
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(RootError::Unsafe {
                    path: path.to_owned(),
                    why: "it is a link or not a folder",
                });
            }
            Err(error) => return Err(io("it cannot be opened")(error.into())),
        };
        let path = std::fs::canonicalize(path).map_err(io("its full path cannot be found"))?;
        check_owner_and_mode(&path)?;
        let keys = Keys::open_folder(&path.join("keys"));
        Ok(Self {
            path,
            folder,
            keys,
            durability: Durability::OnDisk,
        })
    }

    /// The same, where everything in it goes when this process ends: nothing in it is brought to the disk.
    #[must_use]
    pub(crate) fn thrown_away(self) -> Self {
        Self {
            durability: Durability::Passing,
            ..self
        }
    }

    /// Whether what is written in it has to survive a power failure.
    pub fn durability(&self) -> Durability {
        self.durability
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys that open protected settings: those in `keys/` below it, unless told otherwise.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Opens protected settings with `keys` from now on.
    pub(crate) fn set_keys(&mut self, keys: Keys) {
        self.keys = keys;
    }

    /// The same, where protected settings are opened with `keys`.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys, ..self }
    }

    /// Takes the right to work in it, which one process can have at a time.
    ///
    /// # Errors
    ///
    /// [`RootError::Locked`] when another process has it.
    pub(crate) fn lock(&self) -> Result<RootLock, RootError> {
        let io = |source: io::Error| RootError::Io {
            path: self.path.join(LOCK_FILE),
            what: "it cannot be made or locked",
            source,
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.folder, LOCK_FILE, flags, Mode::RUSR | Mode::WUSR).map_err(|error| io(error.into()))?;
        let mut file = File::from(file);
        let mut tried = file.try_lock();
        for _ in 0..LOCK_TRIES {
            if !matches!(tried, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(LOCK_PAUSE);
            tried = file.try_lock();
        }
        match tried {
            Ok(()) => {
                // For whoever finds it locked; the lock itself is the system's, not this text.
                let written = file
                    .set_len(0)
                    .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
                written.map_err(io)?;
                Ok(RootLock { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // It may just be writing, or from before this was written: then nobody is named.
                let _ = (&file).take(20).read_to_string(&mut text);
                Err(RootError::Locked {
                    path: self.path.clone(),
                    process: text.parse().ok(),
                })
            }
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Whether somebody works in it just now. Makes nothing; the lock is held for the moment of the look, which is why
    /// [`Root::lock`] tries more than once.
    pub(crate) fn is_in_use(&self) -> bool {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat(&self.folder, LOCK_FILE, flags, Mode::empty())
            .is_ok_and(|file| matches!(File::from(file).try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Removes everything in it.
    pub(crate) fn clear(&self) -> io::Result<()> {
        hostler_package::clear(self.folder.as_fd())
    }

    /// Opens the folder `names` below the root, making each part with `mode` where it is missing. No part may be a link.
    pub(crate) fn folder(&self, names: &[&str], mode: Mode) -> Result<OwnedFd, RootError> {
        let mut at = self.path.clone();
        let mut folder: Option<OwnedFd> = None;
        for name in names {
            at.push(name);
            let parent = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
            folder = Some(
                make_folder(parent, name, mode, self.durability).map_err(|source| RootError::Io {
                    path: at.clone(),
                    what: "the folder cannot be made or opened",
                    source,
                })?,
            );
        }
        folder.map_or_else(
            || {
                self.folder.try_clone().map_err(|source| RootError::Io {
                    path: at,
                    what: "it cannot be opened once more",
                    source,
                })
            },
            Ok,
        )
    }
}

/// Makes the folder `name` in `parent` unless it is there, and opens it. Never follows a link.
///
/// One that was made is on the disk, where that is asked for: else a power failure could take it away with all that was
/// brought to the disk in it.
pub(crate) fn make_folder(
    parent: BorrowedFd<'_>,
    name: &str,
    mode: Mode,
    durability: Durability,
) -> io::Result<OwnedFd> {
    match mkdirat(parent, name, mode) {
        Ok(()) => durability.sync(parent)?,
        Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(openat(
        parent,
        name,
        OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )?)
}

/// Refuses a path on which somebody else could put another folder in the place of one of ours.
fn check_owner_and_mode(path: &Path) -> Result<(), RootError> {
    const STICKY: u32 = 0o1000;
    let user = rustix::process::geteuid().as_raw();
    for folder in path.ancestors() {
        let refuse = |why| {
            Err(RootError::Unsafe {
                path: folder.to_owned(),
                why,
            })
        };
        let stat = rustix::fs::lstat(folder).map_err(|error| RootError::Io {
            path: folder.to_owned(),
            what: "it cannot be looked at",
            source: error.into(),
        })?;
        let writable = stat.st_mode & 0o022 != 0;
        if stat.st_uid != 0 && stat.st_uid != user {
            return refuse("it belongs to another user");
        }
        if writable && (folder == path || stat.st_mode & STICKY == 0) {
            return refuse("others can write in it (take the write permission of group and others away)");
        }
    }
    Ok(())
}
