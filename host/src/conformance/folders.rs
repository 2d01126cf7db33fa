//! The folders of the handler that is tested, as the kit sees them: from outside, while nothing of it runs.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hostler_contract::heartbeat::MAX_HEARTBEAT_BYTES;
use hostler_contract::status::MAX_STATUS_BYTES;

use super::seen::FileSeen;
use crate::guest_file::{self, GuestFile};
use crate::root::Root;

/// Where the folders of one version lie (contract 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The package folder.
    pub base: PathBuf,
    /// `base/config`.
    pub config: PathBuf,
    /// `base/status`.
    pub status: PathBuf,
    /// `base/heartbeat`.
    pub heartbeat: PathBuf,
    /// The log folder, with the events folder in it.
    pub log: PathBuf,
    /// The data folder.
    pub data: PathBuf,
}

/// Bytes and files in a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

impl Folders {
    /// The folders of the handler with that name and version below `root`.
    pub(super) fn of(root: &Root, identity: &hostler_contract::HandlerIdentity) -> Self {
        let base = root.path().join("handlers").join(identity.to_string());
        let name = identity.name.as_str();
        Self {
            config: base.join("config"),
            status: base.join("status"),
            heartbeat: base.join("heartbeat"),
            log: root.path().join("logs").join(name),
            data: root.path().join("data").join(name),
            base,
        }
    }

    /// Those that a handler may write in.
    pub(super) fn writable(&self) -> [&Path; 4] {
        [&self.status, &self.heartbeat, &self.log, &self.data]
    }

    /// The status file of `number`.
    pub(super) fn status_file(&self, number: u32) -> FileSeen {
        look(&self.status, &format!("{number}.status"), MAX_STATUS_BYTES as u64)
    }

    /// The heartbeat file.
    pub(super) fn heartbeat_file(&self) -> FileSeen {
        look(&self.heartbeat, "heartbeat.log", MAX_HEARTBEAT_BYTES as u64)
    }

    /// Names of the files in the data folder.
    pub(super) fn data_files(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        // A folder that cannot be listed is one that holds nothing that the kit could see.
        let _ = walk(&self.data, &mut |path, _| {
            let name = path.strip_prefix(&self.data).unwrap_or(path);
            found.insert(name.display().to_string());
            Ok(())
        });
        found
    }

    /// Gives every file that the handler left the time `written`, and what is in the config folder `settings`.
    pub(super) fn set_times(&self, written: SystemTime, settings: SystemTime) -> io::Result<()> {
        let times = self.writable().map(|folder| (folder, written));
        for (folder, time) in times.into_iter().chain([(&*self.config, settings)]) {
            walk(folder, &mut |path, metadata| {
                if metadata.is_file() {
                    fs::File::options().append(true).open(path)?.set_modified(time)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Something that differs as soon as anything in the folders that it may write in was changed.
    pub(super) fn trace(&self) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
        let mut found = Vec::new();
        for folder in self.writable() {
            // What vanishes while it is looked at is a change, and shows the next time.
            let _ = walk(folder, &mut |path, metadata| {
                found.push((path.to_owned(), metadata.len(), metadata.modified().ok()));
                Ok(())
            });
        }
        found.sort();
        found
    }
}

/// 1970, a second after its beginning.
pub(super) fn long_ago() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1)
}

/// The first day of 2100.
pub(super) fn far_ahead() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800)
}

/// What `folder` holds, without the file `but` at its top and, for a folder of logs, without the events in it.
pub(super) fn held(folder: &Path, but: Option<&str>) -> Held {
    let mut held = Held::default();
    let events = folder.join("events");
    let _ = walk(folder, &mut |path, metadata| {
        let is_hosts = but.is_some_and(|name| path == folder.join(name) || path.starts_with(&events));
        if !is_hosts {
            held.files += 1;
            held.bytes += if metadata.is_file() { metadata.len() } else { 0 };
        }
        Ok(())
    });
    held
}

fn look(folder: &Path, name: &str, max: u64) -> FileSeen {
    let read = fs::File::open(folder).and_then(|folder| guest_file::read(folder.as_fd(), name, max));
    match read {
        Ok(GuestFile::Missing) => FileSeen::Missing,
        Ok(GuestFile::Whole(bytes)) => FileSeen::Bytes(bytes),
        Ok(GuestFile::TooLarge) => FileSeen::Other(format!("a file of more than {max} bytes")),
        Ok(GuestFile::NotAFile(kind)) => FileSeen::Other(kind.to_owned()),
        Ok(GuestFile::Unstable) => FileSeen::Other("a file that keeps changing".to_owned()),
        Err(error) => FileSeen::Other(format!("something that cannot be read: {error}")),
    }
}

/// Visits everything below `folder`, following no links; nothing where it is not there.
fn walk(folder: &Path, visit: &mut impl FnMut(&Path, &fs::Metadata) -> io::Result<()>) -> io::Result<()> {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
            visit(&entry.path(), &metadata)?;
        }
    }
    Ok(())
}
