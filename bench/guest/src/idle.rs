//! A handler that lives and has nothing to do: it has read its settings and told its status, and waits for the end of its
//! standard input, as a service waits to be stopped.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads `settings`, writes `status`, and waits.
pub(crate) fn idle(folder: &Path) -> io::Result<()> {
    let settings = fs::read_to_string(folder.join("settings"))?;
    let aside = folder.join("status.tmp");
    fs::write(&aside, format!("waits with {}", settings.trim()))?;
    fs::rename(aside, folder.join("status"))?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
