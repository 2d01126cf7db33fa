//! A goal state in the vmSettings form: JSON from the host plugin (contract 4.2).
//!
//! Keys are looked up without regard to case. A violation of the form refuses the whole document, as in the agent;
//! settings whose text cannot be used are a fault of that one handler and are kept as such, so that they stop no other.

mod fields;
mod parse;

use crate::{ExtensionName, HandlerName, Refused, SequenceNumber, Settings, Version};

/// Most bytes of a goal state that are read.
pub const MAX_VM_SETTINGS_BYTES: usize = 4 * 1024 * 1024;

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
    /// `extensionGoalStates`: the handlers in the order of the document.
    pub handlers: Vec<HandlerGoalState>,
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
