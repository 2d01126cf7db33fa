//! Who a handler is: `Publisher.Type`, and which version of it.
//!
//! Both parts become names of folders and files, so they are checked once, here, and are safe from then on
//! (contract 2).

use std::fmt;

use crate::{Version, escape_bounded};

/// Longest handler name, in bytes. A folder name holds 255, and a version and a dash follow.
const MAX_NAME: usize = 128;

/// A name or version that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct IdentityError {
    what: String,
    hint: &'static str,
}

impl IdentityError {
    pub(crate) fn new(what: String, hint: &'static str) -> Self {
        Self { what, hint }
    }

    /// What was found, fit for the `what` of a finding.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What would be right, fit for the `hint` of a finding.
    pub fn hint(&self) -> &'static str {
        self.hint
    }
}

/// A handler's name, `Publisher.Type`, safe to be used as the name of a folder.
///
/// The type is what follows the last dot; what is before it, dots and all, is the publisher.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandlerName(String);

impl HandlerName {
    /// Reads a name.
    ///
    /// # Errors
    /// A name without a dot, with an empty publisher or type, with other characters than ASCII letters, digits,
    /// `.`, `_` and `-`, that starts with `-` or `.`, holds `..`, or has more than 128 bytes.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let wrong = |what: &str| {
            IdentityError::new(
                format!("`{}` is not a handler name: {what}", escape_bounded(text, 160)),
                "write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello",
            )
        };
        if text.len() > MAX_NAME {
            return Err(wrong("it is longer than 128 bytes"));
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        {
            return Err(wrong("a character in it is not allowed in a folder name here"));
        }
        if text.starts_with(['-', '.']) || text.contains("..") {
            return Err(wrong("it starts with `-` or `.`, or has `..` in it"));
        }
        match text.rsplit_once('.') {
            None => Err(wrong("it has no dot between publisher and type")),
            Some((_, "")) => Err(wrong("nothing follows the last dot")),
            Some(_) => Ok(Self(text.to_owned())),
        }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is before the last dot.
    pub fn publisher(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(publisher, _)| publisher)
    }

    /// What follows the last dot.
    pub fn type_name(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(_, type_name)| type_name)
    }
}

impl fmt::Display for HandlerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A handler and a version of it; shown as `Publisher.Type-1.2.3`, which is also the name of its folder.
///
/// Equal identities may have different texts, since `1.0` and `1.0.0` are the same version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandlerIdentity {
    /// `Publisher.Type`.
    pub name: HandlerName,
    /// The version, with its text.
    pub version: Version,
}

impl HandlerIdentity {
    /// Puts name and version together.
    pub fn new(name: HandlerName, version: Version) -> Self {
        Self { name, version }
    }

    /// Reads `Publisher.Type-1.2.3`, split at the last `-` because a name may hold dashes (contract 2).
    ///
    /// # Errors
    /// No dash, or either side is not what it has to be.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        Self::from_parts(text, text.rsplit_once('-'))
    }

    /// Reads the name of a package file: `Publisher.Type-1.2.3.zip`, or `Publisher.Type__1.2.3.zip` as the agent
    /// calls it while it downloads (contract 1.1).
    ///
    /// # Errors
    /// No `.zip` at the end, or no identity before it.
    pub fn from_zip_name(file_name: &str) -> Result<Self, IdentityError> {
        let stem = file_name.strip_suffix(".zip").ok_or_else(|| {
            IdentityError::new(
                format!("`{}` does not end in .zip", escape_bounded(file_name, 200)),
                "name the package Publisher.Type-1.2.3.zip",
            )
        })?;
        // A version holds no underscore, so two of them followed by a version can only be the agent's form.
        match stem
            .rsplit_once("__")
            .filter(|(_, version)| Version::parse(version).is_ok())
        {
            Some(parts) => Self::from_parts(stem, Some(parts)),
            None => Self::parse(stem),
        }
    }

    fn from_parts(whole: &str, parts: Option<(&str, &str)>) -> Result<Self, IdentityError> {
        let (name, version) = parts.ok_or_else(|| {
            IdentityError::new(
                format!(
                    "`{}` has no `-` between handler name and version",
                    escape_bounded(whole, 200)
                ),
                "write Publisher.Type-1.2.3",
            )
        })?;
        Ok(Self {
            name: HandlerName::parse(name)?,
            version: Version::parse(version)?,
        })
    }
}

impl fmt::Display for HandlerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

impl std::str::FromStr for HandlerIdentity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{HandlerIdentity, HandlerName};

    #[test]
    fn a_name_is_split_at_the_last_dot() {
        let name = HandlerName::parse("Microsoft.Azure.Extensions.CustomScript").unwrap();
        assert_eq!(name.publisher(), "Microsoft.Azure.Extensions");
        assert_eq!(name.type_name(), "CustomScript");
    }

    #[test]
    fn names_that_are_not_safe_are_refused() {
        let long = format!("A.{}", "b".repeat(127));
        for name in [
            "",
            "Hello",
            ".A.B",
            "-A.B",
            "A..B",
            "A.B.",
            "A/B.C",
            "A.B C",
            "A.\u{e9}",
            "../A.B",
            long.as_str(),
        ] {
            assert!(HandlerName::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn identities_are_split_at_the_last_dash() {
        let identity = HandlerIdentity::parse("Contoso.My-Handler-1.2").unwrap();
        assert_eq!(identity.name.as_str(), "Contoso.My-Handler");
        assert_eq!(identity.to_string(), "Contoso.My-Handler-1.2");
        for text in [
            "Contoso.Hello",
            "Contoso.Hello-",
            "-1.0",
            "Contoso.Hello-x",
            "Contoso.Hello-1.0-rc1",
        ] {
            assert!(HandlerIdentity::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn package_files_name_an_identity_in_two_ways() {
        for file in ["Contoso.Hello-1.0.zip", "Contoso.Hello__1.0.zip"] {
            assert_eq!(
                HandlerIdentity::from_zip_name(file).unwrap().to_string(),
                "Contoso.Hello-1.0",
                "{file}"
            );
        }
        assert_eq!(
            HandlerIdentity::from_zip_name("A.b__c-2.zip").unwrap().to_string(),
            "A.b__c-2"
        );
        assert!(HandlerIdentity::from_zip_name("Contoso.Hello-1.0.ZIP").is_err());
    }
}
