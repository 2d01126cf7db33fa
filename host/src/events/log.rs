//! The file of events, `report/events.jsonl`: appended to, and put aside as `events.1.jsonl` when it is full.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use rustix::fs::{Mode, OFlags, openat, renameat};

use super::EventsError;
use super::line::Line;
use crate::root::Root;

/// Name of the file.
const FILE: &str = "events.jsonl";

/// Name of the one before.
const BEFORE: &str = "events.1.jsonl";

/// Most bytes of the file; with the one before twice that much is kept.
pub(super) const MAX_BYTES: u64 = 8 << 20;

/// Mode of the file: what handlers say is not for everybody.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);

/// The file, opened when there is something to write.
pub(super) struct EventLog<'a> {
    root: &'a Root,
    max_bytes: u64,
}

impl<'a> EventLog<'a> {
    /// The file of `root`.
    pub(super) fn new(root: &'a Root) -> Self {
        Self {
            root,
            max_bytes: MAX_BYTES,
        }
    }

    /// The same with another bound.
    #[cfg(test)]
    pub(super) fn with_bound(root: &'a Root, max_bytes: u64) -> Self {
        Self { root, max_bytes }
    }

    /// Appends `lines` and brings them to the disk.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn append(&mut self, lines: &[Line]) -> Result<(), EventsError> {
        if lines.is_empty() {
            return Ok(());
        }
        let folder = self.root.folder(&["report"], Mode::RWXU)?;
        let open = || -> io::Result<(File, u64)> {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(openat(&folder, FILE, flags, PRIVATE)?);
            let mut size = file.seek(SeekFrom::End(0))?;
            // A line that a host was stopped in ends here.
            if size > 0 {
                file.seek(SeekFrom::Start(size - 1))?;
                let mut last = [0];
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    file.write_all(b"\n")?;
                    size += 1;
                }
            }
            Ok((file, size))
        };
        let (mut file, mut size) = open()?;
        for Line(line) in lines {
            if size > 0 && size + line.len() as u64 > self.max_bytes {
                file.sync_all()?;
                renameat(&folder, FILE, &folder, BEFORE).map_err(io::Error::from)?;
                (file, size) = open()?;
            }
            file.write_all(line.as_bytes())?;
            size += line.len() as u64;
        }
        Ok(file.sync_all()?)
    }
}
