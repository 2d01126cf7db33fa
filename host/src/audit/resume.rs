//! Where a log ends when it is opened, and whether that fits what the state says.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

use super::head::Head;
use super::line::Link;
use super::lines::{Line, Lines};
use super::{MAX_AHEAD, MAX_LINE};

/// How much of the end of a file is looked at: more than all that the state may not know of yet.
const TAIL: u64 = (MAX_AHEAD + 2) * MAX_LINE as u64;

/// The end of a file, as far as opening a log needs it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    /// Its last line.
    pub(super) last: Option<Head>,
    /// Whether the line that the state knows is there, or the one after it.
    pub(super) joins: bool,
    /// Whether there is a line that is none, so that nothing is known of the last one.
    pub(super) unreadable: bool,
    /// The bytes of a line that was cut off.
    pub(super) torn: u64,
}

/// Reads the end of `file` in view of what the state knows.
pub(super) fn tail(file: &mut File, known: Option<Head>) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut lines = Lines::new(BufReader::new(file.take(length - start)));
    let mut tail = Tail::default();
    // Where it does not begin at the beginning, the first line is most likely a part of one.
    let mut partial = start > 0;
    while let Some(line) = lines.next_line()? {
        let skipped = std::mem::take(&mut partial);
        match line {
            Line::Unfinished(bytes) => tail.torn = bytes,
            Line::Whole(_) | Line::TooLong(_) if skipped => {}
            Line::TooLong(_) => tail.unreadable = true,
            Line::Whole(line) => match Link::read(line) {
                Some(link) => {
                    tail.joins |= known.is_some_and(|known| link.joins(known));
                    tail.last = Some(link.head);
                    tail.unreadable = false;
                }
                None => tail.unreadable = true,
            },
        }
    }
    Ok(tail)
}

/// How a log is gone on with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resume {
    /// There is none yet.
    New,
    /// It ends where the state says.
    Same(Head),
    /// It has lines more than the state knows: the host was stopped between the two.
    Ahead(Head, u64),
    /// It does not end where it should, and goes on after the later of the two.
    Mismatch(Head, Option<Head>),
}

/// Decides it.
pub(super) fn decide(known: Option<Head>, tail: &Tail) -> Resume {
    let found = tail.last.filter(|_| !tail.unreadable);
    match (known, found) {
        (None, None) if tail.last.is_none() && !tail.unreadable => Resume::New,
        (Some(known), Some(found)) if known == found => Resume::Same(found),
        // The state is told of the first line before there is a second one.
        (None, Some(found)) if found.sequence == 1 => Resume::Ahead(found, 1),
        (Some(known), Some(found))
            if tail.joins && (1..=MAX_AHEAD).contains(&found.sequence.saturating_sub(known.sequence)) =>
        {
            Resume::Ahead(found, found.sequence - known.sequence)
        }
        (known, found) => {
            let sequences = [known, tail.last].map(|head| head.map_or(0, |head| head.sequence));
            let last = Head {
                sequence: sequences.into_iter().max().unwrap_or_default(),
                ..tail.last.or(known).unwrap_or(Head::NONE)
            };
            Resume::Mismatch(last, found)
        }
    }
}
