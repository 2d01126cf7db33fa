//! What the handler made: the paths, and a fingerprint of what it last wrote to each.
//!
//! Without it, a file that is no longer named could not be told from one that somebody else put there, nor drift
//! from new settings.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::file_path::FilePath;

/// The paths of files made, each with the fingerprint of its content.
pub(crate) type Record = BTreeMap<FilePath, u64>;

/// Reads the record. There is none before the first file.
///
/// # Errors
///
/// It cannot be read, or is not a record: then nothing is known of what may be removed, and nothing is done.
pub(crate) fn read(file: &Path) -> io::Result<Record> {
    match fs::read(file) {
        Ok(text) => serde_json::from_slice(&text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", file.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record::new()),
        Err(error) => Err(error),
    }
}

/// A number that tells contents apart: FNV-1a of 64 bits. Not proof against somebody who wants two to be alike.
pub(crate) fn fingerprint(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fingerprints_are_those_of_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
