//! Looking a version manifest up in the signed index beside it.

use hostler_contract::repository_index::{INDEX_FILE, MAX_INDEX_BYTES};
use hostler_contract::{Finding, Place, Refused, codes};
use hostler_fetch::{FetchLimits, Fetched, Fetcher, Location};
use time::OffsetDateTime;

use super::resolve::BUDGET;
use crate::repository::{RepositoryKeys, SeenIndex, judge};
use crate::state::{Kind, Store, Write};

/// What it takes to do so: keys, what was seen before, and a way to fetch.
pub(super) struct IndexCheck<'a> {
    keys: &'a RepositoryKeys,
    store: &'a mut Store,
    fetcher: &'a Fetcher,
}

impl<'a> IndexCheck<'a> {
    pub(super) fn new(keys: &'a RepositoryKeys, store: &'a mut Store, fetcher: &'a Fetcher) -> Self {
        Self { keys, store, fetcher }
    }

    /// Refuses `manifest`, which was fetched, unless the index in the same place lists it as it is. What was seen of an index
    /// that holds is remembered before anything is made of it.
    pub(super) fn check(&mut self, manifest: &Fetched) -> Result<(), Refused> {
        let place = beside(&manifest.location)?;
        let limits = FetchLimits {
            budget: BUDGET,
            ..FetchLimits::of(MAX_INDEX_BYTES as u64)
        };
        let fetched = self
            .fetcher
            .fetch(&place, limits)
            .map_err(|error| Refused::new(error.finding()))?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut unread = None;
        let judged = judge(&fetched.bytes, self.keys, now, |key| {
            let seen = self.store.get::<SeenIndex>(Kind::Index, key);
            seen.unwrap_or_else(|error| {
                unread = Some(error);
                None
            })
        })?;
        // Without what was seen before, an old index could not be told.
        if let Some(error) = unread {
            return Err(not_remembered(&error));
        }
        let (key, seen) = judged.seen();
        let write = Write::put(Kind::Index, &key, &seen).map_err(|error| not_remembered(&error))?;
        self.store.commit(&[write]).map_err(|error| not_remembered(&error))?;
        judged.lists(
            &manifest.location.file_name(),
            manifest.bytes.len() as u64,
            manifest.sha256,
        )
    }
}

/// The index of the folder that a manifest lies in. Where a query gives access to that, it does to the index as well.
fn beside(manifest: &Location) -> Result<Location, Refused> {
    let exact = manifest.exact();
    let query = exact.split_once('?').map(|(_, query)| query);
    let name = match query {
        Some(query) if manifest.is_remote() => format!("{INDEX_FILE}?{query}"),
        _ => INDEX_FILE.to_owned(),
    };
    Location::parse(&name, Some(manifest)).map_err(|error| error.finding(INDEX_FILE, Place::Whole).into())
}

fn not_remembered(error: &dyn std::error::Error) -> Refused {
    let what = format!("what was seen of it cannot be remembered: {error}");
    let hint = "look at the disk of this machine; without it an old index could not be told";
    Finding::refusal(codes::HOST_IO, INDEX_FILE, Place::Whole, what, hint).into()
}

#[cfg(test)]
mod tests {
    use hostler_fetch::Location;

    use super::beside;

    #[test]
    fn the_index_lies_beside_the_manifest() {
        for (manifest, index) in [
            ("https://h/p/west/m.xml", "https://h/p/west/hostler-index.json"),
            (
                "https://h/m.xml?sig=a%2Fb&x=1",
                "https://h/hostler-index.json?sig=a%2Fb&x=1",
            ),
            ("/mnt/west/m.xml", "file:///mnt/west/hostler-index.json"),
        ] {
            let manifest = Location::parse(manifest, None).unwrap();
            assert_eq!(beside(&manifest).unwrap().exact(), index);
        }
    }
}
