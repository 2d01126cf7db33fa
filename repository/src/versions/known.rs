//! What is on record where something is decided.

use hostler_contract::{ExtensionImage, Version};

/// What is known of an extension, and of the subscription that wants something of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The definitions of all its versions, in any order.
    pub versions: Vec<ExtensionImage>,
    /// How many versions the subscription has, those in the making among them.
    pub versions_of_subscription: u64,
    /// How many it may have.
    pub quota: u64,
}

impl Known {
    /// The definition of a version, whichever way its number is written: `1.2` and `1.2.0.0` are the same.
    pub fn version(&self, version: &Version) -> Option<&ExtensionImage> {
        self.versions.iter().find(|known| known.version == *version)
    }
}
