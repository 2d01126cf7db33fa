//! `config/<number>.settings`: the host's word to the handler (contract 4.1).

use std::os::fd::AsFd;

use hostler_contract::{Settings, SettingsName};

use super::layout::READABLE;
use super::{HandlerDir, HandlerDirError};
use crate::guest_file::{self, GuestFile};
use crate::host_file::write_whole_as;

/// Largest settings file that is read, in bytes (SET-06).
const MAX_SETTINGS_BYTES: u64 = 1 << 20;

impl HandlerDir {
    /// Whether the settings file `name` says just this.
    pub fn has_settings(&self, name: &SettingsName, settings: Option<&Settings>) -> bool {
        let text = settings.map(Settings::to_agent_json).unwrap_or_default();
        let there = guest_file::read(self.config.as_fd(), &name.settings_file(), text.len() as u64);
        there.is_ok_and(|there| there == GuestFile::Whole(text.into_bytes()))
    }

    /// Whether the settings file `name` has settings in it: the agent writes an empty one for none (contract 4.1).
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn has_any_settings(&self, name: &SettingsName) -> std::io::Result<bool> {
        let there = guest_file::read(self.config.as_fd(), &name.settings_file(), MAX_SETTINGS_BYTES)?;
        Ok(match there {
            GuestFile::Missing => false,
            GuestFile::Whole(bytes) => !bytes.is_empty(),
            // The handler will say what it makes of it.
            GuestFile::TooLarge | GuestFile::NotAFile(_) | GuestFile::Unstable => true,
        })
    }

    /// Writes the settings file `name` as the agent does: an empty one for no settings (contract 4.1).
    ///
    /// # Errors
    ///
    /// What the system says; then the file is what it was.
    pub fn write_settings(&self, name: &SettingsName, settings: Option<&Settings>) -> Result<(), HandlerDirError> {
        let text = settings.map(Settings::to_agent_json).unwrap_or_default();
        let file = name.settings_file();
        let written = write_whole_as(&self.config, &file, &[text.as_bytes()], READABLE, self.durability);
        written.map_err(|source| HandlerDirError::Io {
            path: self.base.join("config").join(file),
            source,
        })
    }
}
