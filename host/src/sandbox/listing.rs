//! Listings of folders, entry by entry.
//!
//! wasmtime's own reads the whole of a folder into the host's memory when a listing is opened, and a component can hold
//! hundreds of listings of a folder in which it has made any number of files. These hold a descriptor and one buffer.

use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};

use super::store::State;

/// The interface whose listings these are, as wasmtime-wasi links it.
pub(super) const INTERFACE: &str = "wasi:filesystem/types@0.2.12";

/// An open listing: `directory-entry-stream`.
struct Listing(Mutex<Dir>);

/// Puts these listings in the place of wasmtime's.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(INTERFACE)?;
    types.resource(
        "directory-entry-stream",
        ResourceType::host::<Listing>(),
        |mut store, rep| {
            store.data_mut().table().delete(Resource::<Listing>::new_own(rep))?;
            Ok(())
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-directory",
        |mut store, (folder,): (Resource<Descriptor>,)| Ok((open(store.data_mut().table(), &folder)?,)),
    )?;
    types.func_wrap(
        "[method]directory-entry-stream.read-directory-entry",
        |mut store, (listing,): (Resource<Listing>,)| {
            let listing = store.data_mut().table().get(&listing)?;
            Ok((listing.next().map_err(ErrorCode::from),))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

fn open(
    table: &mut ResourceTable,
    folder: &Resource<Descriptor>,
) -> wasmtime::Result<Result<Resource<Listing>, ErrorCode>> {
    let Descriptor::Dir(folder) = table.get(folder)? else {
        return Ok(Err(ErrorCode::NotDirectory));
    };
    // Opened anew: a listing has a position of its own.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = openat(&folder.dir, c".", flags, Mode::empty()).and_then(Dir::new);
    Ok(match opened {
        Ok(entries) => Ok(table.push(Listing(Mutex::new(entries)))?),
        Err(error) => Err(ErrorCode::from(std::io::Error::from(error))),
    })
}

impl Listing {
    /// The next entry; `None` at the end.
    fn next(&self) -> std::io::Result<Option<DirectoryEntry>> {
        // What a panic leaves behind is at most a listing in its middle.
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(entry) = entries.next().transpose()? else {
                return Ok(None);
            };
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => match statat(entries.fd()?, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    // Gone in between.
                    Err(Errno::NOENT) => continue,
                    Err(error) => return Err(error.into()),
                },
                known => known,
            };
            let name = name
                .to_str()
                .map_err(|_| std::io::Error::from(Errno::ILSEQ))?
                .to_owned();
            return Ok(Some(DirectoryEntry {
                type_: described(kind),
                name,
            }));
        }
    }
}

fn described(kind: FileType) -> DescriptorType {
    match kind {
        FileType::RegularFile => DescriptorType::RegularFile,
        FileType::Directory => DescriptorType::Directory,
        FileType::Symlink => DescriptorType::SymbolicLink,
        FileType::Fifo => DescriptorType::Fifo,
        FileType::Socket => DescriptorType::Socket,
        FileType::BlockDevice => DescriptorType::BlockDevice,
        FileType::CharacterDevice => DescriptorType::CharacterDevice,
        FileType::Unknown => DescriptorType::Unknown,
    }
}
