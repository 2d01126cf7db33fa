//! The index of a region: from what lies there to the signed file.

use std::collections::BTreeMap;
use std::time::Duration;

use hostler_contract::repository_index::{INDEX_KIND, IndexedFile};
use hostler_contract::{RepositoryIndex, SignedIndex};

use super::IndexKey;
use crate::stores::Written;

/// How long an index holds unless the operator says otherwise: a week. A server signs a new one when a third of that is
/// over.
pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// What an index is to say.
#[derive(Debug, Clone, Default)]
pub struct IndexPlan {
    /// What each manifest may be.
    files: BTreeMap<String, Vec<IndexedFile>>,
}

impl IndexPlan {
    /// The plan that goes on from an index that lies there.
    pub fn of(index: Option<&RepositoryIndex>) -> Self {
        Self {
            files: index.map(|index| index.files.clone()).unwrap_or_default(),
        }
    }

    /// From now on `name` is `written`.
    pub fn lists(&mut self, name: &str, written: Written) {
        self.files.insert(name.to_owned(), vec![indexed(written)]);
    }

    /// From now on `name` may be `written` as well: it is about to be replaced.
    pub fn also_lists(&mut self, name: &str, written: Written) {
        let files = self.files.entry(name.to_owned()).or_default();
        let new = indexed(written);
        if !files.contains(&new) {
            files.push(new);
        }
    }

    /// Whether `name` is `written`, and nothing else.
    pub fn lists_only(&self, name: &str, written: Written) -> bool {
        self.files.get(name).is_some_and(|files| *files == [indexed(written)])
    }

    /// Whether this says the same as `index` does.
    pub fn is_said_by(&self, index: &RepositoryIndex) -> bool {
        self.files == index.files
    }

    /// The index as a file, signed with all of `keys`. `expires` is in seconds since 1970.
    pub fn sign(&self, repository: &str, region: &str, version: u64, expires: i64, keys: &[IndexKey]) -> SignedIndex {
        let index = RepositoryIndex {
            kind: INDEX_KIND.to_owned(),
            repository: repository.to_owned(),
            region: region.to_owned(),
            version,
            expires,
            files: self.files.clone(),
        };
        let signed = index.to_signed_text();
        SignedIndex {
            signatures: keys.iter().map(|key| key.sign(&signed)).collect(),
            signed,
        }
    }
}

fn indexed(written: Written) -> IndexedFile {
    IndexedFile {
        sha256: written.digest.to_string(),
        size: written.size,
    }
}

#[cfg(test)]
mod tests {
    use hostler_package::PackageDigest;

    use super::IndexPlan;
    use crate::stores::Written;

    #[test]
    fn while_a_manifest_is_replaced_both_are_listed() {
        let written = |bytes: &[u8]| Written {
            size: bytes.len() as u64,
            digest: PackageDigest::of(bytes),
        };
        let sizes = |plan: &IndexPlan| plan.sign("r", "w", 1, 2, &[]).content("i").unwrap().files;
        let count = |plan: &IndexPlan| sizes(plan).get("m").map_or(0, Vec::len);
        let mut plan = IndexPlan::default();
        plan.also_lists("m", written(b"old"));
        plan.also_lists("m", written(b"old"));
        assert_eq!(count(&plan), 1);
        plan.also_lists("m", written(b"new"));
        assert_eq!(count(&plan), 2);
        plan.lists("m", written(b"new"));
        assert_eq!(count(&plan), 1);
        assert!(plan.lists_only("m", written(b"new")) && !plan.lists_only("m", written(b"old")));
    }
}
