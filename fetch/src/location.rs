//! Where something lies.

mod parse;
mod refusal;

use std::{
    ffi::OsStr,
    fmt, io,
    os::unix::ffi::OsStrExt as _,
    path::{self, Path, PathBuf},
};

use hostler_contract::escape_bounded;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use url::Url;

pub use self::refusal::LocationError;

/// Longest location that is shown, in bytes; a longer one is cut.
const MAX_SHOWN: usize = 1024;
/// Longest file name that is given out, in bytes; a longer one is cut.
const MAX_NAME: usize = 255;
/// What is escaped in the path of a `file:` URL.
const IN_FILE_URL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An `http:` or `https:` URL, or the absolute path of a file on this machine.
///
/// A location may carry what gives access, such as the query of a shared access signature. [`display`](Self::display) and
/// `Debug` leave that out; only [`exact`](Self::exact) has it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location(Way);

/// How to get there.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// Scheme `http` or `https`, with a host and without a fragment.
    Http(Url),
    /// Absolute, without a NUL.
    File(PathBuf),
}

impl Location {
    /// The location of a file; a relative path is taken from the working directory. Links and `..` are left as they are.
    ///
    /// # Errors
    /// An empty path, one with a NUL in it, and no working directory.
    pub fn of_path(path: &Path) -> io::Result<Self> {
        if path.as_os_str().as_bytes().contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a path cannot hold a NUL"));
        }
        path::absolute(path).map(|path| Self(Way::File(path)))
    }

    /// Reads a location as it stands in a document; `base` is where that document came from.
    ///
    /// Taken are `http:` and `https:` URLs, `file:` URLs of this machine, absolute paths, and what is relative to `base`:
    /// for a file, a path relative to its folder; for a URL, whatever RFC 3986 makes of it. Blanks around it are left out,
    /// a fragment is too. `http:` comes only from documents that did not come over `https:`, and files only from documents
    /// that are files (design D1).
    ///
    /// # Errors
    /// Each [`LocationError`] says what is wrong with `text`, and none of them repeats more of it than its scheme.
    pub fn parse(text: &str, base: Option<&Self>) -> Result<Self, LocationError> {
        parse::parse(text, base)
    }

    /// The path, of a file of this machine.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Way::Http(_) => None,
            Way::File(path) => Some(path),
        }
    }

    /// Whether it is reached over the network.
    pub fn is_remote(&self) -> bool {
        self.url().is_some()
    }

    /// The location as people may see it: no user, no password, `<redacted>` in place of a query, escaped, and cut after
    /// 1024 bytes.
    pub fn display(&self) -> String {
        match &self.0 {
            Way::File(path) => escape_bounded(&path.to_string_lossy(), MAX_SHOWN),
            Way::Http(url) => {
                let query = if url.query().is_some() { "?<redacted>" } else { "" };
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                let host = url.host_str().unwrap_or_default();
                let shown = format!("{}://{host}{port}{}", url.scheme(), url.path());
                escape_bounded(&shown, MAX_SHOWN) + query
            }
        }
    }

    /// The last part of the path, percent-decoded, escaped and cut after 255 bytes, to name it in reports. It never holds a
    /// `/` or `\`, and is empty for a path that ends in one, and instead of `.` and `..`.
    pub fn file_name(&self) -> String {
        let last = match &self.0 {
            Way::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Way::Http(url) => {
                let last = url.path_segments().and_then(|mut parts| parts.next_back());
                percent_decode_str(last.unwrap_or_default())
                    .decode_utf8_lossy()
                    .into_owned()
            }
        };
        let name = last.rsplit(['/', '\\']).next().unwrap_or_default();
        match name {
            "." | ".." => String::new(),
            name => escape_bounded(name, MAX_NAME),
        }
    }

    /// The location as a URL with everything in it, secrets too. [`parse`](Self::parse) makes the same location of it. For
    /// requests and for the host's own state, not for people.
    pub fn exact(&self) -> String {
        match &self.0 {
            Way::Http(url) => url.as_str().to_owned(),
            Way::File(path) => format!("file://{}", percent_encode(path.as_os_str().as_bytes(), IN_FILE_URL)),
        }
    }

    pub(crate) fn way(&self) -> &Way {
        &self.0
    }

    pub(crate) fn url(&self) -> Option<&Url> {
        match &self.0 {
            Way::Http(url) => Some(url),
            Way::File(_) => None,
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({})", self.display())
    }
}

/// The path that a percent-encoded text stands for; bytes that are not UTF-8 are fine.
fn decoded_path(encoded: &str) -> PathBuf {
    let bytes: Vec<u8> = percent_decode_str(encoded).collect();
    PathBuf::from(OsStr::from_bytes(&bytes))
}
