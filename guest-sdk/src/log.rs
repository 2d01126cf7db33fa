//! The handler's own log: one line per message in the log folder.
//!
//! A log that cannot be written never fails a command: the line goes to standard error instead, which the host
//! keeps.

use std::{
    fmt,
    io::Write as _,
    path::{Path, PathBuf},
};

use hostler_contract::{ExtensionName, SequenceNumber, escape};

use crate::{
    clock,
    files::{self, Appended},
};

/// Size in bytes beyond which the log is put aside as `<name>.1`, in place of the one put aside before.
const PUT_ASIDE_ABOVE: u64 = 1024 * 1024;

/// How much a log line or an event weighs, in the agent's words (contract 9.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is odd, and the work goes on.
    Warning,
    /// What is being done.
    Informational,
    /// For whoever looks for a fault.
    Verbose,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Informational => "Informational",
            Self::Verbose => "Verbose",
        })
    }
}

/// The log of one command, or of a service.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    prefix: String,
    file: Option<Appended>,
    /// Length of the file, in bytes, once it is open.
    length: u64,
}

impl Log {
    /// The log `handler.log` in `folder`, or `handler_<extension>.log` for one extension of several.
    pub(crate) fn new(
        folder: &Path,
        extension: Option<&ExtensionName>,
        operation: &str,
        number: SequenceNumber,
    ) -> Self {
        Self {
            path: folder.join(match extension {
                Some(extension) => format!("handler_{extension}.log"),
                None => "handler.log".to_owned(),
            }),
            prefix: format!("[{operation} {number}]"),
            file: None,
            length: 0,
        }
    }

    /// Appends a line; line breaks and control characters in `message` are written as escapes.
    pub(crate) fn line(&mut self, level: Level, message: &str) {
        let line = format!("{} {level} {} {}\n", clock::timestamp(), self.prefix, escape(message));
        let written = self.open().is_some_and(|file| file.append(line.as_bytes()).is_ok());
        if written {
            self.length += line.len() as u64;
        } else {
            // Nobody is left to tell if standard error is closed too.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    /// Opens the file at the first line, so that a silent command costs no file call; and anew when it was put aside,
    /// which a service that runs for long lives to see.
    fn open(&mut self) -> Option<&mut Appended> {
        if self.file.is_none() {
            self.reopen()?;
        }
        // If it cannot be put aside it grows; the host's quota is the limit then.
        if self.length > PUT_ASIDE_ABOVE && files::rename(&self.path, &files::with_ending(&self.path, ".1")).is_ok() {
            self.file = None;
            self.reopen()?;
        }
        self.file.as_mut()
    }

    fn reopen(&mut self) -> Option<()> {
        let (file, length) = Appended::open(&self.path).ok()?;
        self.file = Some(file);
        self.length = length;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::{ExtensionName, SequenceNumber};

    use super::{Level, Log, PUT_ASIDE_ABOVE};

    fn number(number: u32) -> SequenceNumber {
        SequenceNumber::new(number).unwrap()
    }

    #[test]
    fn a_message_is_one_line_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), None, "enable", number(3));
        log.line(Level::Warning, "one\ntwo\x1b[31m");
        log.line(Level::Informational, "three");
        let text = std::fs::read_to_string(folder.path().join("handler.log")).unwrap();
        let lines: Vec<_> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!(
            lines,
            [
                "Warning [enable 3] one\\ntwo\\x1b[31m",
                "Informational [enable 3] three"
            ]
        );
    }

    #[test]
    fn a_large_log_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("handler_web.log");
        std::fs::write(&path, vec![b'x'; PUT_ASIDE_ABOVE as usize + 1]).unwrap();
        let mut log = Log::new(
            folder.path(),
            Some(&ExtensionName::parse("web").unwrap()),
            "enable",
            number(3),
        );
        log.line(Level::Error, "new");
        assert!(std::fs::metadata(&path).unwrap().len() < 100);
        assert_eq!(
            std::fs::metadata(folder.path().join("handler_web.log.1"))
                .unwrap()
                .len(),
            PUT_ASIDE_ABOVE + 1
        );
        // One that is long becomes so while it is open.
        log.line(Level::Error, &"y".repeat(PUT_ASIDE_ABOVE as usize));
        log.line(Level::Error, "newest");
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("] newest\n"));
        assert!(std::fs::metadata(&path).unwrap().len() < 100);
    }
}
