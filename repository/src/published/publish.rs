//! Writing what hosts fetch, so that it is what the records say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hostler_contract::repository_index::{INDEX_FILE, MAX_INDEX_BYTES};
use hostler_contract::version_manifest::MAX_VERSION_MANIFEST_BYTES;
use hostler_contract::{RepositoryIndex, SignedIndex, Source};
use hostler_package::PackageDigest;
use tokio::sync::Mutex;

use super::key::is_signed;
use super::{IndexKey, IndexPlan, KeyError, KeyFolder, Offered, manifest, manifest_name};
use crate::records::{Lock, Records, RecordsError};
use crate::stores::{Region, Regions, StoreError, Written};

/// How long a server waits for another one that writes in the same region.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks whether that one is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Extensions that are looked at in one turn.
const PART: usize = 50;

/// Why what hosts fetch was not written, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The keys that sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Another server writes in the region, and does not come to an end.
    #[error("another server has been writing what hosts of {0} fetch for too long")]
    Busy(String),
}

/// Writes what hosts fetch. Clones write in turns.
#[derive(Clone)]
pub struct Publisher {
    records: Records,
    regions: Regions,
    keys: KeyFolder,
    lifetime: Duration,
    server: String,
    repository: String,
    /// A turn for each region, and what this server wrote or found there last.
    turns: Arc<BTreeMap<String, Mutex<BTreeMap<String, Written>>>>,
}

impl Publisher {
    /// A publisher for the regions of a repository; `server` is the name of this one among those of one database, and
    /// `lifetime` how long an index holds.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn new(
        records: Records,
        regions: Regions,
        keys: KeyFolder,
        lifetime: Duration,
        server: String,
    ) -> Result<Self, PublishError> {
        // What hosts know the repository by goes with the database, wherever that is moved.
        let proposed = records.surroundings().id();
        let number = u64::from_str_radix(proposed.get(..15).unwrap_or_default(), 16).unwrap_or(1);
        let repository = format!("{:016x}", records.number_once("repository", number).await?);
        let turns = regions
            .iter()
            .map(|region| (region.name.short().to_owned(), Mutex::default()));
        Ok(Self {
            turns: Arc::new(turns.collect()),
            records,
            regions,
            keys,
            lifetime,
            server,
            repository,
        })
    }

    /// The regions that it writes to.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Writes the version manifests of one extension, in every region, and the indexes.
    ///
    /// # Errors
    /// Each [`PublishError`]. What was written so far stays, and the same call once more does the rest.
    pub async fn publish(&self, namespace: &str, type_name: &str) -> Result<(), PublishError> {
        let extension = [(namespace.to_owned(), type_name.to_owned())];
        for region in self.regions.iter() {
            self.settle(region, &extension, true).await?;
        }
        Ok(())
    }

    /// Writes everything that is not what the records say, and indexes of which a third of their time is over. With
    /// `look` every manifest is read; without, one that this server wrote, or read, is believed to be still there.
    ///
    /// A server does this when it starts, since it may have been killed between the records and the files, and now and then
    /// while it runs.
    ///
    /// # Errors
    /// Each [`PublishError`], after all regions were tried: the first one.
    pub async fn tend(&self, look: bool) -> Result<(), PublishError> {
        let extensions = self.records.extensions().await?;
        let mut first = Ok(());
        for region in self.regions.iter() {
            // The index is looked at also where there is nothing else.
            first = first.and(self.settle(region, &[], look).await);
            // In parts, so that an operation does not wait for all of it.
            for part in extensions.chunks(PART) {
                first = first.and(self.settle(region, part, look).await);
            }
        }
        first
    }

    async fn settle(&self, region: &Region, extensions: &[(String, String)], look: bool) -> Result<(), PublishError> {
        let short = region.name.short();
        let Some(turn) = self.turns.get(short) else {
            return Ok(());
        };
        let mut known = turn.lock().await;
        let lock = self.lock(region).await?;
        let settled = self.settle_alone(region, extensions, look, &mut known).await;
        // Where it cannot be given back it ends by itself.
        if let Err(error) = self.records.unlock(&lock).await {
            tracing::warn!(%error, region = short, "the lock of a region is not given back");
        }
        settled
    }

    /// Takes the right to write in a region: two servers that read the index, change it and write it would lose one change.
    async fn lock(&self, region: &Region) -> Result<Lock, PublishError> {
        let name = format!("published {}", region.name.short());
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(lock) = self.records.lock(&name, &self.server).await? {
                return Ok(lock);
            }
            if tokio::time::Instant::now() > end {
                return Err(PublishError::Busy(region.name.to_string()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn settle_alone(
        &self,
        region: &Region,
        asked: &[(String, String)],
        look: bool,
        known: &mut BTreeMap<String, Written>,
    ) -> Result<(), PublishError> {
        let keys = self.keys.keys()?;
        let there = match keys.is_empty() {
            true => None,
            false => self.index(region, &keys).await?,
        };
        let mut plan = IndexPlan::of(there.as_ref().map(|(index, _)| index));
        // An index that was lost, or is somebody else's, is made anew of everything.
        let all = match there.is_none() && !keys.is_empty() {
            true => self.records.extensions().await?,
            false => Vec::new(),
        };
        let mut changed = Vec::new();
        for (namespace, type_name) in asked
            .iter()
            .chain(all.iter().filter(|extension| !asked.contains(extension)))
        {
            let name = manifest_name(namespace, type_name, region.name.short());
            let text = self.text(region, namespace, type_name).await?;
            let new = written(text.as_bytes());
            let is_known = known.get(&name) == Some(&new) && (keys.is_empty() || plan.lists_only(&name, new));
            if !look && is_known {
                continue;
            }
            known.remove(&name);
            let old = region
                .published
                .read_small(&name, MAX_VERSION_MANIFEST_BYTES as u64)
                .await?;
            if old.as_deref() == Some(text.as_bytes()) {
                plan.lists(&name, new);
                known.insert(name, new);
                continue;
            }
            if let Some(old) = old {
                plan.also_lists(&name, written(&old));
            }
            plan.also_lists(&name, new);
            changed.push((name, text, new));
        }
        let holds = there.as_ref().is_some_and(|(index, signers)| {
            plan.is_said_by(index) && self.is_young(index) && *signers == signers_of(&keys)
        });
        let mut version = there.map_or(0, |(index, _)| index.version);
        if !keys.is_empty() && !holds {
            version = self.write_index(region, &plan, version, &keys).await?;
        }
        for (name, text, new) in &changed {
            region
                .published
                .write_small(name, Bytes::copy_from_slice(text.as_bytes()))
                .await?;
            known.insert(name.clone(), *new);
        }
        if !keys.is_empty() && !changed.is_empty() {
            changed.iter().for_each(|(name, _, new)| plan.lists(name, *new));
            self.write_index(region, &plan, version, &keys).await?;
        }
        Ok(())
    }

    /// The manifest of an extension as the records would have it.
    async fn text(&self, region: &Region, namespace: &str, type_name: &str) -> Result<String, PublishError> {
        let copied: BTreeSet<String> = self
            .records
            .copied_to(namespace, type_name, region.name.as_str())
            .await?;
        let versions = self.records.versions_of(namespace, type_name).await?;
        let offered = versions.iter().filter(|version| copied.contains(&version.id));
        let offered: Vec<Offered> = offered
            .filter_map(|version| Offered::of(version, &region.name))
            .collect();
        Ok(manifest(namespace, type_name, &offered, region.url.as_deref()))
    }

    /// The index that lies in a region, and who signed it, if it is one of ours.
    async fn index(
        &self,
        region: &Region,
        keys: &[IndexKey],
    ) -> Result<Option<(RepositoryIndex, BTreeSet<String>)>, PublishError> {
        let Some(bytes) = region.published.read_small(INDEX_FILE, MAX_INDEX_BYTES as u64).await? else {
            return Ok(None);
        };
        let Ok(signed) = SignedIndex::parse(Source::new(INDEX_FILE, &bytes)) else {
            return Ok(None);
        };
        let told: Vec<String> = keys.iter().map(IndexKey::public).collect();
        let ours = |index: &RepositoryIndex| index.repository == self.repository && index.region == region.name.short();
        let index = signed
            .content(INDEX_FILE)
            .ok()
            .filter(ours)
            .filter(|_| is_signed(&signed, &told));
        let signers = signed.signatures.into_iter().map(|by| by.key).collect();
        Ok(index.map(|index| (index, signers)))
    }

    /// Signs and writes an index; gives its number.
    async fn write_index(
        &self,
        region: &Region,
        plan: &IndexPlan,
        last: u64,
        keys: &[IndexKey],
    ) -> Result<u64, PublishError> {
        let now_ms = self.records.surroundings().now_ms();
        // By the clock, so that it also goes up from the last one where that was lost, or the records were restored.
        let version = last.saturating_add(1).max(now_ms.unsigned_abs());
        let expires = now_ms / 1000 + i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX / 2);
        let signed = plan.sign(&self.repository, region.name.short(), version, expires, keys);
        region
            .published
            .write_small(INDEX_FILE, signed.to_json().into())
            .await?;
        Ok(version)
    }

    /// Whether two thirds of an index's time are left.
    fn is_young(&self, index: &RepositoryIndex) -> bool {
        let left = index
            .expires
            .saturating_sub(self.records.surroundings().now_ms() / 1000);
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        left > lifetime / 3 * 2
    }
}

fn written(bytes: &[u8]) -> Written {
    Written {
        size: bytes.len() as u64,
        digest: PackageDigest::of(bytes),
    }
}

fn signers_of(keys: &[IndexKey]) -> BTreeSet<String> {
    keys.iter().map(IndexKey::public).collect()
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("server", &self.server)
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}
