//! What a command is handed beside its [`Invocation`](super::Invocation), which says all that may be printed.

use super::{OpenFolder, Protected};

/// The open folders and the opened settings of one command.
#[derive(Debug, Clone, Default)]
pub struct Handed {
    /// Open folders for the preopens, in their order.
    pub folders: Vec<OpenFolder>,
    /// Protected settings.
    pub protected: Protected,
}

impl From<Vec<OpenFolder>> for Handed {
    fn from(folders: Vec<OpenFolder>) -> Self {
        Self {
            folders,
            protected: Protected::Absent,
        }
    }
}
