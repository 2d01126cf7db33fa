//! Versions of handlers: one to four numbers, and at most a mark of a version before the release.
//!
//! They are not semantic versions: missing numbers count as 0, so `1.0` and `1.0.0.0` are the same version, while
//! the text is kept as it was written because it names folders and stands in reports (contract 8.1).

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use crate::IdentityError;

/// Longest version text, in bytes: four numbers of ten digits, dots, and a mark such as `beta10`.
const MAX_TEXT: usize = 64;

/// What a version is before its release; sorts before the release itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stage {
    Alpha(u32),
    Beta(u32),
    Candidate(u32),
    Release,
}

/// A version of a handler.
///
/// Equality, order and hash go by the numbers and the mark; the text is only for display and for names of folders.
#[derive(Debug, Clone)]
pub struct Version {
    parts: [u32; 4],
    given: usize,
    stage: Stage,
    text: String,
}

impl Version {
    /// Reads `1`, `1.2`, `1.2.3`, `1.2.3.4`, each optionally followed by `alpha`, `beta` or `rc` and a number.
    ///
    /// # Errors
    /// Anything else, a fifth number, and a number above 4294967295.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let wrong = |what: &str| {
            IdentityError::new(
                format!("`{}` is not a version: {what}", crate::escape_bounded(text, 80)),
                "write one to four numbers with dots between them, for example 1.0.0",
            )
        };
        if text.len() > MAX_TEXT {
            return Err(wrong("it is too long"));
        }
        let numbers_end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (numbers, mark) = text.split_at(numbers_end);
        let mut parts = [0; 4];
        let mut given = 0;
        for number in numbers.split('.') {
            let slot = parts
                .get_mut(given)
                .ok_or_else(|| wrong("it has more than four numbers"))?;
            *slot = parse_number(number).ok_or_else(|| wrong("a part of it is not a number, or too large a one"))?;
            given += 1;
        }
        let stage = Stage::parse(mark).ok_or_else(|| wrong("what follows the numbers is not alpha, beta or rc"))?;
        Ok(Self {
            parts,
            given,
            stage,
            text: text.to_owned(),
        })
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The four numbers; those that were not written are 0.
    pub fn parts(&self) -> [u32; 4] {
        self.parts
    }

    /// Whether this is marked as coming before a release (`alpha`, `beta`, `rc`).
    pub fn is_prerelease(&self) -> bool {
        self.stage != Stage::Release
    }

    /// Whether a request for `self` is answered by `candidate`: the numbers written in `self` are its first ones.
    ///
    /// A candidate with fewer numbers is filled up with zeros, so a request for `3.0.0` finds `3.0`, which the agent
    /// would not find. A request with a mark is answered by that very version only.
    pub fn is_prefix_of(&self, candidate: &Self) -> bool {
        if self.is_prerelease() {
            return self == candidate;
        }
        self.parts
            .iter()
            .zip(candidate.parts)
            .take(self.given)
            .all(|(asked, there)| *asked == there)
    }
}

/// A number of ASCII digits; `str::parse` alone would also take a sign.
fn parse_number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

impl Stage {
    fn parse(mark: &str) -> Option<Self> {
        let number = |digits: &str| {
            if digits.is_empty() {
                Some(0)
            } else {
                parse_number(digits)
            }
        };
        if mark.is_empty() {
            Some(Self::Release)
        } else if let Some(digits) = mark.strip_prefix("alpha") {
            number(digits).map(Self::Alpha)
        } else if let Some(digits) = mark.strip_prefix("beta") {
            number(digits).map(Self::Beta)
        } else {
            mark.strip_prefix("rc").and_then(number).map(Self::Candidate)
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
        self.stage.hash(state);
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts).then(self.stage.cmp(&other.stage))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Version {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn order_fills_up_with_zeros_and_puts_marks_before_the_release() {
        let ascending = [
            "0.9.9.9",
            "1alpha",
            "1.0beta1",
            "1.0rc1",
            "1.0rc2",
            "1",
            "1.0.0.1",
            "1.2",
            "1.10",
            "99999.0.0.0",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("1.0"), version("1.0.0.0"));
        assert_eq!(version("1.0").to_string(), "1.0");
    }

    #[test]
    fn prefixes_answer_requests() {
        for (asked, there, answered) in [
            ("4.0", "4.0.0.1", true),
            ("1", "1.9", true),
            ("3.0.0", "3.0", true),
            ("1.0.0", "1.0.1", false),
            ("1.0.0.0", "1.0.0.5", false),
            ("1.0rc1", "1.0.0rc1", true),
            ("1.0rc1", "1.0.0", false),
        ] {
            assert_eq!(
                version(asked).is_prefix_of(&version(there)),
                answered,
                "{asked} {there}"
            );
        }
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.5",
            "a",
            "1.0x",
            "+1",
            "-1",
            "1.0-rc1",
            "4294967296",
            "1 ",
            "\u{ff11}",
            "1.rc1",
        ] {
            assert!(Version::parse(text).is_err(), "{text}");
        }
    }
}
