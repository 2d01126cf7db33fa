//! A package's files on disk: all of them under their final name, or none.
//!
//! Files are written into a folder of the host's own with a random name, through held descriptors, and made durable;
//! only then does one rename make them visible (P5). Whatever goes wrong before that leaves nothing behind (PKG-14).

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Write as _},
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
};

use rustix::fs::{Mode, OFlags, RenameFlags};

use crate::{ContentError, Durability, Entry, EntryKind, Package, removal::remove_folder};

/// Mode of every file, whatever the archive says (PKG-10).
const FILE_MODE: Mode = Mode::from_raw_mode(0o640);
/// Mode of every directory, whatever the archive says (PKG-10).
const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o750);
/// How the names of folders in staging begin.
const PREFIX: &str = "package-";

const OPEN_DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const CREATE_FILE: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Why a package's files were not written or not published.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// An entry's content could not be read again.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// There is something of the target's name already; nothing was changed.
    #[error("{0} is there already")]
    Exists(String),
    /// The name to publish under is not that of one folder.
    #[error("{0} is not the name of a folder")]
    Name(String),
    /// The system refused a step.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// What it was tried on, relative to the staging folder or the target's parent.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

impl StageError {
    fn io(action: &'static str, path: &str, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// A package's files in a folder that nobody else knows; dropped without being published, it takes them along.
#[derive(Debug)]
pub struct Staged {
    staging: OwnedFd,
    name: String,
    folder: OwnedFd,
    durability: Durability,
    published: bool,
}

impl Package {
    /// Writes all files of the package into a new folder in `staging`, and makes them as durable as `durability` says.
    ///
    /// Files get mode 0640 and directories 0750. `staging` must be a directory that only the host can write, on the
    /// file system where the package is to be published.
    ///
    /// # Errors
    /// What the system refuses; then nothing of the package is left in `staging`.
    pub fn stage(&self, staging: BorrowedFd<'_>, durability: Durability) -> Result<Staged, StageError> {
        let staged = Staged::create(staging, durability)?;
        self.write_into(staged.folder(), durability)?;
        Ok(staged)
    }

    /// Writes all files of the package into `folder`, an empty one such as [`Staged::create`] makes, and makes them
    /// as durable as `durability` says. Nothing outside of it is looked at, so that this can be done by a process that sees
    /// nothing else.
    ///
    /// # Errors
    /// What the system refuses; then some files may be there and others not.
    pub fn write_into(&self, folder: BorrowedFd<'_>, durability: Durability) -> Result<(), StageError> {
        let filling = Filling { folder, durability };
        let mut folders = BTreeSet::new();
        for entry in self.archive().entries() {
            match entry.kind() {
                EntryKind::Directory => {
                    filling.make_folder(entry.name(), &mut folders)?;
                }
                EntryKind::File => self.write_file(&filling, entry, &mut folders)?,
            }
        }
        for path in &folders {
            let folder = filling.open_folder(path)?;
            durability.sync(&folder).map_err(|e| StageError::io("sync", path, e))?;
        }
        durability.sync(folder).map_err(|e| StageError::io("sync", ".", e))
    }

    fn write_file(
        &self,
        filling: &Filling<'_>,
        entry: &Entry,
        folders: &mut BTreeSet<String>,
    ) -> Result<(), StageError> {
        let path = entry.name();
        let failed = |action, source| StageError::io(action, path, source);
        let folder = match path.rsplit_once('/') {
            Some((folder, _)) => Some(filling.make_folder(folder, folders)?),
            None => None,
        };
        let folder = folder.as_ref().map_or(filling.folder, |fd| fd.as_fd());
        let name = path.rsplit('/').next().unwrap_or(path);
        let fd = rustix::fs::openat(folder, name, CREATE_FILE, FILE_MODE).map_err(|e| failed("create", e.into()))?;
        // The mode given when creating is subject to the umask.
        rustix::fs::fchmod(&fd, FILE_MODE).map_err(|e| failed("set the mode of", e.into()))?;
        let mut file = File::from(fd);
        let written = self
            .archive()
            .unpack(entry, |chunk| file.write_all(chunk).map_err(Step::Write));
        written.map_err(|step| match step {
            Step::Write(source) => failed("write", source),
            Step::Read(source) => ContentError::Changed {
                entry: path.to_owned(),
                source,
            }
            .into(),
        })?;
        filling.durability.sync(&file).map_err(|e| failed("sync", e.into()))
    }
}

/// Which half of copying content failed.
enum Step {
    Read(io::Error),
    Write(io::Error),
}

impl From<io::Error> for Step {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl Staged {
    /// Makes an empty folder with a random name in `staging`, for files that are to be published together, with that
    /// `durability`.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn create(staging: BorrowedFd<'_>, durability: Durability) -> Result<Self, StageError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|e| StageError::io("name", PREFIX, io::Error::from(e)))?;
        let name = format!("{PREFIX}{}", hex::encode(random));
        let failed = |action, errno: rustix::io::Errno| StageError::io(action, &name, errno);
        let held = staging
            .try_clone_to_owned()
            .map_err(|e| StageError::io("hold", &name, e))?;
        rustix::fs::mkdirat(staging, &name, DIRECTORY_MODE).map_err(|e| failed("create", e))?;
        let folder = match rustix::fs::openat(staging, &name, OPEN_DIRECTORY, Mode::empty()) {
            Ok(folder) => folder,
            Err(errno) => {
                remove_folder(staging, &name).map_err(|source| StageError::io("remove", &name, source))?;
                return Err(failed("open", errno));
            }
        };
        let staged = Self {
            staging: held,
            folder,
            name: name.clone(),
            durability,
            published: false,
        };
        rustix::fs::fchmod(&staged.folder, DIRECTORY_MODE).map_err(|e| failed("set the mode of", e))?;
        Ok(staged)
    }

    /// The folder, for files of the host's own that are to appear together with the package.
    ///
    /// Whoever writes into it syncs what it wrote; the folder itself is synced when it is published.
    pub fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// Makes the folder visible as `name` in `parent`, by one rename that replaces nothing, and durable.
    ///
    /// Gives the folder's descriptor, which stays valid.
    ///
    /// # Errors
    /// [`StageError::Exists`] when something has that name already; then, as with any error up to the rename, nothing
    /// is visible and the files are removed. An error of syncing after the rename leaves the folder where it is: it
    /// may or may not be there after a power failure.
    pub fn publish(mut self, parent: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, StageError> {
        if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
            return Err(StageError::Name(hostler_contract::escape_bounded(name, 255)));
        }
        let failed = |action, errno: rustix::io::Errno| StageError::io(action, name, errno);
        self.sync()?;
        let folder = self.folder.try_clone().map_err(|e| StageError::io("hold", name, e))?;
        match rustix::fs::renameat_with(&self.staging, &self.name, parent, name, RenameFlags::NOREPLACE) {
            Ok(()) => self.published = true,
            Err(rustix::io::Errno::EXIST) => return Err(StageError::Exists(name.to_owned())),
            Err(errno) => return Err(failed("publish", errno)),
        }
        sync_directory(parent, self.durability).map_err(|e| failed("sync the parent of", e))?;
        sync_directory(self.staging.as_fd(), self.durability).map_err(|e| failed("sync the former parent of", e))?;
        Ok(folder)
    }

    fn sync(&self) -> Result<(), StageError> {
        self.durability
            .sync(&self.folder)
            .map_err(|e| StageError::io("sync", &self.name, e))
    }
}

/// A folder that files are being written into.
struct Filling<'f> {
    folder: BorrowedFd<'f>,
    durability: Durability,
}

impl Filling<'_> {
    /// Makes the folder `path` and those above it, as far as they are not there yet, and opens it.
    fn make_folder(&self, path: &str, made: &mut BTreeSet<String>) -> Result<OwnedFd, StageError> {
        self.walk(path, |folder, name, so_far| {
            if made.contains(so_far) {
                return Ok(());
            }
            rustix::fs::mkdirat(folder, name, DIRECTORY_MODE)?;
            made.insert(so_far.to_owned());
            let fd = rustix::fs::openat(folder, name, OPEN_DIRECTORY, Mode::empty())?;
            rustix::fs::fchmod(&fd, DIRECTORY_MODE)
        })
    }

    fn open_folder(&self, path: &str) -> Result<OwnedFd, StageError> {
        self.walk(path, |_, _, _| Ok(()))
    }

    /// Goes down to `path` one folder at a time, never through a link, with `arrive` called before each is opened.
    fn walk(
        &self,
        path: &str,
        mut arrive: impl FnMut(BorrowedFd<'_>, &str, &str) -> rustix::io::Result<()>,
    ) -> Result<OwnedFd, StageError> {
        let failed = |e: io::Error| StageError::io("make", path, e);
        let mut folder = self.folder.try_clone_to_owned().map_err(failed)?;
        let mut start = 0;
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            let (name, so_far) = (path.get(start..end), path.get(..end));
            let (name, so_far) = (name.unwrap_or_default(), so_far.unwrap_or_default());
            arrive(folder.as_fd(), name, so_far).map_err(|e| failed(e.into()))?;
            folder = rustix::fs::openat(&folder, name, OPEN_DIRECTORY, Mode::empty()).map_err(|e| failed(e.into()))?;
            start = end + 1;
        }
        Ok(folder)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now goes when the host clears its staging folder.
            let _ = remove_folder(self.staging.as_fd(), &self.name);
        }
    }
}

/// Syncs a directory, also one whose descriptor is only good for paths (`O_PATH`).
fn sync_directory(directory: BorrowedFd<'_>, durability: Durability) -> rustix::io::Result<()> {
    match durability.sync(directory) {
        Err(rustix::io::Errno::BADF) => {
            let readable = rustix::fs::openat(directory, ".", OPEN_DIRECTORY, Mode::empty())?;
            durability.sync(readable)
        }
        done => done,
    }
}
