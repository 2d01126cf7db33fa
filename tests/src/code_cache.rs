//! What lies in a cache of compiled code.

use std::fs;
use std::path::{Path, PathBuf};

/// How the name of a note ends that says which components a package has.
pub const NOTE: &str = "-0000000000000000";

/// The files of compiled code in `cache`: neither the key nor the notes.
///
/// # Panics
///
/// When the folder cannot be read.
pub fn kept_code(cache: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(cache).expect("there is a cache");
    let all = all.map(|entry| entry.expect("it can be read").path());
    all.filter(|path| !path.ends_with("key") && !path.to_string_lossy().ends_with(NOTE))
        .collect()
}
