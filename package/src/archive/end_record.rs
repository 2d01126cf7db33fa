//! The end record: the last bytes of an archive, which say where its directory lies.
//!
//! Readers differ in how they look for it, so it is accepted in one place only: exactly at the end, without a
//! comment, and with the directory right before it (PKG-16, PKG-17, PKG-18).

use std::ops::Range;

use hostler_contract::{Refused, codes};

use super::{faults::Faults, fields::Fields};

const SIGNATURE: u32 = 0x0605_4b50;
const LENGTH: usize = 22;
const PLAIN_HINT: &str = "make the package with `hostler pack`";

/// Where the directory lies and how many entries it says it has.
pub(super) struct EndRecord {
    /// The bytes of the central directory.
    pub(super) directory: Range<usize>,
    /// The number of entries it says it has.
    pub(super) entries: usize,
}

impl EndRecord {
    /// Reads the end record of `bytes`.
    pub(super) fn read(bytes: &[u8], faults: Faults<'_>) -> Result<Self, Refused> {
        let Some((start, record)) = bytes.len().checked_sub(LENGTH).and_then(|start| parse(bytes, start)) else {
            return Err(faults.whole(
                codes::PKG_FORMAT,
                "the file does not end with a zip end record without a comment: it is cut off, followed by other \
                 bytes, or not a zip archive",
                PLAIN_HINT,
            ));
        };
        if record.disk != 0 || record.directory_disk != 0 || record.entries_here != record.entries {
            return Err(faults.whole(
                codes::PKG_FORMAT,
                "the archive says that it is one of several parts",
                PLAIN_HINT,
            ));
        }
        let from = usize::try_from(record.offset).unwrap_or(usize::MAX);
        let size = usize::try_from(record.size).unwrap_or(usize::MAX);
        if from.checked_add(size) != Some(start) {
            return Err(faults.whole(
                codes::PKG_FORMAT,
                format!(
                    "the end record says that {size} bytes of directory start at byte {from}, but it stands at byte \
                     {start}: something is before the archive, inside it, or cut off"
                ),
                PLAIN_HINT,
            ));
        }
        Ok(Self {
            directory: from..start,
            entries: usize::from(record.entries),
        })
    }
}

struct Record {
    disk: u16,
    directory_disk: u16,
    entries_here: u16,
    entries: u16,
    size: u32,
    offset: u32,
}

fn parse(bytes: &[u8], start: usize) -> Option<(usize, Record)> {
    let mut fields = Fields::at(bytes, start);
    if fields.u32()? != SIGNATURE {
        return None;
    }
    let record = Record {
        disk: fields.u16()?,
        directory_disk: fields.u16()?,
        entries_here: fields.u16()?,
        entries: fields.u16()?,
        size: fields.u32()?,
        offset: fields.u32()?,
    };
    let comment = fields.u16()?;
    (comment == 0).then_some((start, record))
}
