//! The way of one package through its commands.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, HandlerIdentity, Manifest, Refused, codes};

use super::GivenSettings;
use super::workplace::Workplace;
use crate::audit::{AuditEvent, RuleName, SourceText};
use crate::commands::failure::Failure;
use crate::commands::progress::Progress;
use crate::grants::{Claimant, Decided, Grants, Policy};
use crate::handler_dir::{
    HandlerDir, HandlerDirError, Installed, PackageRecord, StatusFolders, missing_command, remove_data, remove_package,
};
use crate::lifecycle::{Execution, Handler, HandlerState};
use crate::limits::{LimitName, Limits, RaiseRefused, Rule};
use crate::report::{
    Addition, CommandReport, EnableReport, HandlerEntry, PackageReport, Removal, extension_verdict, granted_folders,
    handler_verdict, read_heartbeat, read_status,
};
use crate::sandbox::{CodeCache, Foreseen, PrepareError, PreparedPackage, Sandbox};
use crate::secrets::{Keys, Secret};
use crate::signatures::{Signed, admit, bind};

/// A package that is to be run, and how.
#[derive(Clone)]
pub(in crate::commands) struct Trial {
    pub(in crate::commands) identity: HandlerIdentity,
    pub(in crate::commands) bytes: Vec<u8>,
    pub(in crate::commands) file: String,
    /// What was verified of its signature.
    pub(in crate::commands) signed: Signed,
    pub(in crate::commands) sandbox: Sandbox,
    pub(in crate::commands) settings: GivenSettings,
    /// Where keys lie; `None` for those of the root.
    pub(in crate::commands) keys: Option<Keys>,
    /// Protected settings that are not encrypted yet.
    pub(in crate::commands) secret: Option<Secret>,
    /// Empty for what the root asks for.
    pub(in crate::commands) commands: Vec<Command>,
    pub(in crate::commands) lowered: Vec<(LimitName, u64)>,
    pub(in crate::commands) policy: Policy,
    /// Whether a package that asks for more than the policy allows runs without that, instead of being refused.
    pub(in crate::commands) without_the_rest: bool,
    pub(in crate::commands) keep: Option<PathBuf>,
    pub(in crate::commands) cache: Option<Arc<CodeCache>>,
    /// What is known of the package from before.
    pub(in crate::commands) foreseen: Foreseen,
}

/// A handler in its place.
struct InPlace {
    folders: HandlerDir,
    package: Installed,
}

impl Trial {
    /// Runs it.
    pub(in crate::commands) fn run(self) -> Result<HandlerEntry, Failure> {
        let workplace = self.workplace()?;
        self.run_in(workplace)
    }

    /// Opens the root in which it is to run.
    pub(super) fn workplace(&self) -> Result<Workplace, Failure> {
        Workplace::open(self.keep.as_deref())
    }

    /// Runs it there.
    pub(super) fn run_in(mut self, mut workplace: Workplace) -> Result<HandlerEntry, Failure> {
        if let Some(keys) = self.keys.take() {
            workplace.root.set_keys(keys);
        }
        self.settings.protect(&workplace.root, self.secret.take())?;
        if workplace.installed(&self.identity)?.is_none() {
            // What is there of an install that never ended well is nobody's.
            remove_package(&workplace.root, &self.identity)?;
        }
        let package = self.prepare(&workplace)?;
        let signed = std::mem::take(&mut self.signed);
        self.signed = bind(signed, package.manifest().signing_info(), &self.identity);
        let odd = admit(
            &self.policy,
            &self.identity,
            &self.file,
            package.digest(),
            false,
            &self.signed,
        )?;
        let mut decided = self.decide(package.manifest())?;
        decided.grants.protect(workplace.root.path());
        self.check_lowered(&decided.grants)?;
        for command in self.needed() {
            package.target(*command).ok_or_else(|| missing_command(*command))?;
        }
        tracing::debug!(handler = %self.identity, by = ?decided.by, weighed = ?decided.weighed, "granted");
        let mut findings = package.warnings().to_vec();
        findings.extend(odd);

        let (in_place, commands) = self.place(&mut workplace, package)?;
        in_place
            .folders
            .write_settings(&self.settings.name, self.settings.settings.as_ref())?;
        let handler = Handler {
            sandbox: &self.sandbox,
            cache: self.cache.as_deref(),
            package: &in_place.package,
            grants: &decided.grants,
            folders: &in_place.folders,
            settings: &self.settings.name,
            change: None,
            handed_on: None,
        };
        let executions = self.execute(&handler, &mut workplace, &commands).or_else(|refused| {
            // Nothing of a package that is refused before it was installed stays in place.
            if !workplace.state(&self.identity)?.is_installed() {
                remove_package(&workplace.root, &self.identity)?;
            }
            Err(refused)
        })?;
        findings.extend(self.settings.warnings.iter().cloned());
        findings.extend(decided.warnings);
        let mut entry = self.conclude(&in_place, &workplace, &executions, findings)?;
        entry
            .addition
            .folders
            .extend(granted_folders(decided.grants.effective()));
        self.take_away(&mut workplace, &executions)?;
        Ok(entry)
    }

    fn decide(&self, manifest: &Manifest) -> Result<Decided, Failure> {
        let claimant = Claimant::of(&self.identity, &self.signed);
        if !self.without_the_rest {
            return Ok(Grants::decide(manifest, MANIFEST_FILE, &self.policy, claimant)?);
        }
        let (decided, mut findings) = Grants::weigh(manifest, MANIFEST_FILE, &self.policy, claimant);
        findings.retain(|finding| finding.code() != codes::MANIFEST_CAPABILITY);
        let warnings = Refused::unless_only_warnings(findings)?;
        Ok(Decided { warnings, ..decided })
    }

    /// Checks the package and writes its files out, in a place of the root where nothing sees them yet.
    fn prepare(&mut self, workplace: &Workplace) -> Result<PreparedPackage, Failure> {
        let staging = HandlerDir::staging(&workplace.root)?;
        let bytes = std::mem::take(&mut self.bytes);
        let (needed, foreseen) = (self.needed(), &self.foreseen);
        let durability = workplace.root.durability();
        let prepared = self
            .sandbox
            .prepare(&self.file, bytes, staging.as_fd(), durability, needed, foreseen)
            .map_err(|error| match error {
                PrepareError::Refused(refused) => refused.into(),
                error => Failure::host(error, "look at the space and permissions of the root folder"),
            })?;
        if let Some(cache) = &self.cache {
            foreseen.correct(&prepared, needed, cache);
        }
        Ok(prepared)
    }

    /// The commands that this run will need: in a kept root perhaps fewer.
    fn needed(&self) -> &[Command] {
        if self.commands.is_empty() {
            &[Command::Install, Command::Enable]
        } else {
            &self.commands
        }
    }

    fn check_lowered(&self, grants: &Grants) -> Result<(), Failure> {
        self.needed().iter().try_for_each(|command| {
            self.lower(&mut grants.limits(*command)).map_err(|raise| {
                let what = format!("{raise} (command {command})");
                Failure::usage(
                    codes::LIMIT_RAISE,
                    "--limit",
                    what,
                    "give a lower value: limits can only be lowered",
                )
            })
        })
    }

    fn lower(&self, limits: &mut Limits) -> Result<(), RaiseRefused> {
        self.lowered
            .iter()
            .try_for_each(|(name, value)| limits.lower(*name, *value, Rule::CommandLine))
    }

    /// The handler in its place, and the commands to run there: a handler that is there is only enabled again.
    fn place(&self, workplace: &mut Workplace, package: PreparedPackage) -> Result<(InPlace, Vec<Command>), Failure> {
        let asked = |default: &[Command]| {
            if self.commands.is_empty() {
                default.to_vec()
            } else {
                self.commands.clone()
            }
        };
        let record = PackageRecord::of(&package, "", self.signed.clone());
        let installed = workplace.installed(&self.identity)?;
        let there = HandlerDir::open(&workplace.root, &self.identity)?;
        let (folders, commands) = match there.zip(installed) {
            Some((folders, installed)) => {
                if installed.digest != record.digest {
                    return Err(HandlerDirError::Different(folders.base().to_owned()).into());
                }
                (folders, asked(&[Command::Enable]))
            }
            None => {
                let source = SourceText::from(&record);
                let accepted = AuditEvent::PackageAccepted {
                    source,
                    bytes: record.bytes,
                    signature: record.signature.word(),
                    signer: record.signature.signer().map(RuleName::new),
                };
                workplace.record(accepted.of(&self.identity).digest(&record.digest))?;
                let _progress = Progress::start(format!("unpacking {}", self.identity));
                let folders = HandlerDir::place(&workplace.root, &self.identity, package.into_staged())?;
                workplace.remember(&self.identity, HandlerState::NotInstalled, Some(&record))?;
                (folders, asked(&[Command::Install, Command::Enable]))
            }
        };
        let package = folders.installed(&record)?;
        Ok((InPlace { folders, package }, commands))
    }

    /// Runs `commands` until one fails.
    fn execute(
        &self,
        handler: &Handler<'_, '_>,
        workplace: &mut Workplace,
        commands: &[Command],
    ) -> Result<Vec<Execution>, Failure> {
        let mut executions = Vec::new();
        for command in commands {
            let _progress = Progress::start(format!("{} {command}", self.identity));
            let settings = self.settings.name.number;
            let begun = AuditEvent::CommandBegun {
                command: *command,
                settings,
            };
            let package = handler.package.record();
            workplace.record(begun.of(&self.identity).digest(&package.digest))?;
            let execution = handler.execute(*command, |limits| {
                // Checked before anything was laid out.
                let _ = self.lower(limits);
            });
            workplace.record_end(&self.identity, *command, &execution, package)?;
            let execution = execution?;
            let well = execution.outcome.end.is_success();
            let state = workplace.state(&self.identity)?.after(*command, well);
            workplace.remember(&self.identity, state, None)?;
            executions.push(execution);
            if !well {
                break;
            }
        }
        Ok(executions)
    }

    /// Takes away what is no longer in place after `executions`: the next run in this root begins anew.
    fn take_away(&self, workplace: &mut Workplace, executions: &[Execution]) -> Result<(), Failure> {
        let Some(last) = executions.last() else {
            return Ok(());
        };
        // Whether or not the command itself went well (contract 7.5); or its install failed (contract 7.3).
        let uninstalled = last.command == Command::Uninstall;
        if uninstalled || (last.command == Command::Install && !last.outcome.end.is_success()) {
            workplace.forget(&self.identity)?;
            remove_package(&workplace.root, &self.identity)?;
        }
        if uninstalled {
            remove_data(&workplace.root, &self.identity.name)?;
            let how = Removal::Uninstalled;
            workplace.record(AuditEvent::HandlerRemoved { how }.of(&self.identity.name))?;
        }
        Ok(())
    }

    fn conclude(
        &self,
        in_place: &InPlace,
        workplace: &Workplace,
        executions: &[Execution],
        mut findings: Vec<Finding>,
    ) -> Result<HandlerEntry, Failure> {
        let unreadable = |error| Failure::host(anyhow::Error::new(error), "look at the disk of the root folder");
        let Some(last) = executions.last() else {
            return Err(Failure::usage(
                codes::USAGE,
                "--commands",
                "no command was named",
                "name one",
            ));
        };
        let mut verdict = handler_verdict(last);
        let written = StatusFolders::look(&workplace.root, &self.identity).map_err(unreadable)?;
        let enabled = executions
            .iter()
            .rfind(|execution| execution.command == Command::Enable);
        let mut extension = None;
        if let Some(enable) = enabled.filter(|_| self.settings.settings.is_some()) {
            let name = &self.settings.name;
            let (read, odd) = read_status(&written, name).map_err(unreadable)?;
            findings.extend(odd);
            let reported = extension_verdict(&EnableReport::of(enable, name), &self.identity, &read);
            findings.extend(reported.finding);
            extension = Some((name.clone(), reported.status));
        }
        let ready = last.command == Command::Enable && last.outcome.end.is_success();
        if ready && in_place.package.manifest().report_heartbeat() {
            let read = read_heartbeat(&written, verdict).map_err(unreadable)?;
            verdict = read.verdict;
            findings.extend(read.findings);
        }
        let seen = in_place.folders.preopens();
        let addition = Addition {
            state: None,
            under_way: None,
            service: None,
            heartbeat_seen: None,
            since: None,
            settings_written: false,
            changed: false,
            package: Some(PackageReport {
                file: self.file.clone(),
                ..PackageReport::new(&in_place.folders, in_place.package.record())
            }),
            folders: seen.into_iter().map(Into::into).collect(),
            commands: executions.iter().map(CommandReport::from).collect(),
            findings,
        };
        Ok(HandlerEntry {
            name: self.identity.name.clone(),
            version: self.identity.version.to_string(),
            verdict,
            extension,
            addition,
        })
    }
}
