//! Copying what hosts of a region fetch to another place: a mirror, a medium for a network without another way in.
//!
//! Everything is checked on its way. Packages come first, then the manifests that name them, the index last, so that
//! hosts may fetch from the place at any time; it can be told again and again, and copies what is new.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use hostler_contract::repository_index::{INDEX_FILE, MAX_INDEX_BYTES};
use hostler_contract::version_manifest::MAX_VERSION_MANIFEST_BYTES;
use hostler_contract::{Refused, RepositoryIndex, SignedIndex, Source, VersionManifest};
use hostler_package::PackageDigest;

use super::is_published_name;
use super::key::is_signed;
use crate::stores::{Store, StoreError, Written};

/// How often it is begun anew when what is copied changes meanwhile.
const ROUNDS: usize = 5;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Packages that were copied.
    pub copied: usize,
    /// Packages that were there already.
    pub present: usize,
    /// Packages that no manifest names any more, and that were removed.
    pub removed: usize,
    /// Manifests.
    pub manifests: usize,
    /// The number of the index, if there is one.
    pub index: Option<u64>,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// One of the two places.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A manifest or an index that cannot be read.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is nothing of a repository.
    #[error("{0} holds no version manifest: name the folder of one region, such as STORE/published/westus")]
    Nothing(String),
    /// Something is not as it was to be.
    #[error("{file}: {what}")]
    Fault {
        /// Which file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// It changed again and again.
    #[error("what is to be copied changes faster than it can be read; try again")]
    Changing,
}

/// Copies what lies in `from`, the folder of a region, to `to`. With `keys`, the public keys that sign for the repository, nothing
/// is taken that is not in its index.
///
/// # Errors
/// Each [`MirrorError`]. What was copied so far does no harm, and the same call once more does the rest.
pub async fn mirror(from: &Store, to: &Store, keys: &[String]) -> Result<Mirrored, MirrorError> {
    let content = read(from, keys).await?;
    let mut done = Mirrored {
        manifests: content.manifests.len(),
        index: content.index.as_ref().map(|(_, index)| index.version),
        ..Mirrored::default()
    };
    for (name, expected) in &content.packages {
        if to.size_of(name).await? == Some(expected.size) && to.prove(name, *expected).await.is_ok() {
            done.present += 1;
            continue;
        }
        let package = from
            .read(name)
            .await?
            .ok_or_else(|| fault(name, "it is named, and is not there"))?;
        to.write(name, package.pieces, *expected).await?;
        done.copied += 1;
    }
    for (name, bytes) in &content.manifests {
        to.write_small(name, bytes.clone()).await?;
    }
    match content.index {
        Some((bytes, _)) => to.write_small(INDEX_FILE, bytes).await?,
        None => to.remove(INDEX_FILE).await?,
    }
    for (name, _) in to.names().await? {
        // What looks like a package of a repository; whatever else lies there is not ours.
        if name.contains("__") && !content.packages.contains_key(&name) && !content.manifests.contains_key(&name) {
            to.remove(&name).await?;
            done.removed += 1;
        }
    }
    Ok(done)
}

/// What is to be copied, as it was at one time.
#[derive(Default)]
struct Content {
    index: Option<(Bytes, RepositoryIndex)>,
    manifests: BTreeMap<String, Bytes>,
    packages: BTreeMap<String, Written>,
}

async fn read(from: &Store, keys: &[String]) -> Result<Content, MirrorError> {
    for _ in 0..ROUNDS {
        let before = from.read_small(INDEX_FILE, MAX_INDEX_BYTES as u64).await?;
        let content = read_once(from, before.clone(), keys).await;
        // A manifest that was replaced meanwhile is another than the index says; then the index was replaced as well.
        if from.read_small(INDEX_FILE, MAX_INDEX_BYTES as u64).await? == before {
            return content;
        }
    }
    Err(MirrorError::Changing)
}

async fn read_once(from: &Store, index: Option<Bytes>, keys: &[String]) -> Result<Content, MirrorError> {
    let mut content = Content::default();
    if let Some(bytes) = index {
        let signed = SignedIndex::parse(Source::new(INDEX_FILE, &bytes))?;
        if !keys.is_empty() && !is_signed(&signed, keys) {
            return Err(fault(INDEX_FILE, "no key that was told signed it"));
        }
        let index = signed.content(INDEX_FILE)?;
        content.index = Some((bytes, index));
    } else if !keys.is_empty() {
        return Err(fault(INDEX_FILE, "it is not there, and keys were told"));
    }
    let names: BTreeSet<String> = from.names().await?.into_iter().map(|(name, _)| name).collect();
    for name in names.iter().filter(|name| name.ends_with("_manifest.xml")) {
        let bytes = from.read_small(name, MAX_VERSION_MANIFEST_BYTES as u64).await?;
        let bytes = bytes.ok_or_else(|| fault(name, "it went away"))?;
        if let Some((_, index)) = &content.index {
            is_listed(index, name, &bytes)?;
        }
        let manifest = VersionManifest::parse(Source::new(name, &bytes))?.value;
        for version in manifest.versions {
            let package = version.uris.iter().find(|uri| is_published_name(uri));
            let (Some(package), Some(sha256), Some(size)) = (package, version.sha256, version.size) else {
                let what = format!(
                    "version {} has no place beside it with `sha256` and `size`",
                    version.version
                );
                return Err(fault(name, &what));
            };
            let digest = PackageDigest::from(sha256);
            content.packages.insert(package.clone(), Written { size, digest });
        }
        content.manifests.insert(name.clone(), bytes);
    }
    match content.manifests.is_empty() {
        true => Err(MirrorError::Nothing(from.to_string())),
        false => Ok(content),
    }
}

fn is_listed(index: &RepositoryIndex, name: &str, bytes: &[u8]) -> Result<(), MirrorError> {
    let digest = PackageDigest::of(bytes).to_string();
    let listed = index
        .files
        .get(name)
        .ok_or_else(|| fault(name, "the index does not list it"))?;
    match listed
        .iter()
        .any(|file| file.sha256 == digest && file.size == bytes.len() as u64)
    {
        true => Ok(()),
        false => Err(fault(name, "it is not what the index says")),
    }
}

fn fault(file: &str, what: &str) -> MirrorError {
    MirrorError::Fault {
        file: hostler_contract::escape_bounded(file, 300),
        what: what.to_owned(),
    }
}
