//! Which versions machines of a region can be given.

use hostler_contract::ExtensionImage;
use hostler_contract::{Source, Version as Number};

use crate::records::{Regions, Version, VersionState, Visibility};
use crate::versions::Candidate;

/// The candidates among the versions on record: those whose packages can be read, public where they are public in
/// `region`; in every region where none is named.
pub fn offered(versions: &[Version], region: Option<&str>) -> Vec<Candidate> {
    let available = versions
        .iter()
        .filter(|version| version.state == VersionState::Available);
    let candidates = available.filter_map(|version| {
        Some(Candidate {
            version: Number::parse(&version.version).ok()?,
            internal: version.visibility != Visibility::Public || !is_for(&version.regions, region),
            disallow_major_version_upgrade: disallows_major(&version.definition),
        })
    });
    candidates.collect()
}

fn is_for(regions: &Regions, region: Option<&str>) -> bool {
    match (regions, region) {
        (Regions::Only(names), Some(region)) => {
            let same = |name: &String| hostler_contract::definition::same_region(name, region);
            names.iter().any(same)
        }
        _ => true,
    }
}

fn disallows_major(definition: &str) -> bool {
    // Most say nothing of it, and reading a whole definition for that takes much longer than looking for the word.
    definition.contains("DisallowMajorVersionUpgrade")
        && ExtensionImage::parse(Source::new("record", definition.as_bytes()))
            .is_ok_and(|read| read.value.disallow_major_version_upgrade == Some(true))
}
