//! Which components a package has, beside their code: their digests, one after the other, under the package's.
//!
//! A hint and no more: nobody is believed anything by it, so it has no MAC.

use hostler_package::PackageDigest;

use super::{CacheError, CodeCache, PRIVATE, read_entry};
use crate::host_file::write_whole;

/// Length of a digest, in bytes.
const DIGEST: usize = 32;

/// Most components of which it is noted that a package has them: one for each command, and the service.
const MOST: usize = 6;

impl CodeCache {
    /// The components that `package` was noted to have, none where there is no note.
    pub(in crate::sandbox) fn components_of(&self, package: PackageDigest) -> Vec<[u8; DIGEST]> {
        let note = read_entry(&self.folder, &name(package), MOST * DIGEST);
        let bytes = note.ok().flatten().unwrap_or_default();
        if bytes.len() > MOST * DIGEST {
            return Vec::new();
        }
        bytes.as_chunks().0.to_vec()
    }

    /// Notes that `package` has `components`.
    pub(in crate::sandbox) fn note_components(
        &self,
        package: PackageDigest,
        components: &[[u8; DIGEST]],
    ) -> Result<(), CacheError> {
        write_whole(&self.folder, &name(package), &[components.as_flattened()], PRIVATE)
            .map_err(|error| self.error("a note of a package's components cannot be written", error))
    }
}

/// The note's name: one that goes as an entry does when the cache is full, and none of code, which has its engine's number
/// there.
fn name(package: PackageDigest) -> String {
    format!("{package}-{:016x}", 0)
}
