//! Where a launcher lies, and with that which handler it is for: the folder that the native agent unpacked its package to.
//!
//! ```text
//! LIB/<Publisher.Type>-<version>/bin/hostler-launcher     this program
//! LIB/hostler/<Publisher.Type>/  data/ cache/ lock        what outlives a version
//! ```
//!
//! All of it belongs to the agent's user and lies where only that one can write; the folder's name comes from the goal state
//! and not from the package.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use hostler_contract::{
    ENVIRONMENT_FILE, Finding, HandlerEnvironment, HandlerIdentity, Place as At, Refused, Source, codes,
};
use rustix::fs::{CWD, Dir, Mode, OFlags, openat};

use super::PACKAGE_FILE;
use crate::guest_file::{self, GuestFile};
use crate::handler_dir::{AgentFolders, HandlerDir, HandlerDirError, PackageRecord};
use crate::root::{Root, RootError, RootLock};
use crate::sandbox::CodeCache;
use crate::secrets::Keys;

/// The folder in the agent's library folder that is hostler's. It has no version in its name, so the agent takes it for no
/// handler's.
const HOSTLER: &str = "hostler";

/// Most bytes of the agent's `HandlerEnvironment.json`.
const MAX_ENVIRONMENT: u64 = 64 << 10;

/// Most bytes of [`PACKAGE_FILE`]: digests of all components.
const MAX_RECORD: u64 = 1 << 20;

/// A launcher in its place.
#[derive(Debug)]
pub struct Place {
    identity: HandlerIdentity,
    base: Root,
    library: PathBuf,
    own: Root,
    /// Held until the end: no two commands of a handler run at one time.
    _lock: RootLock,
}

/// Why a launcher does nothing.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It does not lie where an agent puts it, or what should lie beside it does not.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A folder can be changed by somebody else, or cannot be used.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A folder of the handler's cannot be used.
    #[error(transparent)]
    Folders(#[from] HandlerDirError),
}

impl Place {
    /// The place of the launcher `program`, whose path is absolute.
    ///
    /// # Errors
    ///
    /// `launcher.place` for one that lies elsewhere; [`RootError`] where others can change what it would go by.
    pub fn of(program: &Path) -> Result<Self, PlaceError> {
        let refuse = |what: &str| {
            let hint = "let the native agent unpack the package and run its commands";
            refused(&program.display().to_string(), what, hint)
        };
        let base = program
            .parent()
            .filter(|folder| folder.file_name() == Some(OsStr::new("bin")))
            .and_then(Path::parent)
            .ok_or_else(|| refuse("it does not lie in the folder `bin` of a package"))?;
        let identity = base.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let identity = HandlerIdentity::parse(identity).map_err(|error| {
            refuse(&format!(
                "the package's folder is not named as a handler: {}",
                error.what()
            ))
        })?;
        let base = Root::open(base)?;
        let library = base.path().parent().unwrap_or(Path::new("/")).to_owned();
        // Below one another, so that each has the mode of a root.
        Root::open(&library.join(HOSTLER))?;
        let own = Root::open(&library.join(HOSTLER).join(identity.name.as_str()))?;
        Ok(Self {
            _lock: own.lock()?,
            identity,
            base,
            library,
            own,
        })
    }

    /// Which handler it is for.
    pub fn identity(&self) -> &HandlerIdentity {
        &self.identity
    }

    /// The agent's library folder: in it lie keys and other handlers.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// The folder of the launcher package, open.
    pub(super) fn base(&self) -> Result<OwnedFd, PlaceError> {
        Ok(self.base.folder(&[], Mode::empty())?)
    }

    /// The handler's folders.
    pub(super) fn folders(&self) -> Result<HandlerDir, PlaceError> {
        let bytes = self.read(ENVIRONMENT_FILE, MAX_ENVIRONMENT)?;
        let environment = HandlerEnvironment::parse(Source::new(ENVIRONMENT_FILE, &bytes))?.value;
        let data = self.own.folder(&["data"], Mode::RWXU)?;
        let agent = AgentFolders {
            base: self.base.path(),
            environment,
            data: (data, self.own.path().join("data")),
            // The agent puts them beside its handlers (contract 4.5).
            keys: Keys::open_folder(&self.library),
        };
        Ok(HandlerDir::beside_agent(&self.identity, agent)?)
    }

    /// What the handler's package was when it was packed.
    pub(super) fn record(&self) -> Result<PackageRecord, PlaceError> {
        let bytes = self.read(PACKAGE_FILE, MAX_RECORD)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let hint = "make the package anew with `hostler pack --launcher`";
            refused(PACKAGE_FILE, &format!("it is not what was packed: {error}"), hint)
        })
    }

    /// Where compiled code is kept: beside the handler's data, with its key, where no handler and nobody but the agent's user
    /// writes. `None`, with a word in the log, where it cannot be used: then everything is compiled anew.
    pub(super) fn cache(&self) -> Option<CodeCache> {
        let opened = CodeCache::open(&self.own.path().join("cache")).and_then(CodeCache::without_unfinished);
        opened
            .inspect_err(|error| tracing::warn!(%error, "compiled code is not kept"))
            .ok()
    }

    /// Takes away what outlives a version, unless another version of the handler is there: then this uninstall belongs to an
    /// update, or is one of several, and the data is that of the handler and not of a version.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn leave(&self) -> std::io::Result<()> {
        if self.has_another_version()? {
            return Ok(());
        }
        self.own.clear()?;
        std::fs::remove_dir(self.own.path())?;
        // It stays for as long as other handlers have something in it.
        let _ = std::fs::remove_dir(self.library.join(HOSTLER));
        Ok(())
    }

    fn has_another_version(&self) -> std::io::Result<bool> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        for entry in Dir::read_from(openat(CWD, &self.library, flags, Mode::empty())?)? {
            let entry = entry?;
            let other = entry
                .file_name()
                .to_str()
                .ok()
                .and_then(|name| HandlerIdentity::parse(name).ok());
            let is_another = |other: HandlerIdentity| {
                let same = other.name.as_str().eq_ignore_ascii_case(self.identity.name.as_str());
                same && other.version != self.identity.version && self.library.join(other.to_string()).is_dir()
            };
            if other.is_some_and(is_another) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The file `name` in the folder of the launcher package.
    fn read(&self, name: &str, max: u64) -> Result<Vec<u8>, PlaceError> {
        let base = self.base()?;
        let what = match guest_file::read(base.as_fd(), name, max) {
            Ok(GuestFile::Whole(bytes)) => return Ok(bytes),
            Ok(GuestFile::Missing) => "it is not there".to_owned(),
            Ok(GuestFile::TooLarge) => format!("it has more than {max} bytes"),
            Ok(GuestFile::NotAFile(kind)) => format!("it is {kind}"),
            Ok(GuestFile::Unstable) => "it kept changing while it was read".to_owned(),
            Err(error) => format!("it cannot be read: {error}"),
        };
        let hint = "let the native agent unpack the package anew";
        Err(refused(&self.base.path().join(name).display().to_string(), &what, hint))
    }
}

fn refused(file: &str, what: &str, hint: &str) -> PlaceError {
    Refused::new(Finding::refusal(codes::LAUNCHER_PLACE, file, At::Whole, what, hint)).into()
}
