//! The two names that say which extension a definition is for.

use std::fmt;

use crate::{IdentityError, escape_bounded};

/// Longest name, in characters.
const MAX_CHARACTERS: usize = 255;
/// Names that are devices on Windows, whatever follows them after a dot.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// `ProviderNameSpace` or `Type`: dotted, compared with regard to case.
///
/// Together, with a dot between them, they are the name that hosts know the handler by
/// ([`HandlerName`](crate::HandlerName)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionNamePart(String);

impl ExtensionNamePart {
    /// Reads a name.
    ///
    /// # Errors
    /// An empty text or one of more than 255 characters, anything but ASCII letters, digits, `.` and `-` (an underscore
    /// separates the parts of the names of files), an empty part between dots, a part that begins with a dash, and the
    /// names of devices.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let wrong = |what: &str| {
            IdentityError::new(
                format!("`{}` is not a name: {what}", escape_bounded(text, 160)),
                "write ASCII letters, digits, `-`, and `.` between parts, fewer than 256 characters, for example Contoso.Web",
            )
        };
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.chars().count() > MAX_CHARACTERS {
            return Err(wrong("it has more than 255 characters"));
        }
        if text.contains('_') {
            return Err(wrong("it has an underscore"));
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        {
            return Err(wrong("a character in it is not allowed"));
        }
        if text.split('.').any(|part| part.is_empty() || part.starts_with('-')) {
            return Err(wrong("a part of it between dots is empty, or begins with a dash"));
        }
        let first = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if DEVICES.contains(&&*first) {
            return Err(wrong("it is the name of a device"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExtensionNamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ExtensionNamePart;

    #[test]
    fn names_are_those_that_files_and_urls_can_have() {
        for name in ["Contoso", "Microsoft.OSTCExtensions", "Web-Server", "1.2", "Console"] {
            assert_eq!(ExtensionNamePart::parse(name).unwrap().as_str(), name);
        }
        let long = "a".repeat(256);
        for name in [
            "",
            "A_B",
            "A B",
            "..",
            "../A",
            "A.",
            ".A",
            "A..B",
            "%2e%2e%2f",
            "A\0",
            "CON",
            "con.Web",
            "-A",
            "A.-B",
            "\u{e9}",
            "A/B",
            "A\\B",
            &long,
        ] {
            assert!(ExtensionNamePart::parse(name).is_err(), "{name}");
        }
    }
}
