//! What the native agent finds after a command: a status that it can read, and the heartbeat where it looks for it.
//!
//! There is no report of ours beside that agent's, so what our report would say stands in the handler's own status file
//! (design D10). That agent stumbles over some malformed files and then reports nothing of the whole machine (contract 5.2
//! and 6); none of those is left lying.

use std::io;
use std::os::fd::OwnedFd;

use hostler_contract::heartbeat::{HeartbeatMessage, HeartbeatState};
use hostler_contract::json::Node;
use hostler_contract::status::MAX_STATUS_BYTES;
use hostler_contract::{Command, ExtensionStatus, Heartbeat, SettingsName, StatusKind, codes};
use rustix::fs::Mode;

use crate::guest_file::GuestFile;
use crate::handler_dir::{HandlerDir, StatusFolders};
use crate::host_file::write_whole;
use crate::lifecycle::Execution;
use crate::report::{EnableReport, HandlerVerdict, StatusRead, extension_verdict, read_heartbeat, read_status};
use crate::sandbox::End;

/// Where the agent looks for a heartbeat, in the folder of the package (contract 6).
const HEARTBEAT_FILE: &str = "heartbeat.log";

/// Mode of the heartbeat file.
const READABLE: Mode = Mode::from_raw_mode(0o644);

/// What was done with the handler's status file.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It says what there is to say, or nobody asks.
    AsItWas,
    /// This was written in its place.
    Written(Box<ExtensionStatus>),
}

/// Looks at the status that `execution` left for `settings`, and writes one where the handler's cannot stand.
pub(super) fn settle(folders: &HandlerDir, execution: &Execution, settings: &SettingsName) -> io::Result<Answer> {
    let looked = folders.status_folders();
    let (read, odd) = read_status(&looked, settings)?;
    let is_asked = execution.command == Command::Enable && folders.has_any_settings(settings)?;
    // The agent shows the file as it is, and goes on showing it; whatever command wrote it.
    let tells = tells_secrets(&looked, settings)?;
    let unfit = tells || matches!(read, StatusRead::Refused(_));
    let verdict = if is_asked {
        extension_verdict(&EnableReport::of(execution, settings), &execution.identity, &read)
    } else if unfit {
        extension_verdict(&ended_well(settings), &execution.identity, &read)
    } else {
        return Ok(Answer::AsItWas);
    };
    let Some(status) = verdict.status else {
        return Ok(Answer::AsItWas);
    };
    let cut = odd.iter().any(|finding| finding.code() == codes::STATUS_TRUNCATED);
    if !cut && !tells && matches!(&read, StatusRead::Document(document) if document.status() == Some(&status)) {
        return Ok(Answer::AsItWas);
    }
    let status = without_gaps(status);
    folders.write_status(settings, &status)?;
    Ok(Answer::Written(Box::new(status)))
}

/// Whether the status file for `settings` has anything in it of what is known of protected settings.
fn tells_secrets(folders: &StatusFolders, settings: &SettingsName) -> io::Result<bool> {
    let known = folders.known_values();
    if known.is_empty() {
        return Ok(false);
    }
    Ok(match folders.read_status(settings, MAX_STATUS_BYTES as u64)? {
        GuestFile::Whole(bytes) => known.bytes(bytes.clone()) != bytes,
        _ => false,
    })
}

/// Writes a status for `settings` that says that the command was not run.
pub(super) fn refuse(folders: &HandlerDir, settings: &SettingsName, said: &str) -> io::Result<()> {
    if !folders.has_any_settings(settings)? {
        return Ok(());
    }
    let command = Command::Enable;
    let status = ExtensionStatus::new(StatusKind::Error, command.name(), command.error_code(), said);
    folders.write_status(settings, &status)
}

fn ended_well(settings: &SettingsName) -> EnableReport {
    EnableReport {
        settings: settings.clone(),
        end: End::Exited { code: 0, message: None },
        reason: None,
        serves: false,
    }
}

/// The same with empty texts for those that are missing: where the agent shortens a status, it counts them all.
fn without_gaps(mut status: ExtensionStatus) -> ExtensionStatus {
    status.message.get_or_insert_default();
    for part in &mut status.substatus {
        part.message.get_or_insert_default();
        if part.name.as_str().is_none() {
            part.name = Node::string("");
        }
    }
    status
}

/// What a handler's heartbeat was before a command.
#[derive(Debug)]
pub(super) struct Before {
    changed: (i64, u64),
}

impl Before {
    /// Looks at it.
    pub(super) fn of(folders: &HandlerDir) -> io::Result<Self> {
        Ok(Self {
            changed: folders.status_folders().heartbeat_changed()?,
        })
    }

    /// Puts the heartbeat into `base`, where the agent looks for it, if the command wrote one. A malformed one is said to be
    /// one, in a heartbeat of ours. The agent goes by the file's time, which is that of now and not what the handler set.
    pub(super) fn publish_heartbeat(&self, folders: &HandlerDir, base: &OwnedFd) -> io::Result<()> {
        let looked = folders.status_folders();
        let changed = looked.heartbeat_changed()?;
        if changed == self.changed || changed == (0, 0) {
            return Ok(());
        }
        let unsaid = HandlerVerdict {
            status: String::new(),
            code: 0,
            message: None,
        };
        let verdict = read_heartbeat(&looked, unsaid)?.verdict;
        let heartbeat = Heartbeat {
            state: HeartbeatState::Ready(verdict.status),
            message: match verdict.message {
                Some(message) => HeartbeatMessage::Replaced(Some(message)),
                None => HeartbeatMessage::Unchanged,
            },
        };
        write_whole(base, HEARTBEAT_FILE, &[heartbeat.to_json().as_bytes()], READABLE)
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::Substatus;

    use super::*;

    #[test]
    fn what_the_agent_would_stumble_over_is_filled() {
        let mut status = ExtensionStatus::new(StatusKind::Success, "Enable", 0, "");
        status.message = None;
        status.substatus = vec![Substatus {
            name: Node::null(),
            kind: StatusKind::Success,
            code: Node::integer(0),
            message: None,
        }];
        let filled = without_gaps(status);
        assert_eq!(filled.message.as_deref(), Some(""));
        assert_eq!(filled.substatus[0].name.as_str(), Some(""));
        assert_eq!(filled.substatus[0].message.as_deref(), Some(""));
    }
}
