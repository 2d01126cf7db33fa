//! Why a text is no location.

use hostler_contract::{Code, Finding, Place, codes, escape_bounded};

/// Why a text is no location that may be used. A text may hold an access token, so none of these repeats it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Nothing, or only blanks.
    #[error("the location is empty")]
    Empty,
    /// Longer than 8 KiB as it is written, or as a URL with everything escaped.
    #[error("the location is longer than {max} bytes")]
    TooLong {
        /// The most bytes that are taken.
        max: usize,
    },
    /// A control character in it.
    #[error("the location has a control character at position {at}")]
    Control {
        /// Its position, from 1, in characters, without blanks at the start; in a `file:` URL with an escaped NUL, in bytes
        /// of the path.
        at: usize,
    },
    /// A scheme other than `http`, `https` and `file`, in lower case.
    #[error("the scheme {} is not supported", escape_bounded(.0, 64))]
    Scheme(String),
    /// `http:` or `https:` without a host.
    #[error("the URL has no host")]
    NoHost,
    /// `http:` or `https:` with something that is no URL; what the parser said.
    #[error("the URL cannot be read: {0}")]
    Url(String),
    /// `file:` with the name of a machine in it.
    #[error("the file: URL names a machine")]
    FileHost,
    /// `file:` without an absolute path.
    #[error("the file: URL has no absolute path")]
    FileRelative,
    /// `file:` with a query or a fragment.
    #[error("the file: URL has a query or a fragment")]
    FileExtra,
    /// A relative one where there is nothing that it could be relative to.
    #[error("the location is relative, and there is no document that it could be relative to")]
    Relative,
    /// A file, named by a document that came over the network.
    #[error("a document that came over the network may not name a file of this machine")]
    Local,
    /// `http:`, named by a document that came over `https:`.
    #[error("a document that came over https may not name a place that is reached over http")]
    Downgrade,
}

impl LocationError {
    /// The stable code, `download.location`.
    pub fn code(&self) -> Code {
        codes::DOWNLOAD_LOCATION
    }

    /// The same as a refusal of what stands at `place` in the document `file`.
    pub fn finding(&self, file: &str, place: Place) -> Finding {
        Finding::refusal(self.code(), file, place, self.to_string(), self.hint())
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::Scheme(_) => {
                "give an https:, http: or file: URL, an absolute path, or one relative to the document"
            }
            Self::TooLong { .. } => "name a place with a shorter path or query",
            Self::Control { .. } => "write control characters as %0A and the like, or leave them out",
            Self::NoHost | Self::Url(_) => "a URL is https://host/path",
            Self::FileHost | Self::FileRelative => "a file is file:///path",
            Self::FileExtra => "write ? as %3F and # as %23 if they belong to the path",
            Self::Relative => "give a URL or an absolute path",
            Self::Local => "put it on the server that the document came from",
            Self::Downgrade => "use https for both",
        }
    }
}
