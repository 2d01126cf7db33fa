//! One handler's events folder: read as far as it can be believed, and emptied.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use hostler_contract::event::{MAX_EVENT_FILE_BYTES, is_event_file};
use hostler_contract::{Code, HandlerEvent, HandlerName, Source, codes};
use rustix::fs::{CWD, Dir, Mode, OFlags, openat};
use rustix::io::Errno;

use super::MAX_EVENTS;
use crate::guest_file::{self, GuestFile};
use crate::root::Root;
use crate::secrets::KnownValues;

/// Most names that are looked at; a folder has room for fewer.
const MAX_NAMES: usize = 100_000;

/// What was taken of a folder.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The events, in the order in which the agent takes them.
    pub(super) events: Vec<HandlerEvent>,
    /// How many were dropped, by the reason.
    pub(super) dropped: BTreeMap<Code, usize>,
}

impl Taken {
    fn drop(&mut self, code: Code, count: usize) {
        if count > 0 {
            *self.dropped.entry(code).or_default() += count;
        }
    }
}

/// The events folder of `handler`; `None` where there is none, or something else in its place: that is the handler's own
/// doing, and goes when its next command begins.
///
/// # Errors
///
/// What the system says.
pub(super) fn open(root: &Root, handler: &HandlerName) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let none = |error| match error {
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Ok(None),
        error => Err(io::Error::from(error)),
    };
    let path = root.path().join("logs").join(handler.as_str());
    let log = match openat(CWD, path, flags, Mode::empty()) {
        Ok(log) => log,
        Err(error) => return none(error),
    };
    openat(&log, "events", flags, Mode::empty()).map_or_else(none, |events| Ok(Some(events)))
}

/// Reads the files of `folder` without what is `known`, the last by name first; removes nothing.
///
/// # Errors
///
/// What the system says of the folder. A file that cannot be read is dropped.
pub(super) fn take(folder: &OwnedFd, known: &KnownValues) -> io::Result<Taken> {
    let mut taken = Taken::default();
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)?.take(MAX_NAMES) {
        let entry = entry?;
        match entry.file_name().to_str() {
            Ok("." | "..") => {}
            Ok(name) if is_event_file(name) => names.push(name.to_owned()),
            _ => taken.drop(codes::EVENT_FILE, 1),
        }
    }
    names.sort_unstable();
    for name in names.iter().rev() {
        if taken.events.len() >= MAX_EVENTS {
            taken.drop(codes::EVENT_LIMIT, 1);
            continue;
        }
        match guest_file::read(folder.as_fd(), name, MAX_EVENT_FILE_BYTES as u64) {
            Ok(GuestFile::Whole(bytes)) => read(&mut taken, name, &known.bytes(bytes)),
            Ok(GuestFile::TooLarge) => taken.drop(codes::EVENT_SIZE, 1),
            Ok(GuestFile::Missing) => {}
            Ok(GuestFile::NotAFile(_) | GuestFile::Unstable) | Err(_) => taken.drop(codes::EVENT_FILE, 1),
        }
    }
    Ok(taken)
}

fn read(taken: &mut Taken, name: &str, bytes: &[u8]) {
    match HandlerEvent::parse_file(Source::new(name, bytes)) {
        Ok(checked) => {
            for warning in &checked.warnings {
                taken.drop(warning.code(), 1);
            }
            let room = MAX_EVENTS - taken.events.len();
            taken.drop(codes::EVENT_LIMIT, checked.value.len().saturating_sub(room));
            taken.events.extend(checked.value.into_iter().take(room));
        }
        Err(refused) => taken.drop(refused.first().code(), 1),
    }
}

/// Removes all that lies in `folder`, whatever it is.
///
/// # Errors
///
/// What the system says of the first thing that cannot be removed.
pub(super) fn empty(folder: &OwnedFd) -> io::Result<()> {
    hostler_package::clear(folder.as_fd())
}
