//! A file by which an operator decides what this host trusts: one that nobody else can change.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use hostler_contract::{Code, Finding, Place, Refused};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::failure::Failure;
use super::place::not_readable;

/// Reads at most one byte more than `max` of the file at `path`.
///
/// # Errors
///
/// A refusal: it cannot be read or is no regular file, or, with `code`, it belongs to somebody else or can be written by
/// others.
pub(super) fn read(path: &Path, max: usize, code: Code) -> Result<Vec<u8>, Failure> {
    let read = || -> std::io::Result<(Metadata, Vec<u8>)> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(CWD, path, flags, Mode::empty())?);
        let found = file.metadata()?;
        let mut bytes = Vec::new();
        if found.is_file() {
            file.take(max as u64 + 1).read_to_end(&mut bytes)?;
        }
        Ok((found, bytes))
    };
    let (found, bytes) = read().map_err(|error| not_readable(path, format!("it cannot be read: {error}")))?;
    if !found.is_file() {
        return Err(not_readable(path, "it is not a regular file".to_owned()));
    }
    let user = rustix::process::geteuid().as_raw();
    let unsafe_because = if found.uid() != 0 && found.uid() != user {
        Some("it belongs to another user")
    } else if found.mode() & 0o022 != 0 {
        Some("others can write in it")
    } else {
        None
    };
    if let Some(what) = unsafe_because {
        let hint = "give it to root or to yourself, and take the write permission of group and others away";
        let file = path.display().to_string();
        let finding = Finding::refusal(code, &file, Place::Whole, what, hint);
        return Err(Refused::new(finding).into());
    }
    Ok(bytes)
}
