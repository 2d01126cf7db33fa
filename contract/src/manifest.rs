//! `HandlerManifest.json`: the commands of a handler, how it wants to be treated, and what it asks for.
//!
//! Read as the agent reads it (contract 1.2 and 1.3): what the agent ignores or defaults is at most warned of, what
//! would break it later is refused at once. The commands are kept as raw text; [`CommandLine`] takes one apart.

mod capabilities;
mod command_line;
mod fields;
mod folder_path;
mod resource_limits;
mod sandbox;

use std::collections::BTreeMap;

pub use capabilities::{
    Capabilities, DirectoryAccess, DirectoryRequest, MAX_DIRECTORIES, MAX_ENVIRONMENT, Precision, is_variable,
};
pub use command_line::{CommandLine, CommandLineError};
pub use folder_path::FolderPath;
pub use resource_limits::{ResourceLimits, ServiceLimits};
pub use sandbox::{Asked, SandboxRequest};

use crate::{
    Checked, Command, Finding, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Read},
    notes::Notes,
};

/// File name of a handler manifest, exact in case (contract 1.2).
pub const MANIFEST_FILE: &str = "HandlerManifest.json";

/// Bounds and codes of a manifest: 64 KiB, nested 32 deep (limit `pkg.manifest`).
const RULES: JsonRules = JsonRules {
    max_bytes: 64 * 1024,
    max_depth: 32,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::Refuse,
    refuse_negative_zero: false,
    json: codes::MANIFEST_JSON,
    encoding: codes::MANIFEST_ENCODING,
    size: codes::MANIFEST_SIZE,
    depth: codes::MANIFEST_DEPTH,
    duplicate_key: codes::MANIFEST_DUPLICATE_KEY,
};

/// Whether `install` runs after `update` when the version changes (contract 1.2, `updateMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateMode {
    /// It runs: `UpdateWithInstall` in any case, or no `updateMode`.
    WithInstall,
    /// It is skipped: any other text.
    WithoutInstall,
}

/// Whom a package says that it was signed for (contract 8.7, `signingInfo`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningInfo {
    /// `publisher`, if it is a string.
    pub publisher: Option<String>,
    /// `type`, if it is a string.
    pub type_name: Option<String>,
    /// `version`, if it is a string.
    pub version: Option<String>,
}

/// A handler manifest that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    file: String,
    commands: BTreeMap<Command, String>,
    report_heartbeat: bool,
    continue_on_update_failure: bool,
    supports_multiple_extensions: bool,
    update_mode: UpdateMode,
    resource_limits: Option<ResourceLimits>,
    signing_info: Option<SigningInfo>,
    sandbox: SandboxRequest,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// A missing command is no reason to refuse, since it is an error only when it is needed (contract 1.2);
    /// [`Self::check_complete`] asks for all of them.
    ///
    /// # Errors
    /// What is not JSON or out of bounds, another shape than an array of one object with a `handlerManifest` object,
    /// and fields of a wrong type that the agent would stumble over.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        if root.is_null() {
            let place = crate::json::position("", root.offset()).into();
            let hint = "write an array of one object with a `handlerManifest` in it";
            return Err(Finding::refusal(codes::MANIFEST_JSON, source.file, place, "it holds null", hint).into());
        }
        let first = JsonPath::root().index(0);
        let Some([node]) = root.as_array() else {
            let what = match root.as_array() {
                Some(items) => format!("it is an array of {} elements", items.len()),
                None => format!("it is {}", root.kind()),
            };
            let hint = "write an array of exactly one object";
            return Err(notes.give_up(codes::MANIFEST_SHAPE, &JsonPath::root(), what, hint));
        };
        let Some(top) = node.as_object() else {
            let what = format!("the element is {}", node.kind());
            return Err(notes.give_up(codes::MANIFEST_SHAPE, &first, what, "write an object"));
        };
        let path = first.key("handlerManifest");
        let Some(inner) = top.get("handlerManifest").and_then(|node| node.as_object()) else {
            let what = match top.get("handlerManifest") {
                Some(node) => format!("`handlerManifest` is {}", node.kind()),
                None => "there is no `handlerManifest`".to_owned(),
            };
            return Err(notes.give_up(
                codes::MANIFEST_SHAPE,
                &path,
                what,
                "put the commands into an object of that name",
            ));
        };
        fields::note_top(top, &first, &mut notes);
        let manifest = Self {
            file: source.file.to_owned(),
            commands: fields::commands(inner, &path, &mut notes),
            report_heartbeat: fields::mandatory_flag(inner, "reportHeartbeat", &path, &mut notes),
            continue_on_update_failure: fields::flag(inner, "continueOnUpdateFailure", &path, &mut notes),
            supports_multiple_extensions: fields::flag(inner, "supportsMultipleExtensions", &path, &mut notes),
            update_mode: fields::update_mode(inner, &path, &mut notes),
            resource_limits: ResourceLimits::read(top.get("resourceLimits"), &first, &mut notes),
            signing_info: fields::signing_info(top.get("signingInfo"), &first, &mut notes),
            sandbox: SandboxRequest::read(top.get("sandbox"), &first, &mut notes),
        };
        // Nothing here reads it, but the published schema asks for it, and other agents act on it.
        fields::mandatory_flag(inner, "rebootAfterInstall", &path, &mut notes);
        fields::note_unknown(inner, &path, &mut notes);
        Ok(Checked {
            value: manifest,
            warnings: notes.finish()?,
        })
    }

    /// The command line as it stands in the manifest; `None` when the manifest has none.
    pub fn command(&self, command: Command) -> Option<&str> {
        self.commands.get(&command).map(String::as_str)
    }

    /// The command line, taken apart; `None` when the manifest has none.
    ///
    /// # Errors
    /// `manifest.command` when it cannot be run without a shell, leaves the package or is too long.
    pub fn command_line(&self, command: Command) -> Result<Option<CommandLine>, Refused> {
        self.command(command).map(CommandLine::parse).transpose().map_err(|e| {
            let place = command_path(command).place();
            Finding::refusal(codes::MANIFEST_COMMAND, &self.file, place, e.to_string(), e.hint()).into()
        })
    }

    /// What runs on after `enable`, from `sandbox`; `None` when there is no `serviceCommand`.
    pub fn service_command(&self) -> Option<&CommandLine> {
        self.sandbox.service_command.as_ref()
    }

    /// Whether the handler writes heartbeats; false unless said (contract 6).
    pub fn report_heartbeat(&self) -> bool {
        self.report_heartbeat
    }

    /// Whether an update to this version goes on when `disable` or `uninstall` of the old one fails; false unless
    /// said (contract 7.4).
    pub fn continue_on_update_failure(&self) -> bool {
        self.continue_on_update_failure
    }

    /// Whether the handler can be given several extensions; false unless said (contract 8.4).
    pub fn supports_multiple_extensions(&self) -> bool {
        self.supports_multiple_extensions
    }

    /// Whether `install` runs after `update`.
    pub fn update_mode(&self) -> UpdateMode {
        self.update_mode
    }

    /// `resourceLimits`, as far as they are usable.
    pub fn resource_limits(&self) -> Option<&ResourceLimits> {
        self.resource_limits.as_ref()
    }

    /// `signingInfo`, if there is any.
    pub fn signing_info(&self) -> Option<&SigningInfo> {
        self.signing_info.as_ref()
    }

    /// What the package asks the sandbox for; empty when it asks for nothing.
    pub fn sandbox(&self) -> &SandboxRequest {
        &self.sandbox
    }

    /// The commands that the manifest does not have, in the order of [`Command::ALL`].
    pub fn missing_commands(&self) -> Vec<Command> {
        Command::ALL
            .into_iter()
            .filter(|command| !self.commands.contains_key(command))
            .collect()
    }

    /// What would fail once a command is needed: commands that are missing, and those that cannot be run.
    ///
    /// For tools that check a package before it is shipped; every finding is a refusal.
    pub fn check_complete(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for command in Command::ALL {
            match self.command_line(command) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    let what = format!("there is no `{}`", command.manifest_key());
                    let hint = "name the component that carries the command out";
                    let place = command_path(command).place();
                    findings.push(Finding::refusal(codes::MANIFEST_FIELD, &self.file, place, what, hint));
                }
                Err(refused) => findings.extend_from_slice(refused.findings()),
            }
        }
        findings
    }
}

fn command_path(command: Command) -> JsonPath {
    JsonPath::root()
        .index(0)
        .key("handlerManifest")
        .key(command.manifest_key())
}
