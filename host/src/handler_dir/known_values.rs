//! What is known of a handler's protected settings, to be taken out of what it says (design D9).

use std::os::fd::{AsFd, BorrowedFd};

use hostler_contract::{Command, HandlerName, Settings, SettingsName, Source};
use rustix::fs::{AtFlags, CWD, Dir, Mode, openat, statat};

use super::layout::base;
use super::{FOLDER, HandlerDir, present};
use crate::guest_file::{self, GuestFile};
use crate::root::Root;
use crate::sandbox::{Protected, Unopened};
use crate::secrets::{Keys, KnownValues, SecretFailure};

/// Most settings files of a handler whose values are known, the last that were written.
const MOST_FILES: usize = 8;

/// Largest settings file (limit `settings.bytes`), with room for how it is written.
const MAX_SETTINGS_BYTES: usize = 4 << 20;

/// Most names that are looked at.
const MAX_NAMES: usize = 10_000;

impl HandlerDir {
    /// The protected settings in the settings file `name`, opened for `command`.
    ///
    /// # Errors
    ///
    /// For enable, whose work they are: [`SecretFailure`]. Other commands run without them, and are told why: a key that
    /// went keeps nothing from being taken away.
    pub(crate) fn protected(&self, name: &SettingsName, command: Command) -> Result<Protected, SecretFailure> {
        let Some(settings) = read(self.config.as_fd(), &name.settings_file()) else {
            return Ok(Protected::Absent);
        };
        let opened = self.keys.open_settings(&settings);
        Ok(match opened {
            Ok(None) => Protected::Absent,
            Ok(Some(secret)) => Protected::Opened(secret.into()),
            Err(failure) if command == Command::Enable => return Err(failure),
            Err(failure) => Protected::Unopened(Unopened {
                code: failure.code().name().to_owned(),
                message: failure.to_string(),
            }),
        })
    }
}

/// What is known of the protected settings of `handler` below `root`, whatever its version.
pub(crate) fn known_values(root: &Root, handler: &HandlerName) -> KnownValues {
    let versions = present(root).unwrap_or_default();
    let mut known = KnownValues::default();
    for identity in versions.iter().filter(|identity| identity.name == *handler) {
        if let Ok(config) = openat(CWD, base(root, identity).join("config"), FOLDER, Mode::empty()) {
            known.add(of_folder(config.as_fd(), root.keys()));
        }
    }
    known
}

/// What is known of the protected settings in `config`: as far as they can be opened.
pub(super) fn of_folder(config: BorrowedFd<'_>, keys: &Keys) -> KnownValues {
    let mut known = KnownValues::default();
    let Ok(entries) = Dir::read_from(config) else {
        return known;
    };
    let mut files: Vec<_> = entries
        .take(MAX_NAMES)
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().to_str().ok()?.to_owned();
            SettingsName::parse(&name).ok()?;
            let stat = statat(config, &*name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            Some(((stat.st_mtime, stat.st_mtime_nsec), name))
        })
        .collect();
    files.sort_unstable_by(|one, other| other.cmp(one));
    for (_, file) in files.iter().take(MOST_FILES) {
        if let Some(settings) = read(config, file) {
            known.add(keys.known_values(&settings));
        }
    }
    known
}

/// The settings in `file`, which the host wrote; `None` where there are none.
fn read(config: BorrowedFd<'_>, file: &str) -> Option<Settings> {
    match guest_file::read(config, file, MAX_SETTINGS_BYTES as u64) {
        Ok(GuestFile::Whole(bytes)) => Settings::parse(Source::new(file, &bytes)).ok()?.value,
        _ => None,
    }
}
