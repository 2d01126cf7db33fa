//! The components that a package had when it was opened before.
//!
//! Whoever opens it again gets their code ready meanwhile, and they need not be looked over before the package is put in
//! place: what is compiled was. None of that is relied upon. The package may turn out to hold other components; those are looked
//! over as ever, and compiled when they are needed.

use std::sync::Arc;

use hostler_contract::Command;
use hostler_package::PackageDigest;

use super::code_cache::CodeCache;
use super::{PreparedPackage, Sandbox};

/// What a package is likely to hold.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// The components that the package had, by the SHA-256 of their bytes.
    noted: Vec<[u8; 32]>,
    cache: Option<Arc<CodeCache>>,
}

impl Foreseen {
    /// What `cache` has noted of the package in `bytes`.
    pub fn of(bytes: &[u8], cache: &Arc<CodeCache>) -> Self {
        Self {
            noted: cache.components_of(PackageDigest::of(bytes)),
            cache: Some(Arc::clone(cache)),
        }
    }

    /// The components that it is likely to hold. Anybody can have written that.
    pub(super) fn noted(&self) -> &[[u8; 32]] {
        &self.noted
    }

    /// Takes the code of these to hand in `sandbox`. Whether there is some of each: then each was looked over when it was
    /// compiled.
    pub(super) fn take_to_hand(&self, sandbox: &Sandbox) -> bool {
        let is_kept = |digest| {
            let cache = self.cache.as_deref();
            cache.is_some_and(|cache| sandbox.take_to_hand(digest, cache))
        };
        self.noted.iter().all(is_kept)
    }

    /// Notes in `cache` which components `package` turned out to have for `commands`, where that was not known.
    pub fn correct(&self, package: &PreparedPackage, commands: &[Command], cache: &CodeCache) {
        let components = package.components_of(commands);
        if self.noted != components
            // The next time is as slow as this one then.
            && let Err(error) = cache.note_components(package.digest(), &components)
        {
            tracing::warn!("{:#}", anyhow::Error::new(error));
        }
    }
}
