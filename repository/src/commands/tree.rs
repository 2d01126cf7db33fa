//! Copying what lies in the data folder, whole and synced.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Copies all files below `from` to `to`, but for those at the top that `leave_out` names; how many. Links are neither
/// followed nor copied: nothing of the repository is one.
pub(super) fn copy(from: &Path, to: &Path, leave_out: &dyn Fn(&str) -> bool) -> io::Result<u64> {
    DirBuilder::new().recursive(true).mode(0o700).create(to)?;
    let mut count = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if leave_out(&name.to_string_lossy()) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            count += copy(&source, &target, &|_| false)?;
        } else if kind.is_file() {
            match fs::copy(&source, &target) {
                Ok(_) => {
                    File::open(&target)?.sync_all()?;
                    count += 1;
                }
                // It was there a moment ago: a file that a server was about to put in its place, or that it removed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    File::open(to)?.sync_all()?;
    Ok(count)
}
