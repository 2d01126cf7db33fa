//! The log files of a handler, from their ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use hostler_contract::{HandlerName, redact_sas};
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;
use serde::Serialize;

use super::known_values::known_values;
use crate::limits::COMMAND_LOG;
use crate::root::Root;
use crate::secrets::KnownValues;

/// The most that is read of one file, in bytes, from its end.
pub(super) const MAX_BYTES: u64 = 256 << 10;

/// Most files that are shown.
const MAX_FILES: usize = 20;

/// Most names that are looked at.
const MAX_NAMES: usize = 100_000;

/// A log file and its last lines.
#[derive(Debug, Clone, Serialize)]
pub struct LogFile {
    /// Its name in the handler's log folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its last lines; bytes that are not UTF-8 are replaced, and access tokens and what is known of protected settings
    /// hidden (contract 7.6, design D9).
    pub lines: Vec<String>,
}

impl LogFile {
    /// The regular files in the log folder of `handler` below `root`, by name, with the last `lines` lines of each; of
    /// those the one that is called `only`, where one is.
    ///
    /// # Errors
    ///
    /// What the system says of the folder. A file that cannot be read is left out: the handler may do there as it likes.
    pub fn all(root: &Root, handler: &HandlerName, only: Option<&str>, lines: usize) -> io::Result<Vec<Self>> {
        let known = known_values(root, handler);
        let files = open_files(root, handler, only)?.into_iter();
        Ok(files
            .filter_map(|(name, file)| Self::end_of(name, file, lines, &known).ok())
            .collect())
    }

    fn end_of(name: String, mut file: File, lines: usize, known: &KnownValues) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        let start = bytes.saturating_sub(MAX_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut end = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut end)?;
        let end = known.bytes(end);
        let text = String::from_utf8_lossy(&end);
        let mut last: Vec<String> = text.lines().map(|line| redact_sas(line).into_owned()).collect();
        if start > 0 && last.len() > 1 {
            // Most likely the rest of a line.
            last.remove(0);
        }
        let cut = last.len().saturating_sub(lines);
        Ok(Self {
            name,
            bytes,
            lines: last.split_off(cut),
        })
    }
}

/// Opens the regular files in the log folder of `handler`, or the one that is called `only`; the host's own comes first.
pub(super) fn open_files(root: &Root, handler: &HandlerName, only: Option<&str>) -> io::Result<Vec<(String, File)>> {
    let path = root.path().join("logs").join(handler.as_str());
    let folder = match openat(CWD, path, super::FOLDER, Mode::empty()) {
        Ok(folder) => folder,
        Err(Errno::NOENT) => return Ok(vec![]),
        Err(error) => return Err(error.into()),
    };
    let mut names: Vec<String> = Dir::read_from(&folder)?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned))
        .filter(|name| name != "." && name != "..")
        .filter(|name| only.is_none_or(|only| only == name))
        .take(MAX_NAMES)
        .collect();
    names.sort_unstable();
    // However many others there are.
    names.sort_by_key(|name| name != COMMAND_LOG);
    names.truncate(MAX_FILES);
    let open = |name: String| {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = File::from(openat(&folder, &name, flags, Mode::empty()).ok()?);
        let stat = fstat(&file).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then_some((name, file))
    };
    Ok(names.into_iter().filter_map(open).collect())
}
