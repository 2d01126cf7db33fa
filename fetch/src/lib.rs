//! From a location to bytes: bounded in size, time and redirects, and hashed while they are read.
//!
//! [`Location`] says where something lies, and which document may name which place. [`Fetcher`] gets it, from one
//! location or from the first of several that gives something usable (contract 1.4). [`FetchError`] and [`AllFailed`] say
//! what went wrong without showing what is secret in a location. Nothing is written to disk.
//!
//! # What is trusted
//! Servers are known by the certificates of the system, as found by OpenSSL's rules: the files that `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name, else the usual places. On a machine without any, `https:` is refused and all else works. The proxy
//! is that of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. Which addresses a name leads to is not looked at: who
//! lets others name locations must check that himself.

mod error;
mod fetcher;
mod file;
mod http;
mod intake;
mod limits;
mod location;
mod polled;
mod several;

pub use error::FetchError;
pub use fetcher::{Fetched, Fetcher};
pub use limits::{Expected, FetchLimits};
pub use location::{Location, LocationError};
pub use polled::{Polled, Validator};
pub use several::{AllFailed, Attempt, Why};
