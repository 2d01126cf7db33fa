//! A goal state: where it came from, what is in it, and in which order it is carried out (contract 8.2).

mod order;

pub use order::{EntryOutcome, Gate, Item, work_items};

use hostler_contract::{Checked, Finding, Refused, Source, VmSettings};
use hostler_fetch::Location;
use hostler_package::PackageDigest;

/// A goal state that was read.
#[derive(Debug)]
pub struct GoalState {
    /// Where it came from; what it names is relative to it.
    pub source: Location,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it says.
    pub settings: VmSettings,
    /// What is odd about it.
    pub warnings: Vec<Finding>,
}

impl GoalState {
    /// Reads the goal state in `bytes`, which came from `source`.
    ///
    /// # Errors
    ///
    /// What is wrong with it as a whole; an entry that is wrong is a fault of its own ([`VmSettings::handlers`]).
    pub fn read(source: Location, bytes: &[u8]) -> Result<Self, Refused> {
        let Checked { value, warnings } = VmSettings::parse(Source::new(&source.file_name(), bytes))?;
        Ok(Self {
            source,
            digest: PackageDigest::of(bytes).to_string(),
            settings: value,
            warnings,
        })
    }

    /// Names of required features that this host does not have (contract 8.6).
    pub fn unsupported_features(&self) -> Vec<&str> {
        let required = self.settings.required_features.iter().map(String::as_str);
        required.filter(|name| !OFFERED.contains(name)).collect()
    }
}

/// The features that this host offers (contract 0). `FastTrack` is what the vmSettings form is called there.
const OFFERED: [&str; 1] = ["FastTrack"];
