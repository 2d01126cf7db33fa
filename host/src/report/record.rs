//! What is kept of a handler for reports: all but what is read afresh each time, its status file and its heartbeat.

use std::io;

use hostler_contract::agent_code::UNKNOWN;
use hostler_contract::status::timestamp;
use hostler_contract::{ExtensionStatus, Finding, HandlerIdentity, HandlerName, Place, SettingsName, Version, codes};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::addition::{Addition, CommandReport, FolderReport, PackageReport};
use super::document::HandlerEntry;
use super::extension::{EnableReport, extension_verdict};
use super::handler::{HandlerVerdict, read_heartbeat};
use super::several::ExtensionReport;
use super::status_file::{StatusRead, read_status};
use crate::handler_dir::StatusFolders;
use crate::lifecycle::HandlerState;
use crate::root::Root;
use crate::sandbox::End;

/// Said of a handler that was well and of which nothing is remembered.
const LOST: &str = "[ExtensionError] What was remembered of the handler is lost; the next goal state installs it anew";

/// The word of a handler whose enable ended well.
const READY: &str = "Ready";

/// What is kept of a handler for reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandlerReport {
    /// The version that the goal state came to; as it was written where that is none.
    pub version: String,
    /// How its last command went.
    pub verdict: HandlerVerdict,
    /// The settings whose extension is reported; `None` for a handler without settings.
    pub settings: Option<SettingsName>,
    /// Whether its settings file was written for the last goal state.
    pub settings_written: bool,
    /// Whether the last goal state changed more of it than what its enable wrote.
    pub changed: bool,
    /// Whether its manifest promises a heartbeat.
    pub heartbeat: bool,
    /// How its last enable ended.
    pub enable: Option<EnableReport>,
    /// Its package.
    pub package: Option<PackageReport>,
    /// All of the file system that it saw.
    pub folders: Vec<FolderReport>,
    /// The extensions of a handler with several, instead of `settings` and `enable`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<ExtensionReport>,
    /// What was run for the last goal state.
    pub commands: Vec<CommandReport>,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
    /// Since when it is as it is.
    pub since: String,
    /// What `since` is about: status and code of handler and extension.
    pub shown: String,
}

impl HandlerReport {
    /// A report that says `verdict` and nothing else, of what the goal state calls `version`.
    pub fn new(version: String, verdict: HandlerVerdict, findings: Vec<Finding>) -> Self {
        Self {
            version,
            verdict,
            settings: None,
            settings_written: false,
            changed: false,
            heartbeat: false,
            enable: None,
            package: None,
            folders: vec![],
            extensions: vec![],
            commands: vec![],
            findings,
            since: String::new(),
            shown: String::new(),
        }
    }

    /// The entry of the document for the handler `name` in `state`, with what its status file and its heartbeat say now.
    ///
    /// A handler whose folders cannot be read is `NotReady` for it, and no other is touched by that.
    pub fn entry(&self, root: &Root, name: &HandlerName, state: Option<HandlerState>) -> HandlerEntry {
        let mut entry = HandlerEntry {
            name: name.clone(),
            version: self.version.clone(),
            verdict: self.verdict.clone(),
            extension: None,
            addition: Addition {
                state,
                under_way: None,
                service: None,
                heartbeat_seen: None,
                since: Some(self.since.clone()),
                package: self.package.clone(),
                settings_written: self.settings_written,
                changed: self.changed,
                folders: self.folders.clone(),
                commands: self.commands.clone(),
                findings: self.findings.clone(),
            },
        };
        // Its verdict is older than its state where a host was stopped on the way, or something was lost.
        if entry.verdict.status == READY && state != Some(HandlerState::Enabled) {
            entry.verdict = match state {
                Some(HandlerState::Installed) => HandlerVerdict::disabled(),
                _ => HandlerVerdict::not_ready(UNKNOWN, LOST.to_owned()),
            };
        }
        // Of a version that is not installed the host knows better than any file (contract 9.2).
        let installed = state.filter(|state| *state != HandlerState::NotInstalled);
        if let (Some(state), Ok(version)) = (installed, Version::parse(&self.version)) {
            let identity = HandlerIdentity::new(name.clone(), version);
            if let Err(error) = self.read_files(root, &identity, state, &mut entry) {
                let what = format!("what it wrote cannot be read: {error}");
                let hint = "look at its folders `status` and `heartbeat` below the root's `handlers`";
                let finding = Finding::refusal(codes::HOST_IO, &identity.to_string(), Place::Whole, what, hint);
                let said = format!("[ExtensionError] The host failed, not the handler: {finding}");
                entry.verdict = HandlerVerdict::not_ready(UNKNOWN, said);
                entry.addition.findings.push(finding);
            }
        }
        entry
    }

    /// Adds what the files of `identity` say to `entry`.
    fn read_files(
        &self,
        root: &Root,
        identity: &HandlerIdentity,
        state: HandlerState,
        entry: &mut HandlerEntry,
    ) -> io::Result<()> {
        let folders = StatusFolders::look(root, identity)?;
        entry.extension = self.extension(&folders, identity, &mut entry.addition.findings)?;
        if self.heartbeat && state == HandlerState::Enabled && entry.verdict.status == READY {
            let read = read_heartbeat(&folders, entry.verdict.clone())?;
            entry.verdict = read.verdict;
            entry.addition.findings.extend(read.findings);
            entry.addition.heartbeat_seen = read.seen;
        }
        Ok(())
    }

    fn extension(
        &self,
        folders: &StatusFolders,
        identity: &HandlerIdentity,
        findings: &mut Vec<Finding>,
    ) -> io::Result<Option<(SettingsName, Option<ExtensionStatus>)>> {
        let Some(settings) = &self.settings else {
            return Ok(None);
        };
        let (read, odd) = read_status(folders, settings)?;
        findings.extend(odd);
        let enable = match self.enable.as_ref().filter(|enable| enable.settings == *settings) {
            Some(enable) => enable.clone(),
            // No enable ran for these settings: a file that is there was carried over or written by another command.
            None if read == StatusRead::Missing => return Ok(None),
            None => EnableReport {
                settings: settings.clone(),
                end: End::Exited { code: 0, message: None },
                reason: None,
                serves: false,
            },
        };
        let verdict = extension_verdict(&enable, identity, &read);
        findings.extend(verdict.finding);
        Ok(Some((settings.clone(), verdict.status)))
    }

    /// Takes note of since when it is as `entries` show it: since `now`, unless `before` was the same.
    pub fn date(&mut self, entries: &[HandlerEntry], before: Option<&Self>, now: OffsetDateTime) {
        let extensions = entries.iter().filter_map(|entry| entry.extension.as_ref());
        let extensions = extensions.map(|(settings, status)| {
            let word = status
                .as_ref()
                .map(|status| status.kind.to_string())
                .unwrap_or_default();
            format!("{settings} {word}")
        });
        let verdict = entries.first().map_or(&self.verdict, |entry| &entry.verdict);
        self.shown = format!(
            "{} {} {} {}",
            self.version,
            verdict.status,
            verdict.code,
            extensions.collect::<Vec<_>>().join(" ")
        );
        self.since = before
            .filter(|before| before.shown == self.shown)
            .map_or_else(|| timestamp(now), |before| before.since.clone());
    }
}
