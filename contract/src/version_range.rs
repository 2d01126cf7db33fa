//! Ranges of versions, as an operator's policy names them: `>=1.0, <2.0`.

use std::fmt;

use crate::{IdentityError, Version};

/// Longest text of a range, in bytes.
const MAX_TEXT: usize = 256;

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    AtLeast(Version),
    Above(Version),
    AtMost(Version),
    Below(Version),
    Exactly(Version),
    Prefix(Version),
}

/// Versions that satisfy every one of some bounds.
///
/// Bounds are separated by commas: `>=V`, `>V`, `<=V`, `<V`, `=V`, or `V` alone, which means the versions whose first
/// numbers are those (`1.2` is `1.2`, `1.2.0` and `1.2.7`, and neither `1.20` nor `1.2rc1`). Versions are compared as
/// everywhere: missing numbers are 0, and a mark such as `rc1` comes before the release, so that `<2.0` has `2.0rc1` in it.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRange {
    text: String,
    bounds: Vec<Bound>,
}

impl VersionRange {
    /// Reads a range.
    ///
    /// # Errors
    /// An empty bound, one of another form, and what is no version.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let wrong = |what: &str| {
            IdentityError::new(
                format!(
                    "`{}` is not a range of versions: {what}",
                    crate::escape_bounded(text, 80)
                ),
                "write bounds with commas between them, for example `>=1.0, <2.0`, `=1.2.3` or `1.2`",
            )
        };
        if text.len() > MAX_TEXT {
            return Err(wrong("it is too long"));
        }
        let bounds = text
            .split(',')
            .map(|bound| Self::bound(bound.trim()).map_err(|error| wrong(error.what())));
        Ok(Self {
            bounds: bounds.collect::<Result<_, _>>()?,
            text: text.to_owned(),
        })
    }

    fn bound(text: &str) -> Result<Bound, IdentityError> {
        type MakeBound = fn(Version) -> Bound;
        let operators: [(&str, MakeBound); 5] = [
            (">=", Bound::AtLeast),
            ("<=", Bound::AtMost),
            (">", Bound::Above),
            ("<", Bound::Below),
            ("=", Bound::Exactly),
        ];
        let operator = operators
            .iter()
            .find_map(|(sign, bound)| Some((text.strip_prefix(sign)?, bound)));
        match operator {
            Some((version, bound)) => Version::parse(version.trim_start()).map(bound),
            None => Version::parse(text).map(Bound::Prefix),
        }
    }

    /// Whether `version` is in it.
    pub fn matches(&self, version: &Version) -> bool {
        self.bounds.iter().all(|bound| match bound {
            Bound::AtLeast(least) => version >= least,
            Bound::Above(least) => version > least,
            Bound::AtMost(most) => version <= most,
            Bound::Below(most) => version < most,
            Bound::Exactly(only) => version == only,
            // A mark makes it another version than the release that the numbers name.
            Bound::Prefix(prefix) => prefix.is_prefix_of(version) && version.is_prerelease() == prefix.is_prerelease(),
        })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::VersionRange;
    use crate::Version;

    #[test]
    fn versions_are_in_a_range_or_not() {
        for (range, inside, outside) in [
            (
                ">=1.0, <2.0",
                &["1.0", "1", "1.9.9", "2.0rc1"][..],
                &["0.9", "2.0", "2", "1.0rc1"][..],
            ),
            (">1.0", &["1.0.0.1", "2"], &["1.0", "1.0.0.0"]),
            ("<=1.5", &["1.5", "1.5.0", "0.1"], &["1.5.0.1"]),
            ("=1.2.3", &["1.2.3", "1.2.3.0"], &["1.2.3.1", "1.2"]),
            ("= 1.2", &["1.2.0.0"], &["1.2.1"]),
            ("1.2", &["1.2", "1.2.0", "1.2.7"], &["1.20", "1.3", "1", "1.2rc1"]),
            ("1.2rc1", &["1.2rc1"], &["1.2"]),
            (">2,<1", &[], &["0", "1", "1.5", "2", "3"]),
        ] {
            let parsed = VersionRange::parse(range).unwrap();
            for version in inside {
                assert!(
                    parsed.matches(&Version::parse(version).unwrap()),
                    "{version} in {range}"
                );
            }
            for version in outside {
                assert!(
                    !parsed.matches(&Version::parse(version).unwrap()),
                    "{version} not in {range}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "", ",", "1.0,", ">=", "=>1", "^1", "~1", "*", "1.x", ">= 1 2", "1 - 2", "==1", "><1",
        ] {
            assert!(VersionRange::parse(text).is_err(), "{text}");
        }
    }
}
