//! Paths of folders of the machine, as packages ask for them and policies allow them.
//!
//! Only a path in its one plain form is one, so that comparing texts is comparing folders, as long as no link is on the
//! way; whoever opens one has to see to that.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::IdentityError;

/// Longest path, in bytes.
const MAX_PATH: usize = 1024;

/// The absolute path of a folder: `/`, or names with one `/` before each of them, none of them `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderPath(String);

impl FolderPath {
    /// Reads a path.
    ///
    /// # Errors
    /// A relative path, one with `.`, `..`, `//` or a `/` at its end, with a control character, or of more than 1024
    /// bytes.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let wrong = |what: &str| {
            IdentityError::new(
                format!("`{}` is not a folder's path: {what}", crate::escape_bounded(text, 120)),
                "write the full path, for example /srv/app, without `.`, `..`, a doubled `/` or a `/` at its end",
            )
        };
        if text.len() > MAX_PATH {
            return Err(wrong("it is longer than 1024 bytes"));
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(wrong("it does not begin with `/`"));
        };
        if text.chars().any(char::is_control) {
            return Err(wrong("a control character is in it"));
        }
        if !rest.is_empty() {
            for name in rest.split('/') {
                match name {
                    "" => return Err(wrong("a name in it is empty")),
                    "." | ".." => return Err(wrong("`.` or `..` is in it")),
                    _ => {}
                }
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this folder or lies in it, by the paths.
    pub fn contains(&self, other: &Self) -> bool {
        let own = self.0.trim_end_matches('/');
        other
            .0
            .strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of the two is the other or lies in it.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for FolderPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FolderPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::FolderPath;

    fn path(text: &str) -> FolderPath {
        FolderPath::parse(text).unwrap()
    }

    #[test]
    fn only_the_plain_form_is_a_path() {
        for good in ["/", "/a", "/a/b.c", "/a b/...", "/é"] {
            assert_eq!(path(good).as_str(), good);
        }
        let long = format!("/{}", "a".repeat(1024));
        for bad in [
            "", "a", "a/b", "./a", "/.", "/..", "/a/", "//", "//a", "/a//b", "/a/./b", "/a/../b", "/a/..", "/a\n",
            "/a\0b", "\\a", "~", "C:/a", &long,
        ] {
            assert!(FolderPath::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_folder_contains_itself_and_what_lies_below_it() {
        for (outer, inner, contained) in [
            ("/a", "/a", true),
            ("/a", "/a/b", true),
            ("/", "/", true),
            ("/", "/a", true),
            ("/a", "/ab", false),
            ("/a/b", "/a", false),
            ("/a", "/b/a", false),
            ("/a", "/", false),
        ] {
            assert_eq!(path(outer).contains(&path(inner)), contained, "{outer} {inner}");
        }
        assert!(path("/a/b").overlaps(&path("/a")) && !path("/a/b").overlaps(&path("/a/c")));
    }
}
