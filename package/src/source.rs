//! From a path to bytes: the only place where a package's file is opened and read.
//!
//! The file is read once into memory and hashed as it is read, so what is checked, what is used and what the
//! digest is of are the same bytes, whatever happens to the file meanwhile (PKG-34).

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use hostler_contract::{Finding, Place, Refused, codes};
use rustix::fs::{FileType, Mode, OFlags};
use sha2::Digest as _;

use crate::{PackageDigest, PackageError};

/// How much is read and hashed at a time, in bytes.
pub(crate) const CHUNK: usize = 64 * 1024;

/// Opens a package's file without following a symbolic link and without waiting on a pipe (PKG-35).
pub(crate) fn open(path: &Path) -> Result<File, PackageError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => Ok(File::from(fd)),
        Err(rustix::io::Errno::LOOP) => Err(not_regular(&path.to_string_lossy(), "a symbolic link").into()),
        Err(errno @ (rustix::io::Errno::NXIO | rustix::io::Errno::NODEV)) => {
            Err(not_regular(&path.to_string_lossy(), &format!("a device or socket ({errno})")).into())
        }
        Err(errno) => Err(PackageError::Io {
            path: path.to_owned(),
            source: errno.into(),
        }),
    }
}

/// Reads all of `file`, at most `max` bytes, and hashes what it reads.
///
/// `name` is what findings call the file. The file must be a regular one, opened for reading.
///
/// # Errors
/// `pkg.open` for anything but a regular file, `pkg.size` for one that is, or grows, larger than `max`.
pub fn read_bounded(file: &File, name: &str, max: u64) -> Result<(Vec<u8>, PackageDigest), PackageError> {
    let failed = |source: io::Error| PackageError::Io {
        path: name.into(),
        source,
    };
    let stat = rustix::fs::fstat(file).map_err(|errno| failed(errno.into()))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile {
        return Err(not_regular(name, kind_name(kind)).into());
    }
    let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if size > max {
        return Err(too_large(name, size, max).into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let mut hash = sha2::Sha256::new();
    let mut chunk = vec![0; CHUNK];
    // One byte more than allowed, so that a file that grows while it is read is noticed.
    let mut reader = file.take(max.saturating_add(1));
    loop {
        let n = match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let read = chunk.get(..n).unwrap_or_default();
        hash.update(read);
        bytes.extend_from_slice(read);
    }
    if bytes.len() as u64 > max {
        return Err(too_large(name, bytes.len() as u64, max).into());
    }
    Ok((bytes, PackageDigest::from_hash(hash)))
}

fn not_regular(name: &str, what: &str) -> Refused {
    Finding::refusal(
        codes::PKG_OPEN,
        name,
        Place::Whole,
        format!("the package is {what}"),
        "give the path of a regular file",
    )
    .into()
}

pub(crate) fn too_large(name: &str, size: u64, max: u64) -> Refused {
    Finding::refusal(
        codes::PKG_SIZE,
        name,
        Place::Whole,
        format!("the package has {size} bytes or more"),
        format!("at most {max} bytes are read (pkg.zip_bytes)"),
    )
    .into()
}

fn kind_name(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        _ => "not a regular file",
    }
}
