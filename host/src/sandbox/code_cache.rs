//! Compiled code that is kept from one run to the next.
//!
//! It is native code, so nothing but what this installation wrote may ever be loaded: the folder is private to its
//! owner, and each entry begins with a MAC, under a key that lies in that folder, over its name and every byte that
//! follows. An entry that does not verify is as good as none.
//!
//! ```text
//! MAC (32 bytes) | length of the facts (4 bytes, little-endian) | facts as JSON | code
//! ```
//!
//! What is loaded is copied into sealed memory while the MAC is taken, so what runs is what was verified.

mod components;
mod room;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, unlinkat};
use sha2::Sha256;
use wasmtime::Engine;

use super::ENGINE_SETTINGS;
use super::isolation::Isolation;
use super::prescan::EntryPoints;
use super::sealed::{Sealed, Unsealed};
use crate::host_file::{remove_unfinished, write_new, write_whole};

/// Largest entry that is kept or read, in bytes.
const MAX_ENTRY: u64 = 256 << 20;

/// Length of the key, in bytes: a block of the hash.
const KEY_BYTES: usize = 64;

/// Length of a MAC, in bytes.
const MAC_BYTES: usize = 32;

/// Length of the number that says how long the facts are, in bytes.
const LENGTH_BYTES: usize = 4;

/// Most bytes of facts about a component: it has its imports by name, all of which are known ones.
const MAX_FACTS: usize = 64 << 10;

/// How much is read of an entry at one time, in bytes.
const PIECE: usize = 64 << 10;

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

    /// The name for code that was compiled by `maker`. What a worker made is never run in hostler's own process: a package
    /// that broke the compiler there could have made it say anything.
    pub(super) fn new(digest: &[u8; 32], engine: &Engine, maker: Isolation) -> Self {
        let mut hasher = DefaultHasher::new();
        maker.name().hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        ENGINE_SETTINGS.hash(&mut hasher);
        Self(format!("{}-{:016x}", hex::encode(digest), hasher.finish()))
    }
}

/// Code whose MAC held, and what is known of its component.
pub(super) struct Authentic {
    pub(super) entry_points: EntryPoints,
    pub(super) code: Sealed,
}

/// What is kept under a key.
pub(super) enum Kept {
    /// Nothing.
    Nothing,
    /// Something that was changed, or that another installation wrote.
    Rejected,
    /// Code of ours.
    Authentic(Authentic),
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

    /// Removes what hosts that were stopped were writing in it. Only for a cache that nobody else writes in now, as that of a
    /// root which is locked: else it would take away what another is writing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn without_unfinished(self) -> Result<Self, CacheError> {
        match remove_unfinished(&self.folder) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.error("it cannot be looked through", error)),
        }
    }

    /// What is kept under `key`.
    pub(super) fn load(&self, key: &CacheKey) -> Result<Kept, CacheError> {
        let fail = |source| self.error("an entry cannot be read", source);
        let Some(file) = open_entry(&self.folder, &key.0).map_err(fail)? else {
            return Ok(Kept::Nothing);
        };
        let Some(authentic) = self.verify(key, file).map_err(fail)? else {
            tracing::warn!(
                entry = key.0,
                "kept code was changed or comes from elsewhere: it is compiled anew"
            );
            return Ok(Kept::Rejected);
        };
        room::touch(self.folder.as_fd(), &key.0);
        Ok(Kept::Authentic(authentic))
    }

    /// The entry in `file`, if its MAC holds. Read in pieces: it may be large, and is mapped where it runs.
    fn verify(&self, key: &CacheKey, mut file: io::Take<File>) -> io::Result<Option<Authentic>> {
        let mut mac = [0; MAC_BYTES];
        let mut length = [0; LENGTH_BYTES];
        if !(filled(&mut file, &mut mac)? && filled(&mut file, &mut length)?) {
            return Ok(None);
        }
        let facts_bytes = u32::from_le_bytes(length) as usize;
        if facts_bytes > MAX_FACTS {
            return Ok(None);
        }
        let mut facts = vec![0; facts_bytes];
        if !filled(&mut file, &mut facts)? {
            return Ok(None);
        }
        let mut expected = self.mac(key);
        expected.update(&length);
        expected.update(&facts);
        let mut code = Unsealed::new("hostler-code")?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            let piece = piece.get(..read).unwrap_or_default();
            expected.update(piece);
            code.write_all(piece)?;
        }
        if expected.verify_slice(&mac).is_err() {
            return Ok(None);
        }
        // What has our MAC was written by us.
        let Ok(entry_points) = serde_json::from_slice(&facts) else {
            return Ok(None);
        };
        let code = code.seal()?;
        Ok(Some(Authentic { entry_points, code }))
    }

    /// Keeps `code` under `key`: written aside and then moved into place, so that nobody ever reads half of it.
    pub(super) fn store(&self, key: &CacheKey, entry_points: &EntryPoints, code: &Sealed) -> Result<(), CacheError> {
        let fail = |source| self.error("an entry cannot be written", source);
        let facts = serde_json::to_vec(entry_points).map_err(|error| fail(error.into()))?;
        let size = (MAC_BYTES + LENGTH_BYTES + facts.len()) as u64 + code.length();
        if size > MAX_ENTRY || facts.len() > MAX_FACTS {
            return Ok(());
        }
        let length = u32::try_from(facts.len()).unwrap_or(u32::MAX).to_le_bytes();
        let code = code.read().map_err(fail)?;
        let mut mac = self.mac(key);
        mac.update(&length);
        mac.update(&facts);
        mac.update(&code);
        let mac = mac.finalize().into_bytes();
        write_whole(&self.folder, &key.0, &[&mac, &length, &facts, &code], PRIVATE)
            .and_then(|()| room::make(self.folder.as_fd()))
            .map_err(fail)
    }

    /// A MAC that has taken the name of the entry.
    fn mac(&self, key: &CacheKey) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.key.into());
        mac.update(&(key.0.len() as u64).to_le_bytes());
        mac.update(key.0.as_bytes());
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
        if let Some(bytes) = read_entry(folder, KEY_FILE, KEY_BYTES)? {
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

/// Fills `bytes` from `file`; false when it ends before.
fn filled(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The file `name`, if it is there and one that can be an entry.
fn open_entry(folder: &OwnedFd, name: &str) -> io::Result<Option<io::Take<File>>> {
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
    Ok(Some(file.take(MAX_ENTRY)))
}

/// The file `name`, if it is there; of one that is longer, one byte more than `most`.
fn read_entry(folder: &OwnedFd, name: &str, most: usize) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = open_entry(folder, name)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
