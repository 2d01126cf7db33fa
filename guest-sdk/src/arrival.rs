//! Whether settings are new: their number against the number of the last ones that were carried out.
//!
//! The agent runs enable on every goal state and after every restart, and keeps no memory of it (contract 4.3), so a
//! handler has to. The number is recorded only after enable ended well: work that was interrupted or failed comes
//! again as what it was the first time.

use std::{io, path::Path};

use hostler_contract::SequenceNumber;

use crate::files::{self, write_whole};

/// How the settings of this command stand to those that were last carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// None were carried out before, or the record of it is gone.
    First,
    /// These were: an agent restart, or a goal state that changed something else.
    Again,
    /// Older ones were.
    Newer {
        /// The number of those.
        last: SequenceNumber,
    },
    /// Newer ones were: the numbers started anew, or the goal state went back (contract 4.3).
    Older {
        /// The number of those.
        last: SequenceNumber,
    },
}

impl Arrival {
    /// How `number` stands to the one recorded in the file `mrseq`.
    ///
    /// A file that is missing, empty or not a number says that nothing is known.
    pub(crate) fn of(number: SequenceNumber, mrseq: &Path) -> io::Result<Self> {
        let text = match files::read(mrseq) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::First),
            Err(error) => return Err(error),
        };
        let last = str::from_utf8(&text)
            .ok()
            .and_then(|text| SequenceNumber::parse(text.trim()).ok());
        Ok(last.map_or(Self::First, |last| Self::against(number, last)))
    }

    fn against(number: SequenceNumber, last: SequenceNumber) -> Self {
        match number.cmp(&last) {
            std::cmp::Ordering::Equal => Self::Again,
            std::cmp::Ordering::Greater => Self::Newer { last },
            std::cmp::Ordering::Less => Self::Older { last },
        }
    }
}

/// Records in the file `mrseq` that the settings with this number were carried out.
pub(crate) fn record(number: SequenceNumber, mrseq: &Path) -> io::Result<()> {
    write_whole(mrseq, number.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use hostler_contract::SequenceNumber;

    use super::{Arrival, record};

    fn number(number: u32) -> SequenceNumber {
        SequenceNumber::new(number).unwrap()
    }

    #[test]
    fn a_number_against_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let mrseq = folder.path().join("mrseq");
        assert_eq!(Arrival::of(number(0), &mrseq).unwrap(), Arrival::First);
        record(number(5), &mrseq).unwrap();
        assert_eq!(Arrival::of(number(5), &mrseq).unwrap(), Arrival::Again);
        assert_eq!(
            Arrival::of(number(6), &mrseq).unwrap(),
            Arrival::Newer { last: number(5) }
        );
        assert_eq!(
            Arrival::of(number(0), &mrseq).unwrap(),
            Arrival::Older { last: number(5) }
        );
    }

    #[test]
    fn what_other_handlers_and_power_cuts_leave_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mrseq = folder.path().join("mrseq");
        for (text, expected) in [
            (&b"4\n"[..], Arrival::Newer { last: number(4) }),
            (b"", Arrival::First),
            (b"four", Arrival::First),
            (b"\xff", Arrival::First),
        ] {
            std::fs::write(&mrseq, text).unwrap();
            assert_eq!(Arrival::of(number(5), &mrseq).unwrap(), expected);
        }
    }
}
