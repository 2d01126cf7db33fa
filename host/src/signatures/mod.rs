//! Whose a package is: its signature, verified against the roots that the operator names (contract 8.7).
//!
//! ```text
//! policy ── signers, their roots ─┐
//! goal state ── encodedSignature ─┼─► verify ──► Signed ──► bind ──► admit ──► kept with the package, reported, audited
//! package ── its bytes ───────────┘               signingInfo, rule ──┘
//! ```
//!
//! As the native agent verifies it: CMS detached over the bytes of the zip, certificates of any purpose. Unlike there, a
//! signature that does not verify refuses the package, unless the rule that decides about it says otherwise, and a
//! certificate that has expired is no good unless the signer is named with `check-time = false`.

mod admit;
mod sign;
mod signer;
mod verify;

pub use admit::{admit, bind};
pub use sign::{SignError, sign};
pub use signer::Signer;
pub use verify::{Signed, verify};
