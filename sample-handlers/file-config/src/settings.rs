//! The settings: which files there should be, and what is in them. Files whose content is confidential stand in the
//! protected settings, in the same form.
//!
//! Checked as a whole when they are read, so that nothing is touched for settings that contradict themselves.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::file_path::FilePath;

/// The files that should be there, by path.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Given")]
pub(crate) struct Settings {
    pub(crate) files: BTreeMap<FilePath, String>,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    files: Vec<GivenFile>,
}

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenFile {
    path: FilePath,
    content: String,
}

impl Settings {
    /// Adds those of `others`.
    ///
    /// # Errors
    /// A path is in both, or a file of one is a folder of the other; only the path is named.
    pub(crate) fn with(mut self, others: &Self) -> Result<Self, String> {
        for (path, content) in &others.files {
            self.add(path.clone(), content.clone())?;
        }
        self.checked()
    }

    fn add(&mut self, path: FilePath, content: String) -> Result<(), String> {
        if self.files.contains_key(&path) {
            return Err(format!("the path {:?} is named twice", path.as_str()));
        }
        self.files.insert(path, content);
        Ok(())
    }

    fn checked(self) -> Result<Self, String> {
        for path in self.files.keys() {
            for parent in path.parents() {
                if self.files.keys().any(|other| other.as_str() == parent) {
                    return Err(format!(
                        "{parent:?} is named as a file and, in {:?}, as a folder",
                        path.as_str()
                    ));
                }
            }
        }
        Ok(self)
    }
}

impl TryFrom<Given> for Settings {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let mut settings = Self { files: BTreeMap::new() };
        for GivenFile { path, content } in given.files {
            settings.add(path, content)?;
        }
        settings.checked()
    }
}
