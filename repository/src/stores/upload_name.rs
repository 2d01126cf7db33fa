//! The name that a publisher gives an upload.

use std::fmt;

/// Longest name of an upload, in bytes.
pub const MAX_UPLOAD_NAME: usize = 255;

/// The name of an upload: 1 to 255 ASCII letters, digits, `.`, `-` and `_`, the first a letter or digit.
///
/// It is never a part of a path in a store; the rule keeps it fit for URLs, lists and shells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadName(String);

/// A text that is not the name of an upload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name of an upload is 1 to 255 ASCII letters, digits, `.`, `-` and `_`, and begins with a letter or digit")]
pub struct UploadNameError;

impl UploadName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for UploadName {
    type Err = UploadNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        match fits && starts && text.len() <= MAX_UPLOAD_NAME {
            true => Ok(Self(text.to_owned())),
            false => Err(UploadNameError),
        }
    }
}

impl fmt::Display for UploadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::UploadName;

    /// REP-13, REP-19: names that would leave a folder, or be another name to another reader.
    #[test]
    fn rep_13_rep_19_names_that_are_no_names() {
        for good in ["a", "Hello-1.0.0.zip", "Contoso.Demo__1.2.3.4", "0", &"x".repeat(255)] {
            assert!(good.parse::<UploadName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            ".hidden",
            "-x",
            "a/b",
            "a\\b",
            "../x",
            "%2e%2e",
            "a%2fb",
            "a\0b",
            "a b",
            "\u{e9}",
            "a\n",
            &"x".repeat(256),
        ] {
            assert!(bad.parse::<UploadName>().is_err(), "{bad:?}");
        }
    }
}
