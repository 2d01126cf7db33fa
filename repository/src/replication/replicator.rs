//! All regions of a version, again and again until each has it.

use futures_util::stream::{self, StreamExt as _};

use super::copy;
use crate::published::{PublishError, Publisher, package_name};
use crate::records::{Records, RecordsError, RegionState, RegionStatus, Version, VersionState};
use crate::stores::{Packages, Region, StoreError};

/// Most regions that are copied to at once; each takes some 10 MiB of memory.
const AT_ONCE: usize = 4;
/// Copies for new regions that are looked at in one round.
const ROUND: u32 = 100;

/// How far a version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replicated {
    /// Every region has it.
    Everywhere,
    /// Some region does not.
    Waiting {
        /// When the next attempt may be made, in milliseconds since 1970.
        not_before_ms: i64,
        /// What the last attempt failed of, in which region.
        why: String,
    },
}

/// Copies packages to regions.
#[derive(Debug, Clone)]
pub struct Replicator {
    records: Records,
    packages: Packages,
    publisher: Publisher,
}

impl Replicator {
    /// A replicator from `packages` to the regions of `publisher`.
    pub fn new(records: Records, packages: Packages, publisher: Publisher) -> Self {
        Self {
            records,
            packages,
            publisher,
        }
    }

    /// Copies `version` to every region that does not have it and whose pause is over.
    ///
    /// # Errors
    /// When the records fail. What a store says stands in the region's record.
    pub async fn replicate(&self, version: &Version) -> Result<Replicated, RecordsError> {
        let states = self.records.region_states(&version.id).await?;
        let now_ms = self.records.surroundings().now_ms();
        let due = states
            .iter()
            .filter(|state| state.status != RegionStatus::Completed && state.not_before_ms <= now_ms);
        let copies: Vec<_> = due
            .filter_map(|state| Some((state.clone(), self.publisher.regions().find(&state.region)?)))
            .map(|(state, region)| self.copy_to(version, region, state))
            .collect();
        let mut copies = stream::iter(copies).buffer_unordered(AT_ONCE);
        while let Some(copied) = copies.next().await {
            copied?;
        }
        Ok(progress(&self.records.region_states(&version.id).await?))
    }

    /// Copies one version to one region, and writes down how that went.
    async fn copy_to(&self, version: &Version, region: &Region, state: RegionState) -> Result<bool, RecordsError> {
        let begun = RegionState {
            status: RegionStatus::InProgress,
            attempts: state.attempts.saturating_add(1),
            error: None,
            ..state
        };
        self.records.set_region_state(&begun).await?;
        let ended = match copy(&self.packages, region, version).await {
            Ok(()) => RegionState {
                status: RegionStatus::Completed,
                ..begun
            },
            Err(error) => {
                let surroundings = self.records.surroundings();
                let pause = surroundings.replication_pause(begun.attempts).as_millis();
                tracing::warn!(region = region.name.short(), version = version.id, %error, "a package was not copied");
                RegionState {
                    status: RegionStatus::Failed,
                    not_before_ms: surroundings
                        .now_ms()
                        .saturating_add(i64::try_from(pause).unwrap_or(i64::MAX)),
                    error: Some(error.to_string()),
                    ..begun
                }
            }
        };
        self.records.set_region_state(&ended).await?;
        Ok(ended.status == RegionStatus::Completed)
    }

    /// Copies what is available elsewhere to regions that came later, as far as it is due; how many copies were made. Versions
    /// that are not available yet belong to their operations.
    ///
    /// # Errors
    /// When the records fail, or what hosts fetch cannot be written.
    pub async fn catch_up(&self) -> Result<usize, PublishError> {
        let mut made = 0;
        for state in self.records.due_region_states(ROUND).await? {
            let Some(region) = self.publisher.regions().find(&state.region) else {
                continue;
            };
            let version = self.records.version(&state.version).await?;
            let Some(version) = version.filter(|version| version.state == VersionState::Available) else {
                continue;
            };
            if self.copy_to(&version, region, state).await? {
                self.publisher
                    .publish(&version.namespace, &version.extension_type)
                    .await?;
                made += 1;
            }
        }
        Ok(made)
    }

    /// Removes the package `sha256` of a version that no record and no manifest names any more, from every region, and
    /// from where packages are kept unless something else has the same bytes.
    ///
    /// # Errors
    /// What a store says, after all were tried: the first one.
    pub async fn remove(
        &self,
        namespace: &str,
        extension_type: &str,
        version: &str,
        sha256: &str,
    ) -> Result<(), PublishError> {
        let name = package_name(namespace, extension_type, version);
        let mut first: Result<(), StoreError> = Ok(());
        for region in self.publisher.regions().iter() {
            let removed = region.published.remove(&name).await;
            first = first.and(removed);
        }
        first?;
        let digest = sha256.parse();
        if let (Ok(digest), false) = (digest, self.records.is_package_used(sha256).await?) {
            self.packages.remove(digest).await?;
        }
        Ok(())
    }
}

fn progress(states: &[RegionState]) -> Replicated {
    let open: Vec<&RegionState> = states
        .iter()
        .filter(|state| state.status != RegionStatus::Completed)
        .collect();
    match open.iter().min_by_key(|state| state.not_before_ms) {
        None => Replicated::Everywhere,
        Some(next) => Replicated::Waiting {
            not_before_ms: next.not_before_ms,
            why: format!("{}: {}", next.region, next.error.as_deref().unwrap_or("not copied yet")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Replicated, progress};
    use crate::records::{RegionState, RegionStatus};

    fn state(region: &str, status: RegionStatus, not_before_ms: i64) -> RegionState {
        RegionState {
            version: "1".to_owned(),
            region: region.to_owned(),
            status,
            attempts: 1,
            not_before_ms,
            error: (status == RegionStatus::Failed).then(|| "no such container".to_owned()),
            changed_ms: 0,
        }
    }

    #[test]
    fn a_version_waits_for_its_slowest_region() {
        use RegionStatus::{Completed, Failed, Pending};
        assert_eq!(progress(&[state("a", Completed, 0)]), Replicated::Everywhere);
        let waiting = |not_before_ms, why: &str| Replicated::Waiting {
            not_before_ms,
            why: why.to_owned(),
        };
        let failed = [state("a", Completed, 0), state("b", Failed, 9), state("c", Failed, 7)];
        assert_eq!(progress(&failed), waiting(7, "c: no such container"));
        assert_eq!(progress(&[state("a", Pending, 0)]), waiting(0, "a: not copied yet"));
    }
}
