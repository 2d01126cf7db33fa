//! What an entry is: a regular file or a directory, and nothing else.
//!
//! Links, pipes and devices are refused rather than turned into files, which is what other readers do with them
//! (PKG-06 to PKG-09). Permission bits are ignored: they are the host's to give (PKG-10).

/// What an entry of a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

const TYPE_MASK: u32 = 0o17_0000;
const REGULAR: u32 = 0o10_0000;
const DIRECTORY: u32 = 0o04_0000;

/// DOS attributes: a directory, a volume label, a reparse point (a link).
const DOS_DIRECTORY: u32 = 0x10;
const DOS_VOLUME: u32 = 0x08;
const DOS_LINK: u32 = 0x400;

/// Tells what an entry is from its name, the system it was made on, and its attributes.
///
/// Unix modes stand in the upper half of the attributes. They are heeded whatever system the entry says it was made
/// on, since some readers do the same.
///
/// # Errors
/// What it is instead.
pub(super) fn of(raw_name: &[u8], made_by: u16, attributes: u32) -> Result<EntryKind, String> {
    let named = if raw_name.ends_with(b"/") {
        EntryKind::Directory
    } else {
        EntryKind::File
    };
    let mode = (attributes >> 16) & TYPE_MASK;
    let by_mode = match mode {
        0 => named,
        REGULAR => EntryKind::File,
        DIRECTORY => EntryKind::Directory,
        other => {
            return Err(format!(
                "it is {} (mode {other:o}, made on system {})",
                name(other),
                made_by >> 8
            ));
        }
    };
    if attributes & (DOS_VOLUME | DOS_LINK) != 0 {
        return Err("its attributes are those of a link or a volume label".to_owned());
    }
    let by_dos = attributes & DOS_DIRECTORY != 0;
    if by_mode != named || (by_dos && named == EntryKind::File) {
        return Err("its name and its attributes disagree on whether it is a directory".to_owned());
    }
    Ok(named)
}

fn name(mode: u32) -> &'static str {
    match mode {
        0o12_0000 => "a symbolic link",
        0o01_0000 => "a pipe",
        0o02_0000 => "a character device",
        0o06_0000 => "a block device",
        0o14_0000 => "a socket",
        _ => "of an unknown type",
    }
}
