//! The settings that `hostler run` is given.

use std::path::Path;

use hostler_contract::{Finding, Place, Refused, SequenceNumber, Settings, SettingsName, Source};
use rustix::fs::Mode;

use crate::commands::failure::Failure;
use crate::commands::place::{file_name, read_input};
use crate::root::Root;
use crate::secrets::{SealError, Sealed, Secret, ThrowAwayKey};

/// Largest settings file that is read, in bytes (SET-06).
const MAX_SETTINGS_BYTES: usize = 1 << 20;

/// Settings with the name of their file in the handler's config folder.
#[derive(Debug, Clone)]
pub(in crate::commands) struct GivenSettings {
    /// `<S>.settings`, or `<X>.<S>.settings`.
    pub(in crate::commands) name: SettingsName,
    /// `None` for a goal state without settings.
    pub(in crate::commands) settings: Option<Settings>,
    /// What is odd about the file.
    pub(in crate::commands) warnings: Vec<Finding>,
}

impl GivenSettings {
    /// Reads the file at `path`, a whole settings file or just public settings; no path stands for no settings, with
    /// sequence number 0 (contract 4.1).
    pub(in crate::commands) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let first = || SettingsName::single(SequenceNumber::FIRST);
        let Some(path) = path else {
            return Ok(Self {
                name: first(),
                settings: None,
                warnings: vec![],
            });
        };
        let file = file_name(path);
        let bytes = read_input(path, MAX_SETTINGS_BYTES)?;
        let name = match SettingsName::parse(&file) {
            Ok(name) => name,
            // A name that was meant to say the number and does not: the number would be another than was meant.
            Err(error) if is_meant_to_number(&file) => {
                return Err(Refused::new(error.finding(&file, Place::Whole)).into());
            }
            Err(_) => first(),
        };
        if bytes.is_empty() {
            return Ok(Self {
                name,
                settings: None,
                warnings: vec![],
            });
        }
        let checked = Settings::whole_or_public(Source::new(&file, &bytes))?;
        Ok(Self {
            name,
            settings: Some(checked.value),
            warnings: checked.warnings,
        })
    }

    /// Encrypts `secret`, if there is one, for a key that is made in `root` and for nothing else, and sees to it that what
    /// is protected can be opened: before anything is unpacked or run.
    pub(super) fn protect(&mut self, root: &Root, secret: Option<Secret>) -> Result<(), Failure> {
        let file = self.name.settings_file();
        if let Some(secret) = secret {
            let failed = |error: SealError| Failure::host(error, "look at the space of the root folder");
            root.folder(&["keys"], Mode::RWXU)?;
            let key = ThrowAwayKey::generate().map_err(failed)?;
            key.put_in(&root.path().join("keys")).map_err(failed)?;
            let Sealed { protected, thumbprint } = key.seal(&secret).map_err(failed)?;
            let public = self.settings.as_ref().and_then(Settings::public).cloned();
            self.settings = Some(Settings::from_parts(&file, public, Some(protected), Some(thumbprint))?);
        }
        if let Some(settings) = &self.settings {
            let opened = root.keys().open_settings(settings);
            opened.map_err(|failure| Refused::new(failure.finding(&file)))?;
        }
        Ok(())
    }
}

/// Whether the name of `file` was meant to say a sequence number: `03.settings` is, `example.settings` is not.
fn is_meant_to_number(file: &str) -> bool {
    let last = file.strip_suffix(".settings").and_then(|stem| stem.rsplit('.').next());
    last.is_some_and(|last| last.starts_with(|c: char| c.is_numeric() || matches!(c, '+' | '-')))
}
