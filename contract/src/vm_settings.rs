//! A goal state in the vmSettings form: JSON from the host plugin (contract 4.2).
//!
//! Keys are looked up without regard to case. What is wrong inside the entry of one handler is a fault of that entry,
//! and settings whose text cannot be used are one of that extension; both are kept as such, so that they stop no other
//! handler. The agent drops the whole goal state for most of them (quirk 2 of contract 15, design 6).

mod entry;
mod fields;
mod parse;

use crate::{ExtensionName, HandlerName, Refused, SequenceNumber, Settings, Version};

/// Most bytes of a goal state that are read.
pub const MAX_VM_SETTINGS_BYTES: usize = 4 * 1024 * 1024;
/// Most elements of `extensionGoalStates`; a machine has some dozens at most.
pub const MAX_VM_SETTINGS_ENTRIES: usize = 1000;

/// A goal state.
#[derive(Debug, Clone, PartialEq)]
pub struct VmSettings {
    /// `inSvdSeqNo` as text, if there is one.
    pub in_svd_seq_no: Option<String>,
    /// `activityId`, if there is one.
    pub activity_id: Option<String>,
    /// `correlationId`, if there is one.
    pub correlation_id: Option<String>,
    /// `extensionGoalStatesSource`, if there is one: `Fabric` or `FastTrack`.
    pub source: Option<String>,
    /// `onHold`: nothing is to be carried out for now; false by default.
    pub on_hold: bool,
    /// `requiredFeatures`: names of what a host has to be able to do.
    pub required_features: Vec<String>,
    /// `extensionGoalStates`: the handlers in the order of the document, with those entries that cannot be used.
    pub handlers: Vec<Result<HandlerGoalState, BadEntry>>,
}

impl VmSettings {
    /// Whether an entry does not say which handler it is for. What is missing from such a goal state cannot be told, so
    /// nothing should be removed because of it.
    pub fn entries_without_name(&self) -> bool {
        self.bad_entries().any(|bad| bad.name.is_none())
    }

    /// The entries that cannot be used, in the order of the document.
    pub fn bad_entries(&self) -> impl Iterator<Item = &BadEntry> {
        self.handlers.iter().filter_map(|entry| entry.as_ref().err())
    }
}

/// An element of `extensionGoalStates` that cannot be used, with what is known of its handler.
#[derive(Debug, Clone, PartialEq)]
pub struct BadEntry {
    /// `name`, unless it is missing or none.
    pub name: Option<HandlerName>,
    /// `version` as the text that was given, escaped and at most some 80 bytes long; empty when there is none.
    pub version: String,
    /// Why the entry cannot be used; places are those in the whole document. Once the findings about entries are more
    /// than 200, of each further one only the first refusal.
    pub refused: Refused,
}

/// What a goal state wants of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestedState {
    /// `enabled`
    Enabled,
    /// `disabled`
    Disabled,
    /// `uninstall`
    Uninstall,
}

impl RequestedState {
    /// The word in a goal state.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Uninstall => "uninstall",
        }
    }

    /// The state with exactly this lower-case word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled, Self::Uninstall]
            .into_iter()
            .find(|state| state.name() == word)
    }
}

/// One handler of a goal state.
#[derive(Debug, Clone, PartialEq)]
pub struct HandlerGoalState {
    /// `name`
    pub name: HandlerName,
    /// `version`
    pub version: Version,
    /// `state`
    pub state: RequestedState,
    /// `isMultiConfig`: whether the handler has several extensions; false by default.
    pub is_multi_config: bool,
    /// `location`, `failoverLocation` and `additionalLocations`, those that are not empty: where version manifests lie.
    pub locations: Vec<String>,
    /// `encodedSignature`: the package's signature in base64, unless empty.
    pub encoded_signature: Option<String>,
    /// `settings`, one for each extension; none for a handler without settings.
    pub settings: Vec<ExtensionGoalState>,
}

/// One extension of a handler, and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionGoalState {
    /// `extensionName`, for handlers with several.
    pub extension: Option<ExtensionName>,
    /// `seqNo`, or `settingsSeqNo` for handlers with a single one.
    pub number: SequenceNumber,
    /// `extensionState`; for handlers with a single one the handler's state.
    pub state: RequestedState,
    /// `dependencyLevel`: lower ones go first; 0 by default (contract 8.2).
    pub dependency_level: i64,
    /// The settings, or why they cannot be used.
    pub settings: Result<Settings, Refused>,
}
