//! The public settings: which files there should be, and what is in them.
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

impl TryFrom<Given> for Settings {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for GivenFile { path, content } in given.files {
            if files.contains_key(&path) {
                return Err(format!("the path {:?} is named twice", path.as_str()));
            }
            files.insert(path, content);
        }
        for path in files.keys() {
            for parent in path.parents() {
                if files.keys().any(|other| other.as_str() == parent) {
                    return Err(format!(
                        "{parent:?} is named as a file and, in {:?}, as a folder",
                        path.as_str()
                    ));
                }
            }
        }
        Ok(Self { files })
    }
}
