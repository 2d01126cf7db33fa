//! `--policy FILE`: the operator's policy, read from a file that nobody else can change.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use hostler_contract::{Finding, Place, Refused, Source, codes};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::failure::Failure;
use super::place::{self, not_readable};
use crate::grants::{MAX_POLICY_BYTES, Policy, Protected};

/// Reads the policy `named` on the command line; without one there is none.
///
/// # Errors
///
/// A refusal: it cannot be read, belongs to somebody else, can be written by others, or is no policy.
pub(super) fn read_policy(named: Option<&Path>) -> Result<Policy, Failure> {
    let Some(path) = named else {
        return Ok(Policy::none());
    };
    let (found, bytes) = read(path).map_err(|error| not_readable(path, format!("it cannot be read: {error}")))?;
    if !found.is_file() {
        return Err(not_readable(path, "it is not a regular file".to_owned()));
    }
    if let Some(what) = unsafe_because(&found) {
        let hint = "give it to root or to yourself, and take the write permission of group and others away";
        let file = path.display().to_string();
        let finding = Finding::refusal(codes::POLICY_PERMISSIONS, &file, Place::Whole, what, hint);
        return Err(Refused::new(finding).into());
    }
    let policy = Policy::parse(Source::new(&place::file_name(path), &bytes))?;
    Ok(policy.with_signers_read(|path| {
        let (found, bytes) = read(path).map_err(|error| format!("it cannot be read: {error}"))?;
        match unsafe_because(&found) {
            _ if !found.is_file() => Err("it is not a regular file".to_owned()),
            Some(what) => Err(what.to_owned()),
            None => Ok(bytes),
        }
    })?)
}

/// The file at `path`, up to one byte more than a policy may have, and what it is.
fn read(path: &Path) -> std::io::Result<(std::fs::Metadata, Vec<u8>)> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty())?);
    let found = file.metadata()?;
    let mut bytes = Vec::new();
    if found.is_file() {
        file.take(MAX_POLICY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    }
    Ok((found, bytes))
}

/// Why what is in a file that somebody else could change does not count.
fn unsafe_because(found: &std::fs::Metadata) -> Option<&'static str> {
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != 0 && found.uid() != user {
        Some("it belongs to another user")
    } else if found.mode() & 0o022 != 0 {
        Some("others can write in it")
    } else {
        None
    }
}

/// The host's own folders: `own`, and the default root, whichever root is in use.
pub(super) fn protected(own: impl IntoIterator<Item = PathBuf>) -> Protected {
    let own = own.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path));
    Protected::new(own.chain(place::default_root()))
}
