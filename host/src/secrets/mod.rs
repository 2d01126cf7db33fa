//! Protected settings: opened by the host, in memory, for the handler that they are for (design D9).
//!
//! ```text
//! settings ── base64, thumbprint ──► Keys ──► Secret ──► the handler, through `hostler:handler/secrets`
//!             ROOT/keys ── .crt, .prv ─┘         └─────► Redactor ──► taken out of all that is kept or shown
//! ```
//!
//! Keys are read when they are needed, and are not kept. What was opened is wiped when nobody needs it any more, cannot
//! be printed, and is never written anywhere by hostler. A handler may publish its own secret; that cannot be helped.

mod envelope;
mod failure;
mod keys;
mod known;
mod redactor;
mod seal;
mod secret;
mod spellings;
mod trie;

pub use failure::SecretFailure;
pub use keys::Keys;
pub use known::KnownValues;
pub use redactor::{MIN_KNOWN_VALUE, Redactor, RedactorStream};
pub use seal::{SealError, Sealed, ThrowAwayKey, seal};
pub use secret::{MAX_PROTECTED_BYTES, Secret};
