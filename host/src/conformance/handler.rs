//! The handler that is tested, whatever it is made of.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_contract::{Command, HandlerIdentity, Manifest, Refused, SettingsName, Version};

use super::case::{Fault, Whose};
use super::folders::Folders;
use super::seen::Ended;
use crate::handler_dir::HandlerDirError;
use crate::lifecycle::VersionChange;
use crate::root::RootError;
use crate::sandbox::PrepareError;

/// A command that a case asks for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Of which version.
    pub of: Whose,
    /// Which command.
    pub command: Command,
    /// For which settings.
    pub settings: &'a SettingsName,
    /// The change of versions that it is part of.
    pub change: Option<&'a VersionChange>,
    /// What is in its way.
    pub fault: Option<Fault>,
    /// How long enable took before.
    pub usual: Duration,
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// From start to end.
    pub duration: Duration,
    /// What it wrote to standard error, or the beginning of that.
    pub stderr: Vec<u8>,
}

/// A handler that can be tested.
pub trait HandlerUnderTest {
    /// Its manifest.
    fn manifest(&self) -> &Manifest;

    /// Puts it in place below `root`, an empty folder; nothing of it has run.
    ///
    /// # Errors
    /// The package is refused, or the host fails.
    fn put_in_place(&self, root: &Path) -> Result<Box<dyn PutInPlace + '_>, UnderTestError>;
}

/// A handler in its place.
pub trait PutInPlace {
    /// The folders of one of the versions, which is put in place if it is not there.
    ///
    /// # Errors
    /// The host fails.
    fn folders(&mut self, of: Whose) -> Result<Folders, UnderTestError>;

    /// Runs a command.
    ///
    /// # Errors
    /// The host fails. That the handler cannot be run is an [`Ended::NotRun`].
    fn run(&mut self, asked: &Asked<'_>) -> Result<Ran, UnderTestError>;

    /// Lets the service run until `enough`, and stops it; nothing where there is none.
    ///
    /// # Errors
    /// The host fails.
    fn serve(
        &mut self,
        settings: &SettingsName,
        enough: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Ran>, UnderTestError>;
}

/// Why a handler cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum UnderTestError {
    /// Its package is at fault.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its package cannot be prepared.
    #[error(transparent)]
    Prepare(PrepareError),
    /// A root cannot be made.
    #[error(transparent)]
    Root(#[from] RootError),
    /// Its folders cannot be laid out.
    #[error(transparent)]
    Folders(#[from] HandlerDirError),
    /// A file or a process of the kit's own.
    #[error("{}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl UnderTestError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

impl From<PrepareError> for UnderTestError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Refused(refused) => refused.into(),
            error => Self::Prepare(error),
        }
    }
}

/// The handler `tested` under the version that it is updated to: the next one in the fourth part.
pub(super) fn next_version(tested: &HandlerIdentity) -> HandlerIdentity {
    let [a, b, c, d] = tested.version.parts();
    let next = Version::parse(&format!("{a}.{b}.{c}.{}", d.saturating_add(1)));
    HandlerIdentity::new(tested.name.clone(), next.unwrap_or_else(|_| tested.version.clone()))
}
