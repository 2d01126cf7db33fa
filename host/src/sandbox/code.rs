//! Compiled components, with what is known of them.

use std::sync::Arc;
use std::time::Duration;

use super::linked::Linked;
use super::prescan::EntryPoints;
use super::sealed::Sealed;

/// Where compiled code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was compiled just now, in that time.
    Compiled(Duration),
    /// It was kept from an earlier time.
    Kept,
}

/// A component, ready to run. Cheap to clone.
#[derive(Clone)]
pub struct Code {
    pub(super) entry_points: Arc<EntryPoints>,
    pub(super) digest: [u8; 32],
    pub(super) origin: Origin,
    pub(super) rejected: bool,
    pub(super) sealed: Arc<Sealed>,
    /// Where components run in this process.
    pub(super) linked: Option<Linked>,
}

impl Code {
    /// Code in the place of which nothing was rejected.
    pub(super) fn new(
        digest: [u8; 32],
        entry_points: EntryPoints,
        sealed: Sealed,
        linked: Option<Linked>,
        origin: Origin,
    ) -> Self {
        Self {
            entry_points: Arc::new(entry_points),
            digest,
            origin,
            rejected: false,
            sealed: Arc::new(sealed),
            linked,
        }
    }

    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The same in hexadecimal.
    pub fn digest_text(&self) -> String {
        hex::encode(self.digest)
    }

    /// Where the compiled code came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether code was kept for this component that was not this installation's, or was changed: it was not used.
    pub fn replaces_rejected(&self) -> bool {
        self.rejected
    }

    /// How it can be entered.
    pub fn entry_points(&self) -> &EntryPoints {
        &self.entry_points
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code")
            .field("digest", &self.digest_text())
            .field("origin", &self.origin)
            .finish()
    }
}
