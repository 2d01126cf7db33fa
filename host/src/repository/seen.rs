//! What is remembered of an index, so that an older one is known.

use serde::{Deserialize, Serialize};

/// The last index that was seen of one region of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenIndex {
    /// Its number.
    pub version: u64,
    /// SHA-256 of what was signed, in hexadecimal: there are no two indexes of one number.
    pub digest: String,
}

impl SeenIndex {
    /// The key of its record: the repository and the region as the index names them.
    pub fn key(repository: &str, region: &str) -> String {
        format!("{repository} {region}")
    }
}
