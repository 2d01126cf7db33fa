//! A root of its own with one handler in place, in a folder that is thrown away.

use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, HandlerIdentity, Refused, SequenceNumber, Settings, SettingsName};
use tempfile::TempDir;

use crate::grants::{Grants, Policy};
use crate::handler_dir::{HandlerDir, HandlerDirError, Installed, PackageRecord};
use crate::lifecycle::Handler;
use crate::root::{Root, RootError};
use crate::sandbox::{CacheError, CodeCache, Foreseen, PrepareError, Sandbox};
use crate::signatures::Signed;

/// What is put in place.
#[derive(Debug)]
pub struct Given<'a> {
    /// What findings call the package.
    pub file: &'a str,
    /// The package.
    pub bytes: Vec<u8>,
    /// Which handler it is.
    pub identity: &'a HandlerIdentity,
    /// What it may have beyond its own folders.
    pub policy: &'a Policy,
    /// Its settings; `None` for a goal state without any.
    pub settings: Option<Settings>,
    /// The commands that will be run: their components must be fit to be.
    pub commands: &'a [Command],
}

/// Why nothing can be put in place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The package is at fault, or what it asks for.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The root cannot be made.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The package's files cannot be written.
    #[error(transparent)]
    Prepare(PrepareError),
    /// The handler's folders cannot be made.
    #[error(transparent)]
    Folders(#[from] HandlerDirError),
    /// Compiled code cannot be kept.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Something else beside them.
    #[error("{} cannot be made or removed", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl From<PrepareError> for PlaceError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Refused(refused) => Self::Refused(refused),
            error => Self::Prepare(error),
        }
    }
}

/// A handler in place, ready to be run by hostler or by anybody else.
#[derive(Debug)]
pub struct Place {
    folders: HandlerDir,
    package: Installed,
    grants: Grants,
    settings: Option<Settings>,
    cache: CodeCache,
    number: AtomicU32,
    root: Root,
    // Last: it goes when nothing of it is open any more.
    folder: TempDir,
}

/// The settings of one time that a command is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Their file.
    pub settings: SettingsName,
}

impl Place {
    /// Puts what is `given` in place in a new folder in `within`; `sandbox` writes the package's files out.
    ///
    /// # Errors
    ///
    /// [`PlaceError`]; then nothing is left of it.
    pub fn new(within: &Path, sandbox: &Sandbox, given: Given<'_>) -> Result<Self, PlaceError> {
        let folder = tempfile::Builder::new()
            .prefix("hostler-bench-")
            .tempdir_in(within)
            .map_err(|source| PlaceError::Io {
                path: within.to_owned(),
                source,
            })?;
        let root = Root::open(&folder.path().join("root"))?;
        let staging = HandlerDir::staging(&root)?;
        let prepared = sandbox.prepare(
            given.file,
            given.bytes,
            staging.as_fd(),
            root.durability(),
            given.commands,
            &Foreseen::default(),
        )?;
        let mut grants = Grants::decide(prepared.manifest(), MANIFEST_FILE, given.policy, given.identity)?.grants;
        grants.protect(root.path());
        let record = PackageRecord::of(&prepared, "", Signed::Unsigned);
        let folders = HandlerDir::place(&root, given.identity, prepared.into_staged())?;
        let place = Self {
            package: folders.installed(&record)?,
            cache: CodeCache::open(&folder.path().join("cache"))?,
            settings: given.settings,
            number: AtomicU32::new(0),
            grants,
            folders,
            root,
            folder,
        };
        for command in given.commands {
            place.package.target(*command)?;
        }
        Ok(place)
    }

    /// Takes the settings under the next sequence number, so that the handler has not seen them: else it would have nothing
    /// to do. Those of the turn before go, with their status.
    ///
    /// # Errors
    ///
    /// [`PlaceError`].
    pub fn turn(&self) -> Result<Turn, PlaceError> {
        let name = |number| SettingsName::single(SequenceNumber::new(number).unwrap_or(SequenceNumber::FIRST));
        let last = self.number.fetch_add(1, Ordering::Relaxed);
        for gone in [
            self.settings_file(&name(last)),
            self.status_file(&Turn { settings: name(last) }),
        ] {
            match std::fs::remove_file(&gone) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(PlaceError::Io { path: gone, source });
                }
                _ => {}
            }
        }
        let settings = name(last + 1);
        self.folders.write_settings(&settings, self.settings.as_ref())?;
        Ok(Turn { settings })
    }

    /// The handler at `turn`, as `sandbox` runs its commands with code from `cache`.
    pub fn handler<'s, 'a>(&'a self, sandbox: &'s Sandbox, cache: &'a CodeCache, turn: &'a Turn) -> Handler<'s, 'a> {
        Handler {
            sandbox,
            cache: Some(cache),
            package: &self.package,
            grants: &self.grants,
            folders: &self.folders,
            settings: &turn.settings,
            change: None,
            handed_on: None,
        }
    }

    /// Its folders.
    pub fn folders(&self) -> &HandlerDir {
        &self.folders
    }

    /// Its package.
    pub fn package(&self) -> &Installed {
        &self.package
    }

    /// What it may do.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Where its compiled code is kept.
    pub fn cache(&self) -> &CodeCache {
        &self.cache
    }

    /// The same cache once more, as a host that has just been started opens it.
    ///
    /// # Errors
    ///
    /// [`PlaceError::Cache`].
    pub fn open_cache(&self) -> Result<CodeCache, PlaceError> {
        Ok(CodeCache::open(self.cache.path())?)
    }

    /// Where `name` lies beside the root: what others need, and the handler does not see.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The status that is to be written at `turn`.
    pub fn status_file(&self, turn: &Turn) -> PathBuf {
        self.folders.base().join("status").join(turn.settings.status_file())
    }

    fn settings_file(&self, settings: &SettingsName) -> PathBuf {
        self.folders.base().join("config").join(settings.settings_file())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A tree as deep as a handler can make it is too deep for who removes the folder around it.
        if let Err(error) = self.root.clear() {
            tracing::warn!(root = %self.root.path().display(), %error, "a throw-away root cannot be removed");
        }
    }
}
