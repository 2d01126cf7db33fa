//! What is remembered of a handler.

use std::collections::BTreeSet;

use hostler_contract::{Command, ExtensionName, HandlerIdentity, HandlerName, SettingsName, Version};
use serde::{Deserialize, Serialize};

use crate::grants::Effective;
use crate::handler_dir::PackageRecord;
use crate::lifecycle::{Done, HandlerState, RollBack};

/// One version of a handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Which.
    pub version: Version,
    /// Its state.
    pub state: HandlerState,
    /// The package that is in place; `None` before it is.
    pub package: Option<PackageRecord>,
    /// The settings file that was written last.
    pub settings: Option<SettingsName>,
    /// The extensions that are enabled, for a handler with several (contract 2: `<X>.HandlerState`).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub extensions: BTreeSet<ExtensionName>,
}

/// How far a change of versions has come: kept until the new version is installed or the change has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateProgress {
    /// The version that is left.
    pub from: Version,
    /// The version that is to be.
    pub to: Version,
    /// What was done of it.
    pub done: Done,
    /// How far it has come beside that; `None` where it cannot be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll_back: Option<RollBack>,
}

/// An update that failed and was, or is to be, taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedUpdate {
    /// The version that it was to.
    pub version: Version,
    /// SHA-256 of its package, in hexadecimal; `None` where it was never in place.
    pub package: Option<String>,
    /// SHA-256 of the goal state that wanted it, in hexadecimal.
    pub goal_state: String,
    /// The contract's code of what failed.
    pub code: i32,
    /// What failed, for people.
    pub said: String,
    /// When, as a report writes times.
    pub since: String,
    /// Whether the same goal state tries it again: nothing of the new version ran, or the host is to blame.
    pub again: bool,
}

/// A command that was recorded before it was run and has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// Which.
    pub command: Command,
    /// Of which version.
    pub version: Version,
}

/// More than what is in force, that a handler waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaiting {
    /// The version that would get it.
    pub version: Version,
    /// Its name: of handler, package and grants together.
    pub digest: String,
    /// What it would get on top, for people.
    pub wider: Vec<String>,
    /// Since when.
    pub since: String,
}

/// What an operator approved and is not in force yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The version that may have it.
    pub version: Version,
    /// Its name, as it was awaited.
    pub digest: String,
    /// What it gets on top, for people.
    pub wider: Vec<String>,
    /// When it was approved.
    pub approved: String,
}

/// All that is remembered of a handler, but for its report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandlerRecord {
    /// Its versions, each once, the lowest first.
    pub versions: Vec<VersionRecord>,
    /// The change of versions that is under way.
    pub update: Option<UpdateProgress>,
    /// The command that is running, or was when the host was stopped.
    pub under_way: Option<UnderWay>,
    /// The update that failed last, where it is taken back; until another is tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedUpdate>,
    /// What is in force of grants: those that the version which counts as installed was last run with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Effective>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<Awaiting>,
    /// What was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
}

impl HandlerRecord {
    /// The state of `version`; `NotInstalled` for one that is not known.
    pub fn state(&self, version: &Version) -> HandlerState {
        self.version(version)
            .map_or(HandlerState::NotInstalled, |record| record.state)
    }

    /// What is known of `version`.
    pub fn version(&self, version: &Version) -> Option<&VersionRecord> {
        self.versions.iter().find(|record| record.version == *version)
    }

    /// The record of `version`, made if there is none.
    pub fn version_mut(&mut self, version: &Version) -> &mut VersionRecord {
        let at = match self.versions.binary_search_by(|record| record.version.cmp(version)) {
            Ok(at) => at,
            Err(at) => {
                let record = VersionRecord {
                    version: version.clone(),
                    state: HandlerState::NotInstalled,
                    package: None,
                    settings: None,
                    extensions: BTreeSet::new(),
                };
                self.versions.insert(at, record);
                at
            }
        };
        &mut self.versions[at]
    }

    /// Forgets `version`.
    pub fn forget(&mut self, version: &Version) {
        self.versions.retain(|record| record.version != *version);
    }

    /// The installed version: the highest that is neither `NotInstalled` nor `FailedUpgrade` (contract 7.3).
    pub fn installed(&self) -> Option<&VersionRecord> {
        self.versions.iter().rev().find(|record| record.state.is_installed())
    }

    /// The names of all versions' folders.
    pub fn identities(&self, name: &HandlerName) -> Vec<HandlerIdentity> {
        self.versions
            .iter()
            .map(|record| HandlerIdentity::new(name.clone(), record.version.clone()))
            .collect()
    }
}
