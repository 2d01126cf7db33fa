//! File calls straight to the host: one for a read, one for a write, without streams.

use std::{io, path::Path, sync::OnceLock};

use crate::component::bindings::wasi::filesystem::{
    preopens,
    types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags},
};

/// How much the first read asks for, in bytes: most settings and environments are smaller, and a host makes room for all
/// that it is asked for.
const FIRST_PIECE: u64 = 4 * 1024;

/// How much a later one asks for, in bytes.
const PIECE: u64 = 64 * 1024;

/// The folders that the component is given, asked for once.
static GIVEN: OnceLock<Vec<(Descriptor, String)>> = OnceLock::new();

/// The whole content of a file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ)?;
    let mut content = Vec::new();
    loop {
        let most = if content.is_empty() { FIRST_PIECE } else { PIECE };
        let (piece, at_end) = file.read(most, content.len() as u64).map_err(error)?;
        if content.is_empty() && at_end {
            return Ok(piece);
        }
        // A host that gives nothing and no end has nothing more to give.
        let none = piece.is_empty();
        content.extend_from_slice(&piece);
        if at_end || none {
            return Ok(content);
        }
    }
}

/// Makes a file with this content, or replaces its content.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = open(path, OpenFlags::CREATE | OpenFlags::TRUNCATE, DescriptorFlags::WRITE)?;
    write_at(&file, bytes, 0)
}

/// Gives a file another name, in place of what had it.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let (from_folder, from) = below(from)?;
    let (to_folder, to) = below(to)?;
    from_folder.rename_at(from, to_folder, to).map_err(error)
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let (folder, path) = below(path)?;
    folder.unlink_file_at(path).map_err(error)
}

/// A file that is added to at its end. Commands of one handler never run at the same time, so its end is ours to know.
#[derive(Debug)]
pub(crate) struct Appended {
    file: Descriptor,
    length: u64,
}

impl Appended {
    /// Opens or makes the file; also its length in bytes.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, u64)> {
        let file = open(path, OpenFlags::CREATE, DescriptorFlags::WRITE)?;
        let length = file.stat().map_err(error)?.size;
        Ok((Self { file, length }, length))
    }

    /// Adds `bytes`.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_at(&self.file, bytes, self.length)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn open(path: &Path, how: OpenFlags, what_for: DescriptorFlags) -> io::Result<Descriptor> {
    let (folder, path) = below(path)?;
    folder
        .open_at(PathFlags::SYMLINK_FOLLOW, path, how, what_for)
        .map_err(error)
}

fn write_at(file: &Descriptor, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = file.write(bytes, offset).map_err(error)?;
        offset += written;
        bytes = usize::try_from(written)
            .ok()
            .filter(|written| *written > 0)
            .and_then(|written| bytes.get(written..))
            .ok_or(io::ErrorKind::WriteZero)?;
    }
    Ok(())
}

/// The given folder that `path` lies in, the innermost if there are several, and the rest of the path.
fn below(path: &Path) -> io::Result<(&'static Descriptor, &str)> {
    let path = path.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    let path = path.strip_prefix("./").unwrap_or(path);
    GIVEN
        .get_or_init(preopens::get_directories)
        .iter()
        .filter_map(|(folder, name)| Some((folder, rest(path, name)?, name.len())))
        .max_by_key(|(_, _, length)| *length)
        .map(|(folder, rest, _)| (folder, rest))
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no folder that is given holds it"))
}

/// What is left of `path` below the folder called `name`.
fn rest<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    if name == "." {
        return (!path.starts_with('/')).then_some(path);
    }
    path.strip_prefix(name.strip_suffix('/').unwrap_or(name))?
        .strip_prefix('/')
}

fn error(code: ErrorCode) -> io::Error {
    let kind = match code {
        ErrorCode::NoEntry => io::ErrorKind::NotFound,
        ErrorCode::Access | ErrorCode::NotPermitted => io::ErrorKind::PermissionDenied,
        ErrorCode::Exist => io::ErrorKind::AlreadyExists,
        ErrorCode::IsDirectory => io::ErrorKind::IsADirectory,
        ErrorCode::NotDirectory => io::ErrorKind::NotADirectory,
        ErrorCode::InsufficientSpace => io::ErrorKind::StorageFull,
        ErrorCode::Quota => io::ErrorKind::QuotaExceeded,
        ErrorCode::ReadOnly => io::ErrorKind::ReadOnlyFilesystem,
        _ => return io::Error::other(format!("the host says {}", code.name())),
    };
    kind.into()
}
