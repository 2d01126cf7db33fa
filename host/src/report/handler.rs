//! What is reported of a handler as a whole: how its last command went, and its heartbeat (contract 6, 7.2 and 12).

use std::io;

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::heartbeat::{HeartbeatMessage, HeartbeatState, MAX_HEARTBEAT_BYTES};
use hostler_contract::{Command, Finding, Heartbeat, Place, Source, codes, redact_sas};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::failure::{failure, failure_code};
use super::observed::HeartbeatSeen;
use crate::guest_file::GuestFile;
use crate::handler_dir::StatusFolders;
use crate::lifecycle::Execution;

/// Status, code and message of a handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerVerdict {
    /// `Ready`, `NotReady`, or a heartbeat's own word.
    pub status: String,
    /// The contract's code (contract 0).
    pub code: i32,
    /// For people; a heartbeat may leave nothing to say.
    pub message: Option<String>,
}

impl HandlerVerdict {
    /// What a handler is whose enable ended well (contract 7.2).
    pub fn enabled() -> Self {
        Self {
            status: "Ready".to_owned(),
            code: 0,
            message: Some("Plugin enabled".to_owned()),
        }
    }

    /// What a handler is that is installed and not active (contract 7.2).
    pub fn disabled() -> Self {
        Self::not_ready(0, "Plugin disabled".to_owned())
    }

    /// `NotReady`, with the contract's `code` and `message`.
    pub fn not_ready(code: i32, message: String) -> Self {
        Self {
            status: "NotReady".to_owned(),
            code,
            message: Some(message),
        }
    }
}

/// What the handler is after `execution`, its last command (contract 7.2).
pub fn handler_verdict(execution: &Execution) -> HandlerVerdict {
    let command = execution.command;
    if let Some(reason) = failure(execution) {
        return HandlerVerdict::not_ready(failure_code(command, &execution.outcome.end), reason.to_string());
    }
    match command {
        Command::Enable => HandlerVerdict::enabled(),
        Command::Install => HandlerVerdict::not_ready(0, "Plugin installed but not enabled".to_owned()),
        Command::Update => HandlerVerdict::not_ready(0, "Plugin updated but not enabled".to_owned()),
        Command::Disable => HandlerVerdict::disabled(),
        Command::Uninstall => HandlerVerdict::not_ready(0, "Plugin uninstalled".to_owned()),
    }
}

/// A heartbeat, as it stands in its file.
#[derive(Debug)]
pub struct HeartbeatRead {
    /// What the handler is with it.
    pub verdict: HandlerVerdict,
    /// What is odd or wrong about it.
    pub findings: Vec<Finding>,
    /// The file as it was seen; `None` where it says nothing that can be used.
    pub seen: Option<HeartbeatSeen>,
}

/// The verdict with the handler's heartbeat in it, for a handler whose manifest promises one (contract 6, design 6).
///
/// # Errors
///
/// What the system says beyond what the file explains.
pub fn read_heartbeat(folders: &StatusFolders, verdict: HandlerVerdict) -> io::Result<HeartbeatRead> {
    const FILE: &str = "heartbeat/heartbeat.log";
    let bad =
        |code, what: &str| Finding::refusal(code, FILE, Place::Whole, what, "write a heartbeat before enable ends");
    let finding = match folders.read_heartbeat(MAX_HEARTBEAT_BYTES as u64)? {
        GuestFile::Whole(bytes) => {
            match Heartbeat::parse(Source::new(FILE, &folders.known_values().bytes(bytes.clone()))) {
                Ok(checked) => {
                    let Heartbeat { state, message } = checked.value;
                    let status = state.reported().to_owned();
                    let message = match message {
                        HeartbeatMessage::Unchanged => verdict.message,
                        HeartbeatMessage::Replaced(message) => message.map(|message| redact_sas(&message).into_owned()),
                    };
                    let message = match state {
                        HeartbeatState::Unknown(word) => {
                            let rest = message.map(|message| format!(": {message}")).unwrap_or_default();
                            Some(format!(
                                "The heartbeat says `{word}`, which is neither ready nor notready{rest}"
                            ))
                        }
                        HeartbeatState::Ready(_) | HeartbeatState::NotReady(_) => message,
                    };
                    return Ok(HeartbeatRead {
                        verdict: HandlerVerdict {
                            status,
                            code: verdict.code,
                            message,
                        },
                        findings: checked.warnings,
                        seen: Some(HeartbeatSeen {
                            content: Sha256::digest(&bytes).into(),
                            changed: folders.heartbeat_changed()?,
                        }),
                    });
                }
                Err(refused) => refused.first().clone(),
            }
        }
        GuestFile::Missing => bad(codes::HEARTBEAT_MISSING, "there is no heartbeat file"),
        GuestFile::TooLarge => bad(
            codes::HEARTBEAT_SIZE,
            "the heartbeat file is too large and was not read",
        ),
        GuestFile::NotAFile(kind) => bad(codes::HEARTBEAT_FILE_TYPE, &format!("it is {kind}")),
        GuestFile::Unstable => bad(codes::HEARTBEAT_UNSTABLE, "it kept changing while it was read"),
    };
    // The contract's words, and ours behind them (contract 6).
    let said = if finding.code() == codes::HEARTBEAT_MISSING {
        format!("[ExtensionError] Failed to get heart beat file: {finding}")
    } else {
        format!("[ExtensionError] Malformed heartbeat file: {finding}")
    };
    Ok(HeartbeatRead {
        verdict: HandlerVerdict::not_ready(UNKNOWN, said),
        findings: vec![finding],
        seen: None,
    })
}
