//! `logs/<Publisher.Type>/CommandExecution.log`: what the host did with the handler, for its author (contract 7.7).
//!
//! The handler may write in the folder, so the file is opened by name in it, follows nothing and waits for nothing. What
//! it says is therefore no proof of anything: that is in the report and in the host's own state.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;

use hostler_contract::{ExtensionName, escape, redact_sas};
use hostler_package::remove_folder;
use rustix::fs::{AtFlags, FileType, OFlags, fstat, ftruncate, openat, unlinkat};
use rustix::io::Errno;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::HandlerDir;
use super::layout::READABLE;
use crate::limits::{COMMAND_LOG, COMMAND_LOG_BYTES as KEPT};

impl HandlerDir {
    /// Appends `text` as one line with the time; line feeds and what else could pass for another line are escaped.
    /// A log that cannot be written stops nothing: that is said in the host's own log.
    ///
    /// Each of several extensions has a log of its own, `CommandExecution_<extension>.log` (contract 7.7).
    pub fn log_command(&self, extension: Option<&ExtensionName>, text: &str) {
        const TIME: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
        let time = OffsetDateTime::now_utc().format(TIME).unwrap_or_default();
        let line = format!(
            "{time} INFO ExtHandler [{}] {}\n",
            self.identity,
            escape(&redact_sas(text))
        );
        if let Err(error) = self.append(&log_name(extension), line.as_bytes()) {
            tracing::warn!(handler = %self.identity, %error, "the command log cannot be written");
        }
    }

    fn append(&self, name: &str, line: &[u8]) -> io::Result<()> {
        let mut file = self.open_log(name)?;
        if fstat(&file)?.st_size.cast_unsigned() > KEPT {
            cut(&mut file)?;
        }
        file.write_all(line)
    }

    fn open_log(&self, name: &str) -> io::Result<File> {
        let open = || {
            let flags = OFlags::RDWR
                | OFlags::CREATE
                | OFlags::APPEND
                | OFlags::NOFOLLOW
                | OFlags::NONBLOCK
                | OFlags::CLOEXEC
                | OFlags::NOCTTY;
            let file = openat(&self.log, name, flags, READABLE)?;
            let stat = fstat(&file)?;
            // A second name could be anywhere that the handler reaches.
            let plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && stat.st_nlink == 1;
            if plain { Ok(File::from(file)) } else { Err(Errno::LOOP) }
        };
        open().or_else(|error| {
            // The handler has put something else there, or taken the right to write; that is its own, and goes. What says
            // nothing of the file, as that none can be opened, takes no log away.
            if !matches!(error, Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::ACCESS) {
                return Err(error.into());
            }
            match unlinkat(&self.log, name, AtFlags::empty()) {
                Err(Errno::ISDIR) => remove_folder(self.log.as_fd(), name)?,
                Err(Errno::NOENT) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
            Ok(open()?)
        })
    }
}

fn log_name(extension: Option<&ExtensionName>) -> String {
    match extension {
        Some(extension) => format!("CommandExecution_{extension}.log"),
        None => COMMAND_LOG.to_owned(),
    }
}

/// Keeps the end of `file`, from the first whole line on.
fn cut(file: &mut File) -> io::Result<()> {
    let mut kept = Vec::new();
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT)))?;
    file.take(KEPT).read_to_end(&mut kept)?;
    let start = kept.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    ftruncate(&*file, 0)?;
    // It is open for appending: this writes from the beginning.
    file.write_all(kept.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Contract 7.7: at most the last 10 MiB, from the beginning of a line on.
    #[test]
    fn the_end_is_kept_from_a_line_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(COMMAND_LOG);
        let mut file = File::options().create(true).append(true).read(true).open(path).unwrap();
        let line = [b'x'; 99];
        for _ in 0..(KEPT / 100 + 50) {
            file.write_all(&line).unwrap();
            file.write_all(b"\n").unwrap();
        }
        cut(&mut file).unwrap();
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut text).unwrap();
        assert!(
            text.len() as u64 <= KEPT && text.len() as u64 > KEPT - 200,
            "{}",
            text.len()
        );
        assert!(text.chunks(100).all(|chunk| chunk.len() == 100 && chunk[99] == b'\n'));
    }
}
