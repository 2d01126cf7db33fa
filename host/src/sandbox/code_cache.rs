//! Compiled code that is kept from one run to the next.
//!
//! It is native code, so nothing but what this installation wrote may ever be loaded: the folder is private to its
//! owner, and each entry begins with a MAC, under a key that lies in that folder, over its name and every byte that
//! follows. An entry that does not verify is as good as none.

mod room;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, unlinkat};
use sha2::Sha256;
use wasmtime::Engine;

use super::ENGINE_SETTINGS;
use crate::host_file::{write_new, write_whole};

/// Largest entry that is kept or read, in bytes.
const MAX_ENTRY: u64 = 256 << 20;

/// Length of the key, in bytes: a block of the hash.
const KEY_BYTES: usize = 64;

/// Length of a MAC, in bytes.
const MAC_BYTES: usize = 32;

/// Mode of all files here.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Name of the file that holds the key.
const KEY_FILE: &str = "key";

/// Under which name compiled code is kept: component, engine build and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CacheKey(String);

impl CacheKey {
    /// Whether a file of that name is an entry, or one that was being written: nothing else is ever removed.
    fn is_of_entry(name: &str) -> bool {
        let name = name
            .strip_prefix('.')
            .map_or(name, |name| name.split('.').next().unwrap_or_default());
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        name.split_once('-')
            .is_some_and(|(digest, engine)| digest.len() == 64 && engine.len() == 16 && hex(digest) && hex(engine))
    }

    pub(super) fn new(digest: &[u8; 32], engine: &Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        ENGINE_SETTINGS.hash(&mut hasher);
        Self(format!("{}-{:016x}", hex::encode(digest), hasher.finish()))
    }
}

/// Compiled code whose MAC held.
pub(super) struct Authentic(Vec<u8>);

impl Authentic {
    pub(super) fn code(&self) -> &[u8] {
        self.0.get(MAC_BYTES..).unwrap_or_default()
    }
}

/// The cache's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("compiled code cannot be kept in {}: {what}", path.display())]
pub struct CacheError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

/// A private folder of compiled code.
#[derive(Debug)]
pub struct CodeCache {
    path: PathBuf,
    folder: OwnedFd,
    key: [u8; KEY_BYTES],
}

impl CodeCache {
    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the cache at `path`, which is made with mode 0700 when it is missing, and with it a key.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or opened, belongs to somebody else, or others may write in it.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        // Without a slash at its end, which would follow a link.
        let path: &Path = &path.components().collect::<PathBuf>();
        let fail = |what| {
            move |source: io::Error| CacheError {
                path: path.to_owned(),
                what,
                source,
            }
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(fail("its parent folder cannot be made"))?;
        }
        match mkdirat(rustix::fs::CWD, path, Mode::RWXU) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(fail("it cannot be made")(error.into())),
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = openat(rustix::fs::CWD, path, flags, Mode::empty())
            .map_err(|error| fail("it is not a folder that can be opened")(error.into()))?;
        let stat = rustix::fs::fstat(&folder).map_err(|error| fail("it cannot be looked at")(error.into()))?;
        if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & 0o022 != 0 {
            let error = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(fail(
                "it must belong to the user who runs hostler, and nobody else may write in it",
            )(error));
        }
        let key = read_or_make_key(&folder).map_err(fail("its key cannot be read or made"))?;
        Ok(Self {
            path: path.to_owned(),
            folder,
            key,
        })
    }

    /// What is kept under `key`, if it is there and authentic.
    pub(super) fn load(&self, key: &CacheKey) -> Result<Option<Authentic>, CacheError> {
        let Some(bytes) =
            read_entry(&self.folder, &key.0).map_err(|source| self.error("an entry cannot be read", source))?
        else {
            return Ok(None);
        };
        let Some((mac, code)) = bytes.split_at_checked(MAC_BYTES) else {
            return Ok(None);
        };
        if self.mac(key, code).verify_slice(mac).is_err() {
            tracing::warn!(
                entry = key.0,
                "kept code was changed or comes from elsewhere: it is compiled anew"
            );
            return Ok(None);
        }
        room::touch(self.folder.as_fd(), &key.0);
        Ok(Some(Authentic(bytes)))
    }

    /// Keeps `code` under `key`: written aside and then moved into place, so that nobody ever reads half of it.
    pub(super) fn store(&self, key: &CacheKey, code: &[u8]) -> Result<(), CacheError> {
        if (MAC_BYTES + code.len()) as u64 > MAX_ENTRY {
            return Ok(());
        }
        let mac = self.mac(key, code).finalize().into_bytes();
        write_whole(&self.folder, &key.0, &[&mac, code], PRIVATE)
            .and_then(|()| room::make(self.folder.as_fd()))
            .map_err(|source| self.error("an entry cannot be written", source))
    }

    fn mac(&self, key: &CacheKey, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.key.into());
        mac.update(&(key.0.len() as u64).to_le_bytes());
        mac.update(key.0.as_bytes());
        mac.update(code);
        mac
    }

    fn error(&self, what: &'static str, source: io::Error) -> CacheError {
        CacheError {
            path: self.path.clone(),
            what,
            source,
        }
    }
}

fn read_or_make_key(folder: &OwnedFd) -> io::Result<[u8; KEY_BYTES]> {
    for _ in 0..2 {
        if let Some(bytes) = read_entry(folder, KEY_FILE)? {
            if let Ok(key) = <[u8; KEY_BYTES]>::try_from(bytes) {
                return Ok(key);
            }
            // Not a key: what was kept under it is lost either way.
            unlinkat(folder, KEY_FILE, AtFlags::empty())?;
        }
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        if write_new(folder, KEY_FILE, &[&key], PRIVATE)? {
            return Ok(key);
        }
        // Another host made one at the same time, and both go on with that.
    }
    Err(io::Error::other("the key changes while it is read"))
}

fn read_entry(folder: &OwnedFd, name: &str) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(folder, name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > MAX_ENTRY {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(MAX_ENTRY).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
