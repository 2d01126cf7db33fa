//! Whether what is written survives a power failure.

use std::os::fd::AsFd;

use rustix::fs::fsync;
use serde::{Deserialize, Serialize};

/// Whether what is written has to survive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// It is on the disk before anything is built on it.
    OnDisk,
    /// It is removed when the process that writes it ends, so nothing waits for the disk.
    Passing,
}

impl Durability {
    /// Brings the file or folder to the disk where that is asked for.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(self, file: impl AsFd) -> rustix::io::Result<()> {
        match self {
            Self::OnDisk => fsync(file),
            Self::Passing => Ok(()),
        }
    }
}
