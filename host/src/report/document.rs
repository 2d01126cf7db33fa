//! The agent's status document (contract 9.1).

use hostler_contract::report::{
    AggregateStatus, FormattedMessage, GoalStateStatus, GuestAgentStatus, GuestOsInfo, HandlerStatus, Report,
    RuntimeSettingsStatus, SettingsStatus, VmArtifactsStatus,
};
use hostler_contract::status::timestamp;
use hostler_contract::{Command, ExtensionName, ExtensionStatus, HandlerName, SettingsName, StatusKind};
use time::OffsetDateTime;

use super::{Addition, HandlerVerdict, RootAddition};
use crate::lifecycle::HandlerState;
use crate::sandbox::End;

/// What is reported of one handler: an entry of the document.
#[derive(Debug)]
pub struct HandlerEntry {
    /// `Publisher.Type`.
    pub name: HandlerName,
    /// Its version as it is reported; as the goal state has it where that is no version.
    pub version: String,
    /// What the handler is.
    pub verdict: HandlerVerdict,
    /// Its extension's status, where there is one to report: `Some(None)` for one with nothing to say.
    pub extension: Option<(SettingsName, Option<ExtensionStatus>)>,
    /// What hostler adds.
    pub addition: Addition,
}

/// Who is to blame for a run in which something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtFault {
    /// The handler failed, or is not ready.
    Handler,
    /// The host failed while it ran the handler.
    Host,
}

impl HandlerEntry {
    /// Whether its extension reports an error. What one that is not active said last is over, unless its enable ran just
    /// now.
    pub fn extension_failed(&self) -> bool {
        let addition = &self.addition;
        let ran = addition
            .commands
            .last()
            .is_some_and(|command| command.command == Command::Enable);
        let active = addition.state.is_none_or(|state| state == HandlerState::Enabled);
        let extension = self.extension.as_ref().and_then(|(_, status)| status.as_ref());
        // One of several is reported only as far as it is to be enabled.
        let several = self
            .extension
            .as_ref()
            .is_some_and(|(name, _)| name.extension.is_some());
        (ran || active || several) && extension.is_some_and(|status| status.kind == StatusKind::Error)
    }

    /// Whether anything of it went wrong: what is reported of the handler, of its extension, or a heartbeat that is not
    /// ready. A command whose failure an update goes on after is none of these.
    pub fn failed(&self) -> Option<AtFault> {
        let commands = &self.addition.commands;
        if commands
            .iter()
            .any(|command| matches!(command.end, End::HostFault { .. }))
        {
            return Some(AtFault::Host);
        }
        if let Some(step) = &self.addition.under_way {
            // What is running just now has not failed yet; what was interrupted is not well.
            return (step.interrupted || self.verdict.code != 0).then_some(AtFault::Handler);
        }
        let enabled = commands
            .last()
            .is_some_and(|command| command.command == Command::Enable);
        let failed = self.verdict.code != 0
            || ((enabled || self.addition.state == Some(HandlerState::Enabled))
                && !self.verdict.status.eq_ignore_ascii_case("ready"))
            || self.extension_failed();
        failed.then_some(AtFault::Handler)
    }
}

impl AtFault {
    /// The exit code of a command that reports it.
    pub fn exit_code(fault: Option<Self>) -> u8 {
        match fault {
            Some(Self::Host) => 4,
            Some(Self::Handler) => 1,
            None => 0,
        }
    }
}

/// The status document of `entries`, made at `now`, with how the goal state went and what hostler adds to the whole.
pub fn document(
    entries: &[HandlerEntry],
    goal_state: Option<GoalStateStatus>,
    addition: Option<RootAddition>,
    now: OffsetDateTime,
) -> Report<Addition, RootAddition> {
    let time = timestamp(now);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Report {
        version: Report::<Addition, RootAddition>::VERSION,
        timestamp_utc: time.clone(),
        aggregate_status: AggregateStatus {
            guest_agent_status: GuestAgentStatus {
                version: version.clone(),
                status: "Ready".to_owned(),
                formatted_message: FormattedMessage::new(Some("Guest Agent is running".to_owned())),
            },
            handler_aggregate_status: entries.iter().map(|entry| handler_status(entry, &time)).collect(),
            vm_artifacts_aggregate_status: goal_state.map(|goal_state_aggregate_status| VmArtifactsStatus {
                goal_state_aggregate_status,
            }),
        },
        guest_os_info: guest_os_info(version),
        supported_features: vec![],
        hostler: addition,
    }
}

fn handler_status(entry: &HandlerEntry, time: &str) -> HandlerStatus<Addition> {
    let runtime_settings_status = entry.extension.as_ref().map(|(name, status)| RuntimeSettingsStatus {
        settings_status: SettingsStatus::new(
            // The extension's name, or the handler's where it has only one (contract 9.1).
            name.extension
                .as_ref()
                .map_or(entry.name.as_str(), ExtensionName::as_str),
            status.as_ref(),
            time.to_owned(),
        ),
        sequence_number: name.number,
        extension_name: name.extension.clone(),
    });
    HandlerStatus {
        handler_version: entry.version.clone(),
        handler_name: entry.name.clone(),
        status: entry.verdict.status.clone(),
        code: entry.verdict.code,
        use_exact_version: true,
        formatted_message: entry
            .verdict
            .message
            .clone()
            .map(|message| FormattedMessage::new(Some(message))),
        runtime_settings_status,
        hostler: Some(entry.addition.clone()),
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
