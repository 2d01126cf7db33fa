//! Opening, by which files come too.

use std::fs::File;
use std::sync::Arc;

use rustix::io::Errno;
use wasmtime::component::Resource;
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Descriptor, File as OpenFile, OpenMode};
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasmtime_wasi::p2::{FsError, FsResult};

use super::Files;
use super::directly::{Opened, Opening};
use super::files::Place;
use super::found::{Found, Key, Kind};

/// How often a file is looked for that comes and goes by another process of the handler's.
const ATTEMPTS: usize = 4;

/// Of one that may have to be made.
impl Opening {
    /// Whether a file that is not there is made as [`Place::make`] does it: `path` ends with its name, and nothing else is
    /// asked for.
    fn is_plain(&self, place: &Place<'_>) -> bool {
        place.ends(&self.path) && !self.asks_for_syncs()
    }

    /// What opens what is there already in the same way.
    fn of_what_is_there(&self) -> Self {
        let mut how = self.clone();
        how.flags |= DescriptorFlags::WRITE;
        if self.reads() {
            how.flags |= DescriptorFlags::READ;
        }
        // One that may only be made is none of them: who asks for it is told that it is there.
        if !self.open_flags.contains(OpenFlags::EXCLUSIVE) {
            how.open_flags &= !OpenFlags::CREATE;
        }
        how
    }
}

impl Files<'_> {
    pub(super) async fn open_at(
        &mut self,
        folder: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let how = Opening {
            path_flags,
            path,
            open_flags,
            flags,
        };
        let start = match self.view.table.get(&folder)? {
            Descriptor::Dir(folder) => self.disk.key(&folder.dir)?,
            Descriptor::File(_) => return Err(ErrorCode::NotDirectory.into()),
        };
        // No folder is made by opening it: who asks for that is refused.
        let makes = open_flags.contains(OpenFlags::CREATE) && !open_flags.contains(OpenFlags::DIRECTORY);
        let path = how.path.clone();
        let place = match makes {
            true => self.place(&folder, &path).await?,
            false => None,
        };
        let Some(place) = place else {
            let opened = self.open_there(&folder, how).await?;
            return self.note(start, opened, None);
        };
        self.open_or_make(start, &folder, &place, how).await
    }

    /// Opens what is at `place`, or makes it there.
    ///
    /// A file is made where nothing is and nowhere else, so that it comes to the folder that was asked for room: what a link
    /// leads to is opened, and not made where it is not there, since that could be in any folder.
    async fn open_or_make(
        &mut self,
        start: Key,
        folder: &Resource<Descriptor>,
        place: &Place<'_>,
        making: Opening,
    ) -> FsResult<Resource<Descriptor>> {
        let is_made_here = self.own_thread.takes_folder(place.key) && making.is_plain(place);
        let mut failed = FsError::from(ErrorCode::NoEntry);
        for _ in 0..ATTEMPTS {
            // Where there is no room, whether something is there has to be seen first.
            let is_there = if is_made_here && self.disk.ledger().has_room_for_file(place.key) {
                match place.make(making.reads()) {
                    Ok(file) => return self.take_in(start, place, &making, file),
                    Err(Errno::EXIST) => true,
                    Err(_) => place.there()?.is_some(),
                }
            } else {
                place.there()?.is_some()
            };
            let how = match is_there {
                true => making.of_what_is_there(),
                // A link that has come meanwhile is not followed.
                false => Opening {
                    open_flags: making.open_flags | OpenFlags::EXCLUSIVE,
                    ..making.clone()
                },
            };
            if !is_there {
                self.disk.ledger().room(place.key, false, 0)?;
            }
            failed = match self.open_there(folder, how).await {
                Ok(opened) => return self.note(start, opened, (!is_there).then_some(place.key)),
                Err(error) if is_there && is(&error, ErrorCode::NoEntry) => match place.there()? {
                    Some(found) if found.kind == Kind::Link => return Err(ErrorCode::NotPermitted.into()),
                    _ => error,
                },
                Err(error) if !is_there && is(&error, ErrorCode::Exist) => error,
                Err(error) => return Err(error),
            };
        }
        Err(failed)
    }

    /// Gives the component the `file` that was made at `place`.
    fn take_in(
        &mut self,
        start: Key,
        place: &Place<'_>,
        making: &Opening,
        file: File,
    ) -> FsResult<Resource<Descriptor>> {
        let mut mode = OpenMode::WRITE;
        if making.reads() {
            mode |= OpenMode::READ;
        }
        let file = OpenFile::new(file, FsPerms::ReadWrite, mode, true);
        self.note_file(start, &file, None, Some(place.key))?;
        Ok(self.view.table.push(Descriptor::File(file))?)
    }

    /// Notes what was opened, and that it has come to the folder `made_in` where it was made there.
    fn note(&self, start: Key, opened: Opened, made_in: Option<Key>) -> FsResult<Resource<Descriptor>> {
        let (opened, found) = opened;
        if let Descriptor::File(file) = self.view.table.get(&opened)? {
            self.note_file(start, file, found, made_in)?;
        }
        Ok(opened)
    }

    fn note_file(&self, start: Key, file: &OpenFile, found: Option<Found>, made_in: Option<Key>) -> FsResult<()> {
        let found = match found {
            Some(found) => found,
            None => Found::of(&file.file)?,
        };
        let mut ledger = self.disk.ledger();
        if let Some(folder) = made_in {
            ledger.charge(folder, &found);
        }
        let is_writable = file.perms == FsPerms::ReadWrite;
        ledger.keys.remember(&file.file, found.key);
        ledger.note_open(start, &found, Arc::downgrade(&file.file), is_writable);
        Ok(())
    }
}

/// Whether that is what the component will be told.
fn is(error: &FsError, code: ErrorCode) -> bool {
    error.downcast_ref() == Some(&code)
}
