//! Opening what is there with two system calls, where that is all that it takes: wasmtime-wasi's way takes one more, and
//! ours another to know which file it is.

use std::fs::File;
use std::io;

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File as OpenFile, OpenMode, WasiFilesystemCtxView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};

use super::Files;
use super::files::WITHIN;
use super::found::{Found, Kind};

/// How something is opened.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) path_flags: PathFlags,
    pub(super) path: String,
    pub(super) open_flags: OpenFlags,
    pub(super) flags: DescriptorFlags,
}

impl Opening {
    /// Whether it is opened to be read as well: by wasmtime-wasi's rule also where neither is asked for.
    pub(super) fn reads(&self) -> bool {
        self.flags.contains(DescriptorFlags::READ) || !self.flags.contains(DescriptorFlags::WRITE)
    }

    /// Whether every write is to be brought to the disk, which wasmtime-wasi does not do.
    pub(super) fn asks_for_syncs(&self) -> bool {
        self.flags.intersects(
            DescriptorFlags::FILE_INTEGRITY_SYNC
                | DescriptorFlags::DATA_INTEGRITY_SYNC
                | DescriptorFlags::REQUESTED_WRITE_SYNC,
        )
    }

    /// What the system is asked for, and what the component may do then, by wasmtime-wasi's rules; `None` for what they
    /// refuse or treat in a way of their own. Nothing is made.
    fn plainly(&self, folder: &Dir) -> Option<(OFlags, OpenMode)> {
        let makes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::DIRECTORY;
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        if self.asks_for_syncs() || self.open_flags.intersects(makes) || !self.path.split('/').all(is_plain) {
            return None;
        }
        let truncates = self.open_flags.contains(OpenFlags::TRUNCATE);
        let writes = truncates || self.flags.contains(DescriptorFlags::WRITE);
        if writes && folder.perms != FsPerms::ReadWrite {
            return None;
        }
        let (mut flags, mode) = match (self.reads(), writes) {
            (true, true) => (OFlags::RDWR, OpenMode::READ | OpenMode::WRITE),
            (false, _) => (OFlags::WRONLY, OpenMode::WRITE),
            (true, false) => (OFlags::RDONLY, OpenMode::READ),
        };
        flags |= OFlags::CLOEXEC;
        if truncates {
            flags |= OFlags::TRUNC;
        }
        if !self.path_flags.contains(PathFlags::SYMLINK_FOLLOW) {
            flags |= OFlags::NOFOLLOW;
        }
        Some((flags, mode))
    }
}

/// What was opened; known already where it was opened directly.
pub(super) type Opened = (Resource<Descriptor>, Option<Found>);

impl Files<'_> {
    /// Opens what is at a path in `folder`, as wasmtime-wasi does.
    pub(super) async fn open_there(&mut self, folder: &Resource<Descriptor>, how: Opening) -> FsResult<Opened> {
        if let Some((opened, found)) = self.open_directly(folder, &how)? {
            return Ok((self.view.table.push(opened)?, Some(found)));
        }
        Ok((self.open_by_wasi(folder, how).await?, None))
    }

    /// Opens a plain file or folder; `None` where it is not clear that it is one, or that it can be opened.
    fn open_directly(&mut self, folder: &Resource<Descriptor>, how: &Opening) -> FsResult<Option<(Descriptor, Found)>> {
        let Descriptor::Dir(folder) = self.view.table.get(folder)? else {
            return Ok(None);
        };
        let Some((mut flags, mode)) = how.plainly(folder) else {
            return Ok(None);
        };
        if !self.own_thread.takes_all() {
            // A pipe is opened by somebody who can wait. One that comes to be there just now is not waited for either.
            // Nothing of this look is told: what is odd about the path the other way says.
            match look(&folder.dir, &how.path) {
                Ok(found) if found.is_none_or(|found| self.own_thread.takes(&found)) => flags |= OFlags::NONBLOCK,
                _ => return Ok(None),
            }
        }
        let file = match openat2(&folder.dir, &*how.path, flags, Mode::empty(), WITHIN) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Err(ErrorCode::NoEntry.into()),
            // The other way says why.
            Err(_) => return Ok(None),
        };
        let found = Found::of(&file)?;
        if !self.own_thread.takes(&found) {
            return Ok(None);
        }
        let opened = match found.kind {
            Kind::Folder => Descriptor::Dir(Dir::new(file, folder.perms, mode, true)),
            Kind::Link | Kind::Other => Descriptor::File(OpenFile::new(file, folder.perms, mode, true)),
        };
        Ok(Some((opened, found)))
    }

    async fn open_by_wasi(&mut self, folder: &Resource<Descriptor>, how: Opening) -> FsResult<Resource<Descriptor>> {
        let start = match self.view.table.get(folder)? {
            // On another thread, whatever is done on this one with the folder itself: it may be a pipe that is opened.
            Descriptor::Dir(start) if !self.own_thread.takes_all() => {
                Dir::new(start.dir.try_clone()?, start.perms, start.open_mode, false)
            }
            Descriptor::Dir(start) => start.clone(),
            Descriptor::File(_) => return Err(ErrorCode::NotDirectory.into()),
        };
        let opened = self.open_apart(start, how).await?;
        Ok(self.view.table.push(opened)?)
    }

    /// Opens what is at a path in `start`, as the component would come to it, but in no table of its own.
    pub(super) async fn open_apart(&mut self, start: Dir, how: Opening) -> FsResult<Descriptor> {
        let mut table = ResourceTable::new();
        let start = table.push(Descriptor::Dir(start))?;
        let mut view = WasiFilesystemCtxView {
            ctx: &mut *self.view.ctx,
            table: &mut table,
        };
        let opened = view
            .open_at(start, how.path_flags, how.path, how.open_flags, how.flags)
            .await?;
        Ok(table.delete(opened)?)
    }
}

/// What is at `path`, a link at its end not followed. Nothing is looked at outside of `folder`, nor on a file system that is
/// mounted in it: either may be another machine's, and never answer.
fn look(folder: &File, path: &str) -> io::Result<Option<Found>> {
    if !path.contains('/') {
        return Found::at(folder, path);
    }
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat2(folder, path, flags, Mode::empty(), WITHIN | ResolveFlags::NO_XDEV) {
        Ok(found) => Found::of(found).map(Some),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
