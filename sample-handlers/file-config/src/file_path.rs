//! Paths as settings may name them: below the folder of the files, whatever they are joined to.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Longest path, in bytes.
const LONGEST: usize = 512;

/// A path of plain names with `/` between them.
///
/// Never absolute, never with `.` or `..` in it, so that it cannot leave the folder that it is joined to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct FilePath(String);

impl FilePath {
    /// The path as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path for the file system, relative.
    pub(crate) fn to_path(&self) -> PathBuf {
        self.0.split('/').collect()
    }

    /// The folders on the way, outermost first: `a`, `a/b` for `a/b/c`.
    pub(crate) fn parents(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.match_indices('/').filter_map(|(at, _)| self.0.get(..at))
    }
}

impl TryFrom<String> for FilePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let what = if path.is_empty() {
            "is empty"
        } else if path.len() > LONGEST {
            "is longer than 512 bytes"
        } else if path.starts_with('/') {
            "is absolute; it should be relative to the folder of the files"
        } else if path.contains(['\\', ':']) || path.contains(char::is_control) {
            "has a backslash, a colon or a control character in it"
        } else if path.split('/').any(|part| part == "..") {
            "leaves the folder of the files"
        } else if path.split('/').any(|part| part.is_empty() || part == ".") {
            "has an empty or single-dot part in it"
        } else {
            return Ok(Self(path));
        };
        Err(format!("the path {path:?} {what}"))
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::FilePath;

    #[test]
    fn paths_that_could_leave_the_folder_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/../../b",
            ".",
            "./a",
            "a//b",
            "a/",
            "a\\..\\b",
            "C:/a",
            "a\0b",
            "a\nb",
        ] {
            assert!(FilePath::try_from(path.to_owned()).is_err(), "{path:?}");
        }
        assert!(FilePath::try_from("a".repeat(513)).is_err());
    }

    #[test]
    fn plain_paths_are_kept() {
        for path in ["a", "a/b.conf", "..a", "a../b", "a b/ü", ".hidden"] {
            assert_eq!(FilePath::try_from(path.to_owned()).unwrap().as_str(), path);
        }
        let path = FilePath::try_from("a/b/c".to_owned()).unwrap();
        assert_eq!(path.parents().collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
