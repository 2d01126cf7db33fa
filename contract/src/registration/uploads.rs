//! `EnumerationResults`: the packages that a publisher has put into a repository, in the form of the storage service
//! that came before.

use super::{read, text_or_empty};
use crate::{Refused, Source};

/// A package that was put into a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedUpload {
    /// `Name`
    pub name: String,
    /// `Properties/Content-Length`, in bytes.
    pub size: Option<u64>,
    /// `Metadata/sha256`, where the repository says it.
    pub sha256: Option<String>,
    /// `Metadata/versions`: the versions that are made of these bytes.
    pub versions: Vec<String>,
}

/// A page of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedUploads {
    /// The packages, by name.
    pub uploads: Vec<ListedUpload>,
    /// `NextMarker`: what to ask for the next page with, unless this is the last one.
    pub next: Option<String>,
}

impl ListedUploads {
    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML, or not such a list.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let root = read(source, "EnumerationResults")?;
        let rows = root.children("Blobs").flat_map(|list| list.children("Blob"));
        let uploads = rows.map(|row| {
            let of = |group: &str, name: &str| row.child(group).and_then(|group| super::text(group, name));
            let versions = of("Metadata", "versions").unwrap_or_default();
            let versions = versions.split(';').map(str::trim).filter(|one| !one.is_empty());
            ListedUpload {
                name: text_or_empty(row, "Name"),
                size: of("Properties", "Content-Length").and_then(|size| size.parse().ok()),
                sha256: of("Metadata", "sha256"),
                versions: versions.map(str::to_owned).collect(),
            }
        });
        Ok(Self {
            uploads: uploads.collect(),
            next: super::text(&root, "NextMarker").filter(|marker| !marker.is_empty()),
        })
    }
}
