//! The agent's status document: what a host reports to the cloud (contract 9.1).
//!
//! Plain types in the order of their keys, for a host to fill and `serde_json` to write. What is `None` is left out,
//! as the agent does it. The document and each handler's entry have one key more, `hostler`, for what the contract has
//! no place for.

use serde::Serialize;

use crate::{ExtensionName, ExtensionStatus, HandlerName, SequenceNumber, StatusKind, Substatus, json::Node};

/// Language of all texts of a report.
const LANG: &str = "en-US";

/// The whole document. `H` is what hostler adds to a handler, `R` what it adds to the document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report<H, R> {
    /// Version of the document's format.
    pub version: &'static str,
    /// When it was made, as [`crate::status::timestamp`] writes it.
    #[serde(rename = "timestampUTC")]
    pub timestamp_utc: String,
    /// The status of everything.
    pub aggregate_status: AggregateStatus<H>,
    /// The machine.
    #[serde(rename = "guestOSInfo")]
    pub guest_os_info: GuestOsInfo,
    /// What the host can do, for the cloud to know.
    pub supported_features: Vec<SupportedFeature>,
    /// What hostler adds, the last key; left out when there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostler: Option<R>,
}

impl<H, R> Report<H, R> {
    /// Version of the format that is written.
    pub const VERSION: &'static str = "1.1";
}

/// The status of everything that is reported.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregateStatus<H> {
    /// The host itself.
    pub guest_agent_status: GuestAgentStatus,
    /// One entry for every reported extension, or one for a handler without any.
    pub handler_aggregate_status: Vec<HandlerStatus<H>>,
    /// The goal state as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_artifacts_aggregate_status: Option<VmArtifactsStatus>,
}

/// A text with its language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormattedMessage {
    /// Always `en-US`.
    pub lang: &'static str,
    /// The text, or null.
    pub message: Option<String>,
}

impl FormattedMessage {
    /// A text that may be missing.
    pub fn new(message: Option<String>) -> Self {
        Self { lang: LANG, message }
    }
}

/// The host itself.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestAgentStatus {
    /// The host's version.
    pub version: String,
    /// `Ready`, as long as it can report at all.
    pub status: String,
    /// For people.
    pub formatted_message: FormattedMessage,
}

/// One handler, with at most one extension of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlerStatus<H> {
    /// The version that the goal state came to; for an entry that cannot be used the text that was given, maybe none.
    pub handler_version: String,
    /// `Publisher.Type`.
    pub handler_name: HandlerName,
    /// `Ready`, `NotReady`, `Unresponsive`, or the word of a heartbeat.
    pub status: String,
    /// The contract's error code (contract 0); 0 for none.
    pub code: i32,
    /// Whether the version was asked for exactly; always true.
    pub use_exact_version: bool,
    /// For people; left out when there is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted_message: Option<FormattedMessage>,
    /// The extension, if there is a status of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_settings_status: Option<RuntimeSettingsStatus>,
    /// What hostler adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostler: Option<H>,
}

/// The status of the extension that settings made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeSettingsStatus {
    /// The status and its time.
    pub settings_status: SettingsStatus,
    /// Which settings.
    pub sequence_number: SequenceNumber,
    /// Which extension, for handlers with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_name: Option<ExtensionName>,
}

/// An extension's status and when it was reported.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsStatus {
    /// What the extension says.
    pub status: ReportedStatus,
    /// Always 1.0.
    pub version: f32,
    /// When it was reported, as [`crate::status::timestamp`] writes it.
    #[serde(rename = "timestampUTC")]
    pub timestamp_utc: String,
}

impl SettingsStatus {
    /// What the extension `name` says, reported at `timestamp_utc`; `None` for one that has nothing to say.
    pub fn new(name: &str, status: Option<&ExtensionStatus>, timestamp_utc: String) -> Self {
        Self {
            status: ReportedStatus::new(name, status),
            version: 1.0,
            timestamp_utc,
        }
    }
}

/// What an extension says, as it is reported.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedStatus {
    /// The extension's name, or the handler's.
    pub name: String,
    /// As it was written, or null.
    pub configuration_applied_time: Node,
    /// As it was written, or null.
    pub operation: Node,
    /// The word, or null when there is nothing to say.
    pub status: Option<StatusKind>,
    /// With the type it was written with, or null.
    pub code: Node,
    /// For people; always there.
    pub formatted_message: FormattedMessage,
    /// The parts; left out when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub substatus: Vec<ReportedSubstatus>,
}

impl ReportedStatus {
    fn new(name: &str, status: Option<&ExtensionStatus>) -> Self {
        let node = |of: fn(&ExtensionStatus) -> &Node| status.map_or_else(Node::null, |status| of(status).clone());
        Self {
            name: name.to_owned(),
            configuration_applied_time: node(|status| &status.configuration_applied_time),
            operation: node(|status| &status.operation),
            status: status.map(|status| status.kind),
            code: node(|status| &status.code),
            formatted_message: FormattedMessage::new(status.and_then(|status| status.message.clone())),
            substatus: status.map_or_else(Vec::new, |s| s.substatus.iter().map(ReportedSubstatus::from).collect()),
        }
    }
}

/// One part of an operation, as it is reported.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedSubstatus {
    /// As it was written, or null.
    pub name: Node,
    /// The word.
    pub status: StatusKind,
    /// With the type it was written with.
    pub code: Node,
    /// For people.
    pub formatted_message: FormattedMessage,
}

impl From<&Substatus> for ReportedSubstatus {
    fn from(part: &Substatus) -> Self {
        Self {
            name: part.name.clone(),
            status: part.kind,
            code: part.code.clone(),
            formatted_message: FormattedMessage::new(part.message.clone()),
        }
    }
}

/// The goal state as a whole.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VmArtifactsStatus {
    /// The goal state as a whole.
    pub goal_state_aggregate_status: GoalStateStatus,
}

/// How processing the last goal state went; handlers that failed do not count.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GoalStateStatus {
    /// For people.
    pub formatted_message: FormattedMessage,
    /// When it was processed, as [`crate::status::timestamp`] writes it.
    #[serde(rename = "timestampUTC")]
    pub timestamp_utc: String,
    /// Which goal state it was.
    pub in_svd_seq_no: String,
    /// Whether it could be processed.
    pub status: GoalStateOutcome,
    /// 0, or a code of contract 0.
    pub code: i32,
}

/// Whether a goal state could be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum GoalStateOutcome {
    /// It was.
    Success,
    /// It was not.
    Failed,
}

/// The machine.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestOsInfo {
    /// Its host name.
    pub computer_name: String,
    /// Name of the system's distribution.
    pub os_name: String,
    /// Version of the distribution.
    pub os_version: String,
    /// The host's version.
    pub version: String,
}

/// Something that the host can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SupportedFeature {
    /// Its name.
    pub key: String,
    /// Its version, `1.0`.
    pub value: String,
}
