//! Where in a document a value lies, as findings show it.

use std::fmt;

/// A path such as `$[0].handlerManifest.enableCommand`, built while going down a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(String);

impl JsonPath {
    /// The document itself.
    pub fn root() -> Self {
        Self("$".to_owned())
    }

    /// A member of the object at this path. Keys that are not plain words are quoted.
    pub fn key(&self, key: &str) -> Self {
        let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        Self(if plain {
            format!("{}.{key}", self.0)
        } else {
            format!("{}['{key}']", self.0)
        })
    }

    /// An element of the array at this path, from 0.
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place that a finding gives.
    pub fn place(&self) -> crate::Place {
        crate::Place::Json(self.0.clone())
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
