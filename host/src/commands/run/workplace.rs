//! The root of a run: one that is kept, or one that goes away with everything in it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::commands::failure::Failure;
use crate::root::{Root, RootLock};

/// How the names of throw-away roots begin.
const PREFIX: &str = "hostler-run-";

/// The file in a throw-away root that says that it is one; a root that is kept may have any name.
const MARK: &str = "throw-away";

/// How old a throw-away root must be before it can be one that was left behind: older than the moment between making
/// it and locking it.
const SETTLED: Duration = Duration::from_secs(60);

/// The root of a run, for as long as it is in use.
pub(super) struct Workplace {
    pub(super) root: Root,
    throw_away: Option<tempfile::TempDir>,
    /// Held until the end: nobody else works in this root.
    _lock: RootLock,
}

impl Workplace {
    /// Opens the root at `keep`, or makes one to throw away.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = keep {
            let root = Root::open(path)?;
            return Ok(Self {
                _lock: root.lock()?,
                root,
                throw_away: None,
            });
        }
        let aside = std::env::temp_dir();
        remove_abandoned(&aside);
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&aside)
            .map_err(|error| {
                Failure::host(
                    error,
                    "set TMPDIR to a folder that can be written, or name one with `--keep`",
                )
            })?;
        std::fs::write(folder.path().join(MARK), "").map_err(|error| {
            Failure::host(
                error,
                "set TMPDIR to a folder that can be written, or name one with `--keep`",
            )
        })?;
        let root = Root::open(folder.path())?;
        Ok(Self {
            _lock: root.lock()?,
            root,
            throw_away: Some(folder),
        })
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // The folder itself goes with `throw_away`, which would fail on a tree as deep as a handler can make it.
        if self.throw_away.is_some() {
            clear(&self.root);
        }
    }
}

/// Removes the throw-away roots of runs that were killed: those of this user that nobody holds the lock of.
fn remove_abandoned(aside: &Path) {
    let Ok(entries) = std::fs::read_dir(aside) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let settled = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| {
                SystemTime::now()
                    .duration_since(modified)
                    .is_ok_and(|age| age > SETTLED)
            });
        // Opening it refuses what belongs to somebody else.
        if is_ours
            && settled
            && path.join(MARK).symlink_metadata().is_ok_and(|mark| mark.is_file())
            && let Ok(root) = Root::open(&path)
            && let Ok(_lock) = root.lock()
        {
            clear(&root);
            // Empty now, or still in part somebody's: then it stays.
            let _ = std::fs::remove_dir(&path);
        }
    }
}

fn clear(root: &Root) {
    if let Err(error) = root.clear() {
        tracing::warn!(root = %root.path().display(), %error, "a throw-away root cannot be removed");
    }
}
