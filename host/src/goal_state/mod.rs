//! A goal state: where it came from, what is in it, and in which order it is carried out (contract 8.2).

mod follow;
mod order;

pub use follow::follow;
pub use order::{EntryOutcome, Gate, Item, Turn, work_items};

use hostler_contract::{
    Checked, DocumentKind, ExtensionsConfig, FabricGoalState, Finding, Place, Refused, Source, VmSettings, codes,
};
use hostler_fetch::Location;
use hostler_package::PackageDigest;

/// A goal state that was read.
#[derive(Debug, Clone)]
pub struct GoalState {
    /// Where it came from; what it names is relative to it.
    pub source: Location,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it says.
    pub settings: VmSettings,
    /// Where a document lies that may put it on hold, as it stands there (contract 8.6).
    artifacts_profile: Option<String>,
    /// What is odd about it.
    pub warnings: Vec<Finding>,
}

impl GoalState {
    /// Reads the goal state in `bytes`, which came from `source`: vmSettings or an ExtensionsConfig, told by its content.
    ///
    /// # Errors
    ///
    /// What is wrong with it as a whole; an entry that is wrong is a fault of its own ([`VmSettings::handlers`]). A goal
    /// state of the fabric is one of these errors: what it names is what can be read ([`follow`]).
    pub fn read(source: Location, bytes: &[u8]) -> Result<Self, Refused> {
        let file = source.file_name();
        let input = Source::new(&file, bytes);
        let (settings, artifacts_profile, warnings) = match DocumentKind::of_goal_state(bytes) {
            DocumentKind::GoalState => return Err(names_nothing(input)),
            DocumentKind::ExtensionsConfig => {
                let Checked { value, warnings } = ExtensionsConfig::parse(input)?;
                (value.settings, value.artifacts_profile, warnings)
            }
            _ => {
                let Checked { value, warnings } = VmSettings::parse(input)?;
                (value, None, warnings)
            }
        };
        Ok(Self {
            source,
            digest: PackageDigest::of(bytes).to_string(),
            settings,
            artifacts_profile,
            warnings,
        })
    }

    /// Names of required features that this host does not have (contract 8.6).
    pub fn unsupported_features(&self) -> Vec<&str> {
        let required = self.settings.required_features.iter().map(String::as_str);
        required.filter(|name| !OFFERED.contains(name)).collect()
    }
}

/// Why a goal state of the fabric cannot be carried out by itself.
fn names_nothing(input: Source<'_>) -> Refused {
    if let Err(refused) = FabricGoalState::parse(input) {
        return refused;
    }
    // The agent takes it for one without extensions, and removes them all.
    let what = "it names no `ExtensionsConfig`, so it says nothing about handlers";
    let hint = "give the ExtensionsConfig, or a goal state that names one";
    let place = Place::Xml("GoalState/Container".to_owned());
    Finding::refusal(codes::GOAL_STATE_SCHEMA, input.file, place, what, hint).into()
}

/// The features that this host offers (contract 0). `FastTrack` is what the vmSettings form is called there.
const OFFERED: [&str; 2] = ["MultipleExtensionsPerHandler", "FastTrack"];
