//! The old version's status files, copied to the new version before its update runs (contract 4.4, scenario D12).
//!
//! `mrseq` is not among them: it lies in the data folder, which both versions share (design D3).

use std::os::fd::AsFd;

use hostler_contract::SettingsName;
use hostler_contract::status::MAX_STATUS_BYTES;
use hostler_package::remove_folder;
use rustix::fs::Dir;

use super::layout::READABLE;
use super::{HandlerDir, HandlerDirError};
use crate::guest_file::{self, GuestFile};
use crate::host_file::write_whole;

/// Most status files that are copied. A handler writes one for each sequence number.
const MAX_FILES: usize = 1000;

impl HandlerDir {
    /// Copies the status files of `self`, the old version, to `to`: regular files with a status file's name and size.
    /// What else lies there was never reported and stays behind.
    ///
    /// # Errors
    ///
    /// What the system says of the new version's folder. What cannot be read of the old one's is left behind.
    pub fn carry_over(&self, to: &Self) -> Result<(), HandlerDirError> {
        let io = |path: &str, source| HandlerDirError::Io {
            path: to.base.join("status").join(path),
            source,
        };
        let Ok(entries) = Dir::read_from(&self.status) else {
            return Ok(());
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned))
            .filter(|name| SettingsName::parse_status(name).is_ok());
        for name in names.take(MAX_FILES) {
            if let Ok(GuestFile::Whole(bytes)) = guest_file::read(self.status.as_fd(), &name, MAX_STATUS_BYTES as u64) {
                write_whole(&to.status, &name, &[&bytes], READABLE)
                    .or_else(|error| {
                        // The handler's own folder in the place of a file of its own.
                        remove_folder(to.status.as_fd(), &name).map_err(|_| error)?;
                        write_whole(&to.status, &name, &[&bytes], READABLE)
                    })
                    .map_err(|source| io(&name, source))?;
            }
        }
        Ok(())
    }
}
