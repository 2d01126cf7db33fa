//! The component's side of the file system, with the ledger beside it.

use std::fs::File;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use wasmtime::component::Resource;
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Descriptor, Dir, WasiFilesystemCtxView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

use super::Disk;
use super::directly::Opening;
use super::found::{Found, Key};
use super::own_thread::OwnThread;

/// Who may read and write a new file, before the process's mask: as wasmtime-wasi makes one.
const NEW_FILE: Mode = Mode::from_raw_mode(0o666);

/// Nothing is opened outside of the folder in which it is looked for, by no link and no `..`.
pub(super) const WITHIN: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// wasmtime-wasi's file calls, behind the ledger.
pub(in crate::sandbox) struct Files<'a> {
    pub(in crate::sandbox) view: WasiFilesystemCtxView<'a>,
    pub(in crate::sandbox) disk: Disk,
    pub(in crate::sandbox) own_thread: OwnThread,
    pub(in crate::sandbox) may_link: bool,
}

/// The last part of a path, and the folder that it is in.
pub(super) struct Place<'p> {
    folder: Arc<File>,
    pub(super) key: Key,
    name: &'p str,
}

impl Place<'_> {
    /// What is there.
    pub(super) fn there(&self) -> FsResult<Option<Found>> {
        Ok(Found::at(&self.folder, self.name)?)
    }

    /// Whether `path` ends with its name, so that it asks for nothing more of what is there.
    pub(super) fn ends(&self, path: &str) -> bool {
        path.ends_with(self.name)
    }

    /// Makes a file there, to write to and perhaps to be read, where nothing is: no link is followed, not even one that leads
    /// nowhere. The name is a single one, so it can lie nowhere but in this folder, and the kernel sees to that as well; one
    /// that cannot is an error.
    pub(super) fn make(&self, is_read: bool) -> Result<File, Errno> {
        let access = if is_read { OFlags::RDWR } else { OFlags::WRONLY };
        let flags = access | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat2(&self.folder, self.name, flags, NEW_FILE, WITHIN).map(File::from)
    }
}

/// The handle once more: a call takes it, and it is needed after the call.
pub(super) fn again(descriptor: &Resource<Descriptor>) -> Resource<Descriptor> {
    Resource::new_borrow(descriptor.rep())
}

/// A path without its last part, and that part; `None` where that names nothing that could come, go or move.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.starts_with('/') {
        return None;
    }
    let mut trimmed = path;
    while let Some(shorter) = trimmed.strip_suffix('/').or_else(|| trimmed.strip_suffix("/.")) {
        trimmed = shorter;
    }
    let (folder, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    (!matches!(name, "" | "." | "..")).then_some((folder, name))
}

impl Files<'_> {
    /// The folder behind `descriptor` where it can be written in.
    pub(super) fn writable_folder(&self, descriptor: &Resource<Descriptor>) -> FsResult<Option<&Dir>> {
        Ok(match self.view.table.get(descriptor)? {
            Descriptor::Dir(folder) if folder.perms == FsPerms::ReadWrite => Some(folder),
            Descriptor::Dir(_) | Descriptor::File(_) => None,
        })
    }

    /// The file behind `descriptor` where it can be written to.
    pub(super) fn writable_file(&self, descriptor: &Resource<Descriptor>) -> FsResult<Option<Arc<File>>> {
        Ok(match self.view.table.get(descriptor)? {
            Descriptor::File(file) if file.perms == FsPerms::ReadWrite => Some(Arc::clone(&file.file)),
            Descriptor::Dir(_) | Descriptor::File(_) => None,
        })
    }

    /// The last part of `path` and its folder, where `descriptor` is a folder that can be written in.
    pub(super) async fn place<'p>(
        &mut self,
        descriptor: &Resource<Descriptor>,
        path: &'p str,
    ) -> FsResult<Option<Place<'p>>> {
        let Some(start) = self.writable_folder(descriptor)?.cloned() else {
            return Ok(None);
        };
        let Some((folder, name)) = split(path) else {
            return Ok(None);
        };
        let folder = if folder.is_empty() {
            start.dir
        } else {
            self.open_folder(start, folder).await?
        };
        let key = self.disk.key(&folder)?;
        Ok(Some(Place { folder, key, name }))
    }

    /// The folder at `path`.
    async fn open_folder(&mut self, start: Dir, path: &str) -> FsResult<Arc<File>> {
        let how = Opening {
            path_flags: PathFlags::SYMLINK_FOLLOW,
            path: path.to_owned(),
            open_flags: OpenFlags::DIRECTORY,
            flags: DescriptorFlags::READ,
        };
        match self.open_apart(start, how).await? {
            Descriptor::Dir(folder) => Ok(folder.dir),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_last_part_of_a_path_is_found() {
        let cases = [
            ("a", Some(("", "a"))),
            ("a/b", Some(("a", "b"))),
            ("a//b/./", Some(("a/", "b"))),
            ("../a", Some(("..", "a"))),
            ("a/..", None),
            ("a/../.", None),
            (".", None),
            ("./", None),
            ("", None),
            ("/", None),
            ("/a", None),
            ("./a", Some((".", "a"))),
        ];
        for (path, parts) in cases {
            assert_eq!(split(path), parts, "{path}");
        }
    }
}
