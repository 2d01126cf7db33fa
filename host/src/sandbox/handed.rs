//! What a command is handed beside its [`Invocation`](super::Invocation), which says all that may be printed.

use std::os::fd::OwnedFd;

use super::Protected;

/// The open folders and the opened settings of one command.
#[derive(Debug, Default)]
pub struct Handed {
    /// Open folders for the preopens, in their order.
    pub folders: Vec<OwnedFd>,
    /// Protected settings.
    pub protected: Protected,
}

impl From<Vec<OwnedFd>> for Handed {
    fn from(folders: Vec<OwnedFd>) -> Self {
        Self {
            folders,
            protected: Protected::Absent,
        }
    }
}
