//! Sequence numbers, extension names, and the names of the files made of them.
//!
//! These texts become parts of paths and choose which settings count, so each has exactly one spelling: `01`, `+1`
//! and digits of other scripts are no sequence numbers (SET-07, SET-08, SET-13).

use std::fmt;

use crate::{Code, Finding, Place, codes, escape_bounded};

/// The number of a settings delivery, 0 to 2147483647.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SequenceNumber(u32);

/// The name of one extension of a handler that can have several: 1 to 64 ASCII letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionName(String);

/// The name of a settings file, and of the status file that answers it (contract 4.1 and 5). Serialized it is the
/// settings file's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingsName {
    /// The extension, for handlers with several.
    pub extension: Option<ExtensionName>,
    /// The sequence number.
    pub number: SequenceNumber,
}

/// Why a text is none of these names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsNameError {
    /// Not a sequence number.
    #[error("`{0}` is not a sequence number")]
    Number(String),
    /// Not an extension name.
    #[error("`{0}` is not an extension name")]
    Extension(String),
    /// Neither `<number>.settings` nor `<extension>.<number>.settings`, or the same with `.status`.
    #[error("`{0}` is not the name of a settings or status file")]
    File(String),
}

impl SettingsNameError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Number(_) => codes::SETTINGS_SEQ,
            Self::Extension(_) => codes::SETTINGS_EXT_NAME,
            Self::File(_) => codes::SETTINGS_NAME,
        }
    }

    /// What would be right.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Number(_) => "write a decimal number from 0 to 2147483647 without sign, blanks or leading zeros",
            Self::Extension(_) => "write 1 to 64 ASCII letters, digits, `_` and `-`",
            Self::File(_) => "name it like 0.settings, or like MyExtension.0.settings",
        }
    }

    /// A refusal of `file` for this reason.
    pub fn finding(&self, file: &str, place: Place) -> Finding {
        Finding::refusal(self.code(), file, place, self.to_string(), self.hint())
    }
}

impl SequenceNumber {
    /// The highest number.
    pub const MAX: Self = Self(i32::MAX as u32);

    /// The number that stands for no settings (contract 4.1).
    pub const FIRST: Self = Self(0);

    /// The number, unless it is above 2147483647.
    pub fn new(number: u32) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// Reads the one spelling of a number.
    ///
    /// # Errors
    /// Everything but ASCII digits without leading zeros, and numbers above 2147483647.
    pub fn parse(text: &str) -> Result<Self, SettingsNameError> {
        let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
        let number = if plain {
            text.parse().ok().and_then(Self::new)
        } else {
            None
        };
        number.ok_or_else(|| SettingsNameError::Number(escape_bounded(text, 80)))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ExtensionName {
    /// Reads a name.
    ///
    /// # Errors
    /// An empty text, more than 64 bytes, and other characters.
    pub fn parse(text: &str) -> Result<Self, SettingsNameError> {
        let good = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(SettingsNameError::Extension(escape_bounded(text, 80)))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SettingsName {
    /// The name for a handler with a single extension.
    pub fn single(number: SequenceNumber) -> Self {
        Self {
            extension: None,
            number,
        }
    }

    /// Reads the name of a settings file, without a folder.
    ///
    /// # Errors
    /// Another ending than `.settings`, and what is no number or extension name before it.
    pub fn parse(file_name: &str) -> Result<Self, SettingsNameError> {
        Self::parse_with_ending(file_name, ".settings")
    }

    /// Reads the name of a status file, without a folder (STA-20: case and blanks count).
    ///
    /// # Errors
    /// Another ending than `.status`, and what is no number or extension name before it.
    pub fn parse_status(file_name: &str) -> Result<Self, SettingsNameError> {
        Self::parse_with_ending(file_name, ".status")
    }

    fn parse_with_ending(file_name: &str, ending: &str) -> Result<Self, SettingsNameError> {
        let stem = file_name
            .strip_suffix(ending)
            .ok_or_else(|| SettingsNameError::File(escape_bounded(file_name, 80)))?;
        let (extension, number) = match stem.rsplit_once('.') {
            Some((extension, number)) => (Some(ExtensionName::parse(extension)?), number),
            None => (None, stem),
        };
        Ok(Self {
            extension,
            number: SequenceNumber::parse(number)?,
        })
    }

    /// The settings file's name, for example `0.settings` or `MyExtension.0.settings`.
    pub fn settings_file(&self) -> String {
        format!("{self}.settings")
    }

    /// The name of the status file that answers these settings.
    pub fn status_file(&self) -> String {
        format!("{self}.status")
    }
}

impl fmt::Display for SettingsName {
    /// Without an ending: `0` or `MyExtension.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extension {
            Some(extension) => write!(f, "{extension}.{}", self.number),
            None => self.number.fmt(f),
        }
    }
}
