//! The components that a package had when it was opened before.
//!
//! Whoever opens it again gets their code ready meanwhile, and they need not be looked over before the package is put in
//! place: what is compiled was. None of that is relied upon. The package may turn out to hold other components; those are looked
//! over as ever, and compiled when they are needed.

use hostler_contract::Command;
use hostler_package::PackageDigest;

use super::code_cache::CodeCache;
use super::{PreparedPackage, Sandbox};

/// What a package is likely to hold.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// The components that the package had, by the SHA-256 of their bytes.
    noted: Vec<[u8; 32]>,
    /// Those of them whose code is at hand.
    at_hand: Vec<[u8; 32]>,
}

impl Foreseen {
    /// What is known of the package in `bytes`, with the code of its components taken to hand in `sandbox` from `cache`.
    pub fn of(bytes: &[u8], sandbox: &Sandbox, cache: &CodeCache) -> Self {
        let noted = cache.components_of(PackageDigest::of(bytes));
        let at_hand = noted.iter().filter(|digest| sandbox.take_to_hand(digest, cache));
        Self {
            at_hand: at_hand.copied().collect(),
            noted,
        }
    }

    /// Components that were looked over before they were compiled.
    pub(super) fn known(&self) -> &[[u8; 32]] {
        &self.at_hand
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
