//! One line: made, and read as far as the chain goes.

use hostler_package::PackageDigest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::event::{AuditEvent, Entry};
use super::field::Whose;
use super::head::{Head, LineHash};
use super::{AuditError, MAX_LINE};

/// Name of [`AuditEvent::LogRotated`].
const ROTATED: &str = "log-rotated";

/// Name of [`AuditEvent::EndMismatch`].
const MISMATCH: &str = "end-mismatch";

/// Files that were taken away, the oldest of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedFiles {
    /// The number of the last of them.
    pub file: u32,
    /// Its last line: the log begins after it.
    pub last: Head,
}

#[derive(Serialize)]
struct Written<'a> {
    sequence: u64,
    time: String,
    previous: LineHash,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a Whose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a PackageDigest>,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

/// The line of `entry` after `previous`, with its line feed, and its own head.
pub(super) fn write(entry: &Entry, previous: Head, now: OffsetDateTime) -> Result<(Vec<u8>, Head), AuditError> {
    const TIME: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let sequence = previous.sequence.saturating_add(1);
    let written = Written {
        sequence,
        time: now.format(TIME).unwrap_or_default(),
        previous: previous.hash,
        handler: entry.whose.as_ref(),
        digest: entry.digest.as_ref(),
        event: &entry.event,
    };
    let mut line = serde_json::to_vec(&written).map_err(|_| AuditError::TooLong)?;
    line.push(b'\n');
    if line.len() > MAX_LINE {
        return Err(AuditError::TooLong);
    }
    let hash = LineHash::of(&line);
    Ok((line, Head { sequence, hash }))
}

/// What the chain needs to know of a line; the rest may be of a later hostler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The line itself.
    pub(super) head: Head,
    /// What it says of the line before it.
    pub(super) previous: LineHash,
    /// The files that were taken away before it was written.
    pub(super) removed: Option<RemovedFiles>,
    /// Whether it says that the log did not end where it should have.
    pub(super) mismatch: bool,
}

impl Link {
    /// Reads `line`, which ends with its line feed; `None` for what is no line of a log.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Read<'a> {
            sequence: u64,
            previous: LineHash,
            event: std::borrow::Cow<'a, str>,
        }
        #[derive(Deserialize)]
        struct Rotated {
            removed: Option<RemovedFiles>,
        }
        let read: Read<'_> = serde_json::from_slice(line).ok()?;
        let removed = match &*read.event {
            ROTATED => serde_json::from_slice::<Rotated>(line).ok()?.removed,
            _ => None,
        };
        Some(Self {
            head: Head {
                sequence: read.sequence,
                hash: LineHash::of(line),
            },
            previous: read.previous,
            removed,
            mismatch: read.event == MISMATCH,
        })
    }

    /// Whether it is `head` or the line after it.
    pub(super) fn joins(&self, head: Head) -> bool {
        self.head == head || (self.previous == head.hash && self.head.sequence == head.sequence.saturating_add(1))
    }
}
