//! What of a version's record its hosts are told.

use crate::records::{Regions, Version, VersionState, Visibility};
use crate::stores::{RegionName, Written};

/// A version whose package can be read in the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its version, as it was registered.
    pub version: String,
    /// Whether it is public in this region. One that is internal, or public elsewhere, is found by who asks for exactly it.
    pub public: bool,
    /// Whether it cannot be reached from another major version.
    pub disallow_major_version_upgrade: bool,
    /// Its package.
    pub package: Written,
}

impl Offered {
    /// What hosts of `region` are told of `version`; nothing before it is available, which it is in all regions at once.
    pub fn of(version: &Version, region: &RegionName) -> Option<Self> {
        if version.state != VersionState::Available {
            return None;
        }
        Some(Self {
            version: version.version.clone(),
            public: version.visibility == Visibility::Public && is_for(&version.regions, region),
            disallow_major_version_upgrade: disallows_major(&version.definition),
            package: Written {
                size: version.package_size,
                // The digest is written by this program; one that is none would offer nothing.
                digest: version.package_sha256.parse().ok()?,
            },
        })
    }
}

/// Whether a version with these regions is for `region`. One that says nothing of regions is for all of them.
fn is_for(regions: &Regions, region: &RegionName) -> bool {
    match regions {
        Regions::All | Regions::Absent => true,
        Regions::Only(names) => names
            .iter()
            .any(|name| name.parse().is_ok_and(|name: RegionName| name == *region)),
    }
}

/// Whether a definition in canonical form says so. In that form no text holds a `<` and no element an attribute but the
/// root, so that this finds the element and nothing else, for a tenth of what reading all of it takes.
fn disallows_major(definition: &str) -> bool {
    definition.contains("<DisallowMajorVersionUpgrade>true</DisallowMajorVersionUpgrade>")
}

#[cfg(test)]
mod tests {
    use hostler_package::PackageDigest;

    use super::Offered;
    use crate::records::{Regions, Version, VersionState, Visibility};

    fn version(state: VersionState, visibility: Visibility, regions: Regions) -> Version {
        Version {
            id: "1".to_owned(),
            namespace: "Contoso".to_owned(),
            extension_type: "Demo".to_owned(),
            version: "1.0".to_owned(),
            key: String::new(),
            subscription: "s".to_owned(),
            definition:
                "<ExtensionImage><DisallowMajorVersionUpgrade>true</DisallowMajorVersionUpgrade></ExtensionImage>"
                    .to_owned(),
            package_sha256: PackageDigest::of(b"").to_string(),
            package_size: 0,
            visibility,
            regions,
            state,
            published_ms: 0,
            changed_ms: 0,
            asks: None,
        }
    }

    /// check_15_9: outside of its slice a public version is as an internal one.
    #[test]
    fn who_is_offered_what() {
        use VersionState::{Available, Replicating};
        use Visibility::{Internal, Public};
        let slice = || Regions::Only(vec!["West US".to_owned(), "eastus".to_owned()]);
        for (state, visibility, regions, region, public) in [
            (Replicating, Public, Regions::All, "West US", None),
            (Available, Internal, Regions::All, "West US", Some(false)),
            (Available, Public, Regions::All, "West US", Some(true)),
            (Available, Public, Regions::Absent, "West US", Some(true)),
            (Available, Public, slice(), "WestUS", Some(true)),
            (Available, Public, slice(), "East US", Some(true)),
            (Available, Public, slice(), "North Europe", Some(false)),
        ] {
            let offered = Offered::of(&version(state, visibility, regions), &region.parse().unwrap());
            assert_eq!(offered.as_ref().map(|offered| offered.public), public, "{region}");
            assert!(offered.is_none_or(|offered| offered.disallow_major_version_upgrade));
        }
    }
}
