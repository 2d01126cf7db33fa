//! Why a location gave nothing.

use std::time::Duration;

use hostler_contract::{Code, Finding, Place, codes};

use crate::Location;

/// Why one location gave nothing. Texts never show what is secret in a location, and are escaped.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct FetchError(Box<Failed>);

/// What is kept of it, in a box since results carry it.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {failure}", location.display(), redirected(at.as_ref()))]
struct Failed {
    location: Location,
    /// Where a redirect led, if that is where it failed.
    at: Option<Location>,
    failure: Failure,
}

fn redirected(at: Option<&Location>) -> String {
    at.map(|at| format!(" (redirected to {})", at.display()))
        .unwrap_or_default()
}

impl FetchError {
    pub(crate) fn new(location: &Location, at: &Location, failure: Failure) -> Self {
        Self(Box::new(Failed {
            location: location.clone(),
            at: (at != location).then(|| at.clone()),
            failure,
        }))
    }

    /// The location that was asked for.
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// The stable code, one of `download.*`.
    pub fn code(&self) -> Code {
        self.0.failure.code()
    }

    /// Whether the same location may give something in a moment: no connection, nothing heard for too long, a connection
    /// that broke, or status 408, 429 or 5xx. A certificate that is not trusted and everything about a file will not pass.
    pub fn may_pass(&self) -> bool {
        self.0.failure.may_pass()
    }

    /// Whether there is no time left for anything.
    pub(crate) fn is_over_budget(&self) -> bool {
        matches!(self.0.failure, Failure::Budget(_))
    }

    /// The same as a refusal, found at the location as a whole.
    pub fn finding(&self) -> Finding {
        let what = format!("{}{}", self.0.failure, redirected(self.0.at.as_ref()));
        let hint = self.0.failure.hint();
        Finding::refusal(self.code(), &self.0.location.display(), Place::Whole, what, hint)
    }
}

/// What went wrong. Texts from elsewhere are escaped and bounded before they come here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("it is {0}, not a regular file")]
    NotAFile(&'static str),
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    #[error("this machine cannot start a request: {0}")]
    Client(String),
    #[error("no connection: {0}")]
    Connect(String),
    #[error("the server's certificate is not accepted: {0}")]
    Certificate(String),
    #[error("the server answered with status {0}")]
    Status(u16),
    #[error("more than {0} redirects")]
    Redirects(usize),
    #[error("redirect refused: {0}")]
    Redirect(String),
    #[error("it has {size} bytes or more, and at most {max} are read")]
    TooLarge { size: u64, max: u64 },
    #[error("it has {size} bytes, and {declared} were declared")]
    OtherSize { size: u64, declared: u64 },
    #[error("the connection gave no answer: {0}")]
    NoAnswer(String),
    #[error("the connection ended early, after {read} bytes: {why}")]
    Incomplete { read: u64, why: String },
    #[error("nothing came for {} s", .0.as_secs_f64())]
    Idle(Duration),
    #[error("not done within {} s", .0.as_secs_f64())]
    Budget(Duration),
    #[error("its SHA-256 is {}, and {} was declared", hex::encode(found), hex::encode(declared))]
    Digest { found: [u8; 32], declared: [u8; 32] },
}

impl Failure {
    fn code(&self) -> Code {
        match self {
            Self::NotAFile(_) | Self::Unreadable(_) => codes::DOWNLOAD_UNREACHABLE,
            Self::Client(_) | Self::Connect(_) | Self::Certificate(_) => codes::DOWNLOAD_UNREACHABLE,
            Self::Status(_) => codes::DOWNLOAD_STATUS,
            Self::Redirects(_) | Self::Redirect(_) => codes::DOWNLOAD_REDIRECT,
            Self::TooLarge { .. } | Self::OtherSize { .. } => codes::DOWNLOAD_SIZE,
            Self::NoAnswer(_) | Self::Incomplete { .. } => codes::DOWNLOAD_INCOMPLETE,
            Self::Idle(_) | Self::Budget(_) => codes::DOWNLOAD_TIMEOUT,
            Self::Digest { .. } => codes::DOWNLOAD_DIGEST,
        }
    }

    fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::NoAnswer(_) | Self::Incomplete { .. } | Self::Idle(_) => true,
            Self::Status(status) => matches!(status, 408 | 429 | 500..=599),
            _ => false,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::NotAFile(_) => "name a regular file",
            Self::Unreadable(_) => "name a file that is there and may be read",
            Self::Client(_) => "look for what this process ran out of",
            Self::Connect(_) => "check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)",
            Self::Certificate(_) => {
                "trust comes from the system's certificates, or from the file that SSL_CERT_FILE names"
            }
            Self::Status(401 | 403) => "check what gives access: a token in the location may have expired",
            Self::Status(_) => "only status 200 counts",
            Self::Redirects(_) | Self::Redirect(_) => "name the place itself",
            Self::TooLarge { .. } => "make it smaller, or check what lies there",
            Self::OtherSize { .. } | Self::Digest { .. } => "declare what lies there, or put there what was declared",
            Self::NoAnswer(_) | Self::Incomplete { .. } => "try again, and look at the server's log",
            Self::Idle(_) | Self::Budget(_) => "try again, or name a location that is nearer",
        }
    }
}
