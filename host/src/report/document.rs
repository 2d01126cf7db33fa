//! The agent's status document (contract 9.1) of a run.

use hostler_contract::report::{
    AggregateStatus, FormattedMessage, GuestAgentStatus, GuestOsInfo, HandlerStatus, Report, RuntimeSettingsStatus,
    SettingsStatus,
};
use hostler_contract::status::timestamp;
use hostler_contract::{Command, ExtensionName, ExtensionStatus, HandlerIdentity, SettingsName, StatusKind};
use time::OffsetDateTime;

use super::{Addition, HandlerVerdict};
use crate::sandbox::End;

/// What came of running a handler: what the document is made from.
#[derive(Debug)]
pub struct Run {
    /// Which handler.
    pub identity: HandlerIdentity,
    /// What it is after its last command.
    pub verdict: HandlerVerdict,
    /// Its extension's status, where there are settings and enable ran: `Some(None)` for one with nothing to say.
    pub extension: Option<(SettingsName, Option<ExtensionStatus>)>,
    /// What hostler adds.
    pub addition: Addition,
}

/// Who is to blame for a run in which something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtFault {
    /// The handler failed, or is not ready.
    Handler,
    /// The host failed while it ran the handler.
    Host,
}

impl Run {
    /// Whether anything of it went wrong: a command, the status that is reported, or a heartbeat that is not ready.
    pub fn failed(&self) -> Option<AtFault> {
        let commands = &self.addition.commands;
        if commands
            .iter()
            .any(|command| matches!(command.end, End::HostFault { .. }))
        {
            return Some(AtFault::Host);
        }
        let enabled = commands
            .last()
            .is_some_and(|command| command.command == Command::Enable.name());
        let bad = |status: &ExtensionStatus| status.kind == StatusKind::Error;
        let failed = self.verdict.code != 0
            || (enabled && !self.verdict.status.eq_ignore_ascii_case("ready"))
            || commands.iter().any(|command| command.exit_code != 0)
            || self
                .extension
                .as_ref()
                .and_then(|(_, status)| status.as_ref())
                .is_some_and(bad);
        failed.then_some(AtFault::Handler)
    }
}

/// The status document of `run`, made at `now`.
pub fn document(run: &Run, now: OffsetDateTime) -> Report<Addition> {
    let time = timestamp(now);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let runtime_settings_status = run.extension.as_ref().map(|(name, status)| RuntimeSettingsStatus {
        settings_status: SettingsStatus::new(
            // The extension's name, or the handler's where it has only one (contract 9.1).
            name.extension
                .as_ref()
                .map_or(run.identity.name.as_str(), ExtensionName::as_str),
            status.as_ref(),
            time.clone(),
        ),
        sequence_number: name.number,
        extension_name: name.extension.clone(),
    });
    Report {
        version: Report::<Addition>::VERSION,
        timestamp_utc: time,
        aggregate_status: AggregateStatus {
            guest_agent_status: GuestAgentStatus {
                version: version.clone(),
                status: "Ready".to_owned(),
                formatted_message: FormattedMessage::new(Some("Guest Agent is running".to_owned())),
            },
            handler_aggregate_status: vec![HandlerStatus {
                handler_version: run.identity.version.clone(),
                handler_name: run.identity.name.clone(),
                status: run.verdict.status.clone(),
                code: run.verdict.code,
                use_exact_version: true,
                formatted_message: run
                    .verdict
                    .message
                    .clone()
                    .map(|message| FormattedMessage::new(Some(message))),
                runtime_settings_status,
                hostler: Some(run.addition.clone()),
            }],
            vm_artifacts_aggregate_status: None,
        },
        guest_os_info: guest_os_info(version),
        supported_features: vec![],
    }
}

/// The machine, from what every Linux system says of itself; empty where it says nothing.
fn guest_os_info(version: String) -> GuestOsInfo {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field = |key: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches('"').to_owned())
            .unwrap_or_default()
    };
    GuestOsInfo {
        computer_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        os_name: field("ID"),
        os_version: field("VERSION_ID"),
        version,
    }
}
