//! What is wanted of a handler, and what a transition to it came to.

use hostler_contract::{Finding, HandlerIdentity, HandlerName, Settings, SettingsName};

use super::place::InPlace;
use super::resolve::ResolvedVersion;
use crate::lifecycle::{Execution, HandlerState, Wanted};
use crate::report::HandlerVerdict;

/// What is wanted of a handler, as far as it is known before anything is done.
#[derive(Debug)]
pub(super) struct DesiredHandler<'a> {
    /// Whose.
    pub(super) name: HandlerName,
    /// What is wanted.
    pub(super) wanted: Wanted,
    /// The version that is to be, and where its package lies; only where it is to be in place.
    pub(super) offered: Option<ResolvedVersion>,
    /// Number and content of the settings.
    pub(super) settings: (SettingsName, Option<&'a Settings>),
    /// The settings of all extensions of a handler with several, this one's among them.
    pub(super) siblings: Vec<SettingsName>,
    /// SHA-256 of the goal state that wants it.
    pub(super) goal_state: String,
}

/// What a transition came to.
#[derive(Debug)]
pub(super) struct TransitionResult {
    /// The version that it was about.
    pub(super) target: HandlerIdentity,
    /// The state that it is in now.
    pub(super) state: HandlerState,
    /// What is reported of the handler; `None` where nothing was done about it.
    pub(super) verdict: Option<HandlerVerdict>,
    /// Why an extension of a handler with several was not enabled, where that is its own failure (contract 8.4).
    pub(super) extension: Option<HandlerVerdict>,
    /// The commands that ran.
    pub(super) executions: Vec<Execution>,
    /// What there is to say.
    pub(super) findings: Vec<Finding>,
    /// Whether the settings file was written.
    pub(super) settings_written: bool,
    /// Whether more was changed than what enable wrote.
    pub(super) changed: bool,
    /// Whether the handler is gone.
    pub(super) removed: bool,
    /// Whether a service of it runs on.
    pub(super) serves: bool,
    /// Whether the host failed, and not the handler.
    pub(super) host_failed: bool,
    /// Whether the change of versions failed and is to be taken back now.
    pub(super) goes_back: bool,
    /// The settings that are in force where those are not the goal state's, and whether they are reported.
    pub(super) own_settings: Option<(SettingsName, bool)>,
    /// What is in place of the target in the end, if the transition needed it.
    pub(super) in_place: Option<InPlace>,
}
