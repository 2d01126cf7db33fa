//! The root of a run: one that is kept, or one that goes away with everything in it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hostler_contract::{Command, HandlerIdentity};

use crate::audit::{AuditEvent, AuditLog, Entry, SourceText, execution_entries};
use crate::commands::failure::Failure;
use crate::handler_dir::PackageRecord;
use crate::lifecycle::{Execution, ExecutionError, HandlerState};
use crate::root::{Root, RootLock};
use crate::state::{HandlerRecord, Kind, Store, Write};

/// How the names of throw-away roots begin.
const PREFIX: &str = "hostler-run-";

/// The file in a throw-away root that says that it is one; a root that is kept may have any name.
const MARK: &str = "throw-away";

/// How old a throw-away root must be before it can be one that was left behind: older than the moment between making
/// it and locking it.
const SETTLED: Duration = Duration::from_secs(60);

/// The root of a run, for as long as it is in use.
pub(in crate::commands) struct Workplace {
    pub(in crate::commands) root: Root,
    store: Store,
    audit: AuditLog,
    throw_away: Option<tempfile::TempDir>,
    /// Held until the end: nobody else works in this root.
    _lock: RootLock,
}

impl Workplace {
    /// Opens the root at `keep`, or makes one to throw away.
    pub(in crate::commands) fn open(keep: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = keep {
            return Self::of(Root::open(path)?, None);
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
        let root = Root::open(folder.path())?.thrown_away();
        Self::of(root, Some(folder))
    }

    fn of(root: Root, throw_away: Option<tempfile::TempDir>) -> Result<Self, Failure> {
        let lock = root.lock()?;
        let (mut store, mut damaged) = Store::open(&root)?;
        let (mut audit, odd) = AuditLog::open(&root, &mut store)?;
        if let Some(event) = AuditEvent::of_damaged_state(&damaged) {
            audit.record(&mut store, event)?;
        }
        damaged.extend(odd);
        for finding in damaged {
            tracing::warn!(%finding, "the host's own state was damaged");
        }
        Ok(Self {
            audit,
            _lock: lock,
            root,
            store,
            throw_away,
        })
    }

    /// The state of `identity`.
    pub(super) fn state(&mut self, identity: &HandlerIdentity) -> Result<HandlerState, Failure> {
        let record: Option<HandlerRecord> = self.store.get(Kind::Handler, identity.name.as_str())?;
        Ok(record.unwrap_or_default().state(&identity.version))
    }

    /// The package of `identity`, where its install has ended well.
    pub(super) fn installed(&mut self, identity: &HandlerIdentity) -> Result<Option<PackageRecord>, Failure> {
        let record: Option<HandlerRecord> = self.store.get(Kind::Handler, identity.name.as_str())?;
        let record = record.unwrap_or_default();
        let is_installed = record.state(&identity.version).is_installed();
        let version = record.version(&identity.version).filter(|_| is_installed);
        Ok(version.and_then(|version| version.package.clone()))
    }

    /// Remembers the state of `identity`, and its package if that is another now.
    pub(super) fn remember(
        &mut self,
        identity: &HandlerIdentity,
        state: HandlerState,
        package: Option<&PackageRecord>,
    ) -> Result<(), Failure> {
        self.change(identity, |record| {
            let version = record.version_mut(&identity.version);
            version.state = state;
            if let Some(package) = package {
                version.package = Some(package.clone());
            }
        })
    }

    /// Forgets `identity`.
    pub(super) fn forget(&mut self, identity: &HandlerIdentity) -> Result<(), Failure> {
        self.change(identity, |record| record.forget(&identity.version))
    }

    /// Records what is acted upon next.
    pub(super) fn record(&mut self, entry: Entry) -> Result<(), Failure> {
        Ok(self.audit.record_durably(&mut self.store, entry)?)
    }

    /// Records how a command of `package` ended, or that it was not run; on the disk when its result is remembered.
    pub(super) fn record_end(
        &mut self,
        identity: &HandlerIdentity,
        command: Command,
        ended: &Result<Execution, ExecutionError>,
        package: &PackageRecord,
    ) -> Result<(), Failure> {
        let mut entries = match ended {
            Ok(execution) => execution_entries(execution),
            Err(ExecutionError(refused)) => {
                vec![AuditEvent::not_run(command, refused.findings()).of(identity)]
            }
        };
        let well = ended.as_ref().is_ok_and(|execution| execution.outcome.end.is_success());
        if command == Command::Install && well {
            let source = SourceText::from(package);
            let installed = AuditEvent::VersionInstalled { source, from: None };
            entries.push(installed.of(identity).digest(&package.digest));
        }
        for entry in entries {
            self.audit.record(&mut self.store, entry)?;
        }
        Ok(())
    }

    fn change(&mut self, identity: &HandlerIdentity, change: impl FnOnce(&mut HandlerRecord)) -> Result<(), Failure> {
        let key = identity.name.as_str();
        let mut record: HandlerRecord = self.store.get(Kind::Handler, key)?.unwrap_or_default();
        change(&mut record);
        let writes = if record.versions.is_empty() {
            // What was reported of it goes with it.
            vec![Write::remove(Kind::Handler, key), Write::remove(Kind::Report, key)]
        } else {
            vec![Write::put(Kind::Handler, key, &record)?]
        };
        Ok(self.audit.commit(&mut self.store, writes)?)
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
        let settled = || {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            modified.is_ok_and(|modified| {
                SystemTime::now()
                    .duration_since(modified)
                    .is_ok_and(|age| age > SETTLED)
            })
        };
        // Opening it refuses what belongs to somebody else.
        if is_ours
            && settled()
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
