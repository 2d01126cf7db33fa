//! Whether an uninstall is for good or one step of an update.
//!
//! In an update the agent uninstalls the old version after the new one has updated (contract 7.4), and tells the two
//! cases apart by nothing. The data folder is shared by both versions, so the new one leaves a note there: without
//! it, every uninstall would throw away what the new version goes on with.

use std::{io, path::Path};

use crate::files::{self, write_whole};

/// The note's name in the data folder; it holds the version that took over.
const NOTE: &str = "updated-to";

/// Why a version is uninstalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// The handler leaves the machine.
    ForGood,
    /// This version took over and goes on with what is in the data folder.
    ReplacedBy(String),
}

impl Departure {
    /// What the note in `data` says to the version `own`.
    pub(crate) fn of(own: &str, data: &Path) -> Self {
        match files::read(&data.join(NOTE)).map(String::from_utf8) {
            Ok(Ok(version)) if !version.is_empty() && version != own => Self::ReplacedBy(version),
            _ => Self::ForGood,
        }
    }
}

/// Notes that the version `own` has updated.
pub(crate) fn note(own: &str, data: &Path) -> io::Result<()> {
    write_whole(&data.join(NOTE), own.as_bytes())
}

/// Takes the note away: the version that runs now is the one that stays.
pub(crate) fn settle(data: &Path) -> io::Result<()> {
    match files::remove(&data.join(NOTE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Departure, note, settle};

    #[test]
    fn the_old_version_is_replaced_until_one_was_enabled() {
        let data = tempfile::tempdir().unwrap();
        let data = data.path();
        assert_eq!(Departure::of("1.0", data), Departure::ForGood);
        note("2.0", data).unwrap();
        assert_eq!(Departure::of("1.0", data), Departure::ReplacedBy("2.0".to_owned()));
        assert_eq!(Departure::of("2.0", data), Departure::ForGood);
        settle(data).unwrap();
        settle(data).unwrap();
        assert_eq!(Departure::of("1.0", data), Departure::ForGood);
    }
}
