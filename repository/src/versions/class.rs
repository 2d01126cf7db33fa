//! How much newer a version is than those before it (9.5).

use std::fmt;

use hostler_contract::Version;

/// What the difference between two versions means for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionClass {
    /// Nothing lower is there.
    First,
    /// The first number differs: only machines that ask for it get it.
    Major,
    /// The second number differs: machines that opted in get it.
    Minor,
    /// The third or fourth number differs: every machine of that line gets it.
    Fix,
}

impl fmt::Display for VersionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Fix => "fix",
        })
    }
}

/// The class of `version` against the greatest lower one of `known`.
pub fn class<'v>(version: &Version, known: impl IntoIterator<Item = &'v Version>) -> VersionClass {
    let before = known.into_iter().filter(|other| *other < version).max();
    let Some(before) = before else {
        return VersionClass::First;
    };
    let pairs = version.parts().into_iter().zip(before.parts());
    match pairs.into_iter().position(|(new, old)| new != old) {
        Some(0) => VersionClass::Major,
        Some(1) => VersionClass::Minor,
        _ => VersionClass::Fix,
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::Version;

    use super::{VersionClass, class};

    #[test]
    fn the_first_number_that_differs_from_the_greatest_lower_version_decides() {
        use VersionClass::{First, Fix, Major, Minor};
        let known = ["1.0", "1.2.0.0", "2.0.5", "3.0"].map(|text| Version::parse(text).unwrap());
        for (text, expected) in [
            ("0.9", First),
            ("1.0.0.1", Fix),
            ("1.1", Minor),
            ("1.2.0.1", Fix),
            ("1.2.1", Fix),
            ("1.3", Minor),
            ("2.0", Major),
            ("2.0.5.1", Fix),
            ("2.1", Minor),
            ("3.0.0.1", Fix),
            ("4.0", Major),
        ] {
            assert_eq!(class(&Version::parse(text).unwrap(), &known), expected, "{text}");
        }
    }
}
