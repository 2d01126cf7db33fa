//! Which programs workers are.
//!
//! hostler is a large program, and a process that begins pays for all of it: its tables are made fit for where it came to
//! lie in memory, page by page. A worker that compiles nothing needs little of it, so there is a program beside hostler that
//! opens packages and runs commands, and nothing else. Without it hostler does that work itself, and only slower.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::process::{Process, StartError};
use crate::sandbox::channel::Start;
use crate::sandbox::worker::Role;

/// The file name of the program for all but compiling, in the folder of the program that is everything.
const SMALL_WORKER: &str = "hostler-worker";

/// The programs that are started.
#[derive(Debug)]
pub(super) struct Programs {
    any: PathBuf,
    /// Until it turns out not to be one.
    small: Mutex<Option<PathBuf>>,
}

impl Programs {
    /// `any` for all that `small` is not there for.
    pub(super) fn new(any: &Path, small: Option<&Path>) -> Self {
        Self {
            any: any.to_owned(),
            small: Mutex::new(small.map(Path::to_owned)),
        }
    }

    /// Starts a worker, as [`Process::start`] does.
    ///
    /// # Errors
    ///
    /// [`StartError`] of the program that is everything.
    pub(super) fn start(&self, role: Role, start: Start) -> Result<Process, StartError> {
        let small = match role {
            Role::Package | Role::Run => self.small().clone(),
            Role::Compile | Role::Probe => None,
        };
        if let Some(program) = small {
            match Process::start(&program, role, start) {
                Ok(process) => return Ok(process),
                // Said once, though two threads may find it out.
                Err(error) if self.small().take().is_some() => {
                    tracing::warn!(program = %program.display(), %error, "hostler does all work of workers itself, which is slower");
                }
                Err(_) => {}
            }
        }
        Process::start(&self.any, role, start)
    }

    fn small(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.small.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The small program beside `program`: a file of the same owner that nobody else can write to.
pub(super) fn beside(program: &Path) -> Option<PathBuf> {
    // The kernel's own link to a running program leads to where it lies.
    let program = fs::canonicalize(program).ok()?;
    let worker = program.parent()?.join(SMALL_WORKER);
    let owner = |metadata: &Metadata| (metadata.uid(), metadata.gid());
    let (own, found) = (fs::metadata(program).ok()?, fs::symlink_metadata(&worker).ok()?);
    let is_of_ours = found.is_file() && owner(&found) == owner(&own) && found.mode() & !own.mode() & 0o022 == 0;
    is_of_ours.then_some(worker)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_worker_is_taken_that_only_the_owner_can_have_put_there() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("hostler");
        let worker = folder.path().join(SMALL_WORKER);
        let write = |path: &Path, mode| {
            fs::write(path, "").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        write(&program, 0o755);
        assert_eq!(beside(&program), None);
        write(&worker, 0o755);
        assert_eq!(beside(&program), Some(fs::canonicalize(&worker).unwrap()));
        write(&worker, 0o757);
        assert_eq!(beside(&program), None, "anybody can write to it");
        fs::remove_file(&worker).unwrap();
        std::os::unix::fs::symlink(&program, &worker).unwrap();
        assert_eq!(beside(&program), None, "a link");
        fs::remove_file(&worker).unwrap();
        fs::create_dir(&worker).unwrap();
        assert_eq!(beside(&program), None, "a folder");
    }
}
