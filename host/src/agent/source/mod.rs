//! Where goal states come from: looked at once a period, bounded in size and time each time.

mod folder;
mod followed;
mod order;

pub use followed::FollowedSource;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hostler_contract::vm_settings::MAX_VM_SETTINGS_BYTES;
use hostler_contract::{Finding, Place, codes};
use hostler_fetch::{FetchLimits, Fetcher, Location, Validator};
use rustix::fs::{CWD, Mode, OFlags, openat};
use sha2::{Digest as _, Sha256};

/// Longest time for one look over the network. Until then the next one waits, and nothing else does.
const BUDGET: Duration = Duration::from_secs(60);

/// A document that may be a goal state; nothing of it was read yet.
#[derive(Debug, Clone)]
pub struct Document {
    /// Where it came from in the end; what it names is relative to it.
    pub source: Location,
    /// All of it; at most a byte more than is ever read as a goal state.
    pub bytes: Arc<[u8]>,
    /// SHA-256 of the bytes: what makes a goal state another one.
    pub digest: [u8; 32],
}

impl Document {
    /// The document of `bytes` from `source`.
    pub fn new(source: Location, bytes: Vec<u8>) -> Self {
        let digest = Sha256::digest(&bytes).into();
        let bytes = bytes.into();
        Self { source, bytes, digest }
    }
}

/// What came of a look.
#[derive(Debug, Clone)]
pub struct Look {
    /// What lies there; `None` where nothing was had.
    pub document: Option<Document>,
    /// Why nothing was had, or what is odd.
    pub findings: Vec<Finding>,
}

impl Look {
    fn nothing(finding: Finding) -> Self {
        Self {
            document: None,
            findings: vec![finding],
        }
    }

    fn at(document: Document) -> Self {
        Self {
            document: Some(document),
            findings: vec![],
        }
    }
}

/// Something that has a goal state, or should have.
pub trait Source: Send {
    /// What lies there now. Comes back within bounds of its own, whatever is at the other end.
    fn look(&mut self) -> Look;
}

/// A file, or a folder of them, of this machine. Which it is shows at each look, so that neither has to be there yet.
#[derive(Debug)]
pub struct LocalSource {
    path: PathBuf,
}

impl LocalSource {
    /// What lies at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Source for LocalSource {
    fn look(&mut self) -> Look {
        if self.path.is_dir() {
            return folder::newest(&self.path);
        }
        match read(&self.path) {
            Ok(document) => Look::at(document),
            Err(error) => {
                let hint = "put a goal state there, as a whole: write it aside and rename it";
                Look::nothing(unreadable(&self.path, &error, hint))
            }
        }
    }
}

/// A place that is reached over HTTP.
#[derive(Debug)]
pub struct RemoteSource {
    location: Location,
    fetcher: Arc<Fetcher>,
    /// What came last, and what to ask with for more.
    last: Option<(Document, Option<Validator>)>,
}

impl RemoteSource {
    /// What lies at `location`.
    pub fn new(location: Location, fetcher: Arc<Fetcher>) -> Self {
        Self {
            location,
            fetcher,
            last: None,
        }
    }
}

impl Source for RemoteSource {
    fn look(&mut self) -> Look {
        let limits = FetchLimits {
            budget: BUDGET,
            ..FetchLimits::of(MAX_VM_SETTINGS_BYTES as u64)
        };
        let known = self.last.as_ref().and_then(|(_, validator)| validator.as_ref());
        let polled = match self.fetcher.poll(&self.location, limits, known) {
            Ok(polled) => polled,
            Err(error) => return Look::nothing(error.finding()),
        };
        if let Some(polled) = polled {
            let document = Document {
                source: polled.fetched.location,
                bytes: polled.fetched.bytes.into(),
                digest: polled.fetched.sha256,
            };
            self.last = Some((document, polled.validator));
        }
        Look {
            document: self.last.as_ref().map(|(document, _)| document.clone()),
            findings: vec![],
        }
    }
}

/// Reads the regular file `path`; of one that is too large for a goal state a byte more, so that this is found out. A
/// pipe is not waited for.
fn read(path: &Path) -> io::Result<Document> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(openat(CWD, path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_VM_SETTINGS_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Document::new(Location::of_path(path)?, bytes))
}

fn unreadable(path: &Path, error: &io::Error, hint: &str) -> Finding {
    let what = format!("it cannot be read: {error}");
    Finding::refusal(codes::INPUT_OPEN, &path.display().to_string(), Place::Whole, what, hint)
}
