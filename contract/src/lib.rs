//! The files and rules that a handler and an agent agree on.
//!
//! Types, parsing and validation only: this crate opens no file and knows no clock, and builds for wasm too,
//! so that a host, a handler and an author's tool all read the same document the same way.
//!
//! Every parser takes a [`Source`] (bytes and the name to report them under) and gives either a
//! [`Checked`] value with warnings or a [`Refused`] with at least one [`Finding`]. Section numbers in these docs
//! ("contract 4.2") are those of the handler contract described in `docs/contract.md`.

pub mod agent_code;
mod check;
mod code;
mod command;
pub mod definition;
mod environment;
pub mod event;
pub mod extensions_config;
mod finding;
pub mod goal_state;
pub mod heartbeat;
mod identity;
pub mod json;
pub mod manifest;
mod nearest;
mod notes;
mod redact;
pub mod registration;
pub mod report;
pub mod repository_index;
mod serialized;
mod settings;
mod settings_name;
pub mod status;
mod text;
mod version;
pub mod version_manifest;
mod version_range;
pub mod vm_settings;
mod xml;

pub use check::{DocumentKind, check};
pub use code::{ALL as ALL_CODES, Code, codes};
pub use command::Command;
pub use definition::{DefinitionFile, ExtensionImage};
pub use environment::{ENVIRONMENT_FILE, HandlerEnvironment};
pub use event::HandlerEvent;
pub use extensions_config::ExtensionsConfig;
pub use finding::{Checked, Finding, Place, Refused, Severity, Source, Verdict};
pub use goal_state::FabricGoalState;
pub use heartbeat::Heartbeat;
pub use identity::{HandlerIdentity, HandlerName, IdentityError};
pub use manifest::{CommandLine, Manifest, SandboxRequest, UpdateMode};
pub use nearest::nearest;
pub use redact::redact_sas;
pub use repository_index::{RepositoryIndex, SignedIndex};
pub use settings::{Settings, Thumbprint};
pub use settings_name::{ExtensionName, SequenceNumber, SettingsName, SettingsNameError};
pub use status::{ExtensionStatus, StatusDocument, StatusKind, Substatus};
pub use text::{escape, escape_bounded};
pub use version::Version;
pub use version_manifest::VersionManifest;
pub use version_range::VersionRange;
pub use vm_settings::VmSettings;
