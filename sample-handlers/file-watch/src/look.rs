//! One look at one file: how long it is, and the digest of what is in it.

use std::{
    fmt, fs,
    fs::{File, Metadata},
    io::{self, Read as _},
    path::Path,
    time::{Duration, SystemTime},
};

use hostler_sdk::utc;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Size in bytes of the largest file that is read. Of a larger one there is no digest: it would take too long.
pub(crate) const LARGEST_READ: u64 = 64 * 1024 * 1024;

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Seen {
    /// There is none.
    Missing,
    /// One that was read as a whole.
    Whole {
        /// In bytes.
        size: u64,
        /// In hexadecimal.
        sha256: String,
    },
    /// One that is too large to be read.
    Large {
        /// In bytes.
        size: u64,
        /// When it was last changed, in nanoseconds since 1970.
        modified: u64,
    },
}

impl Seen {
    /// What changed from `self` to `now`, in a word or two.
    pub(crate) fn change_to(&self, now: &Self) -> Option<String> {
        if self == now {
            return None;
        }
        Some(match (self.size(), now.size()) {
            (None, _) => "came".to_owned(),
            (_, None) => "went".to_owned(),
            (Some(before), Some(size)) if before != size => format!("size {before} to {size}"),
            _ if matches!(now, Self::Large { .. }) => "time".to_owned(),
            _ => "content".to_owned(),
        })
    }

    fn size(&self) -> Option<u64> {
        match self {
            Self::Missing => None,
            Self::Whole { size, .. } | Self::Large { size, .. } => Some(*size),
        }
    }

    fn large(metadata: &Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH);
        Ok(Self::Large {
            size: metadata.len(),
            modified: u64::try_from(modified.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX),
        })
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Whole { size, sha256 } => write!(f, "{size} bytes, SHA-256 {sha256}"),
            Self::Large { size, modified } => {
                let modified = utc(SystemTime::UNIX_EPOCH + Duration::from_nanos(*modified));
                write!(f, "{size} bytes, too large for a digest, last changed {modified}")
            }
        }
    }
}

/// Looks at the file at `path`; a link is followed.
///
/// # Errors
///
/// It cannot be read, or is something else than a plain file: opening a pipe would wait for whoever writes into it.
pub(crate) fn look(path: &Path) -> io::Result<Seen> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Seen::Missing),
        metadata => metadata?,
    };
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    if metadata.len() > LARGEST_READ {
        return Seen::large(&metadata);
    }
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Seen::Missing),
        file => file?,
    };
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut piece = vec![0; PIECE];
    loop {
        let read = match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Seen::Whole { size, sha256 });
        }
        hash.update(bytes);
        size += bytes.len() as u64;
        // It grows while it is read.
        if size > LARGEST_READ {
            return Seen::large(&file.metadata()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        time::{Duration, SystemTime},
    };

    use super::{LARGEST_READ, Seen, look};

    fn whole(size: u64, sha256: &str) -> Seen {
        let sha256 = sha256.to_owned();
        Seen::Whole { size, sha256 }
    }

    #[test]
    fn what_changed() {
        let large = |size, modified| Seen::Large { size, modified };
        let table = [
            (Seen::Missing, Seen::Missing, None),
            (whole(1, "a"), whole(1, "a"), None),
            (Seen::Missing, whole(1, "a"), Some("came")),
            (Seen::Missing, large(9, 1), Some("came")),
            (whole(1, "a"), Seen::Missing, Some("went")),
            (large(9, 1), Seen::Missing, Some("went")),
            (whole(1, "a"), whole(2, "b"), Some("size 1 to 2")),
            (whole(1, "a"), whole(1, "b"), Some("content")),
            (whole(1, "a"), large(9, 1), Some("size 1 to 9")),
            (large(9, 1), whole(1, "a"), Some("size 9 to 1")),
            (large(9, 1), large(9, 2), Some("time")),
        ];
        for (before, now, expected) in table {
            assert_eq!(before.change_to(&now).as_deref(), expected, "{before:?} {now:?}");
        }
    }

    #[test]
    fn files_of_every_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(look(&path).unwrap(), Seen::Missing);
        let error = look(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), "it is not a plain file");
        std::fs::write(&path, "abc").unwrap();
        // From the standard, FIPS 180.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(look(&path).unwrap(), whole(3, digest));
    }

    #[test]
    fn a_large_file_is_told_by_size_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = File::create(&path).unwrap();
        // Of holes: nothing of it is on the disk.
        file.set_len(LARGEST_READ + 1).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        file.set_modified(time).unwrap();
        assert_eq!(
            look(&path).unwrap().to_string(),
            "67108865 bytes, too large for a digest, last changed 2024-02-29T12:34:56Z"
        );
    }
}
