//! The way of one package through its commands.

use std::path::PathBuf;

use hostler_contract::{Command, Finding, HandlerIdentity, codes};
use hostler_package::Package;

use super::GivenSettings;
use super::workplace::Workplace;
use crate::commands::failure::Failure;
use crate::commands::progress::Progress;
use crate::grants::{Grants, Policy};
use crate::handler_dir::{
    HandlerDir, Installed, PackageRecord, StatusFolders, missing_command, remove_data, remove_package,
};
use crate::lifecycle::{Execution, Handler, HandlerState};
use crate::limits::{LimitName, Limits, RaiseRefused, Rule};
use crate::report::{
    Addition, CommandReport, EnableReport, HandlerEntry, PackageReport, extension_verdict, granted_folders,
    handler_verdict, read_heartbeat, read_status,
};
use crate::sandbox::{CodeCache, Sandbox, scan_component};

/// A package that is to be run, and how.
pub(super) struct Trial<'a> {
    pub(super) identity: HandlerIdentity,
    pub(super) package: &'a Package,
    pub(super) file: String,
    pub(super) settings: GivenSettings,
    /// Empty for what the root asks for.
    pub(super) commands: Vec<Command>,
    pub(super) lowered: Vec<(LimitName, u64)>,
    pub(super) policy: Policy,
    pub(super) keep: Option<PathBuf>,
    pub(super) cache: Option<CodeCache>,
    pub(super) warnings: Vec<Finding>,
}

/// A handler in its place.
struct InPlace {
    folders: HandlerDir,
    package: Installed,
}

impl Trial<'_> {
    /// Runs it.
    pub(super) fn run(self) -> Result<HandlerEntry, Failure> {
        let (manifest, file) = (self.package.manifest(), hostler_contract::manifest::MANIFEST_FILE);
        let mut decided = Grants::decide(manifest, file, &self.policy, &self.identity)?;
        self.check_lowered(&decided.grants)?;
        self.check_needed()?;
        tracing::debug!(handler = %self.identity, by = ?decided.by, weighed = ?decided.weighed, "granted");
        let sandbox = Sandbox::new().map_err(|error| Failure::host(error, "run hostler on a 64-bit Linux machine"))?;

        let mut workplace = Workplace::open(self.keep.as_deref())?;
        decided.grants.protect(workplace.root.path());
        let (in_place, commands) = self.place(&mut workplace)?;
        in_place
            .folders
            .write_settings(&self.settings.name, self.settings.settings.as_ref())?;
        let handler = Handler {
            sandbox: &sandbox,
            cache: self.cache.as_ref(),
            package: &in_place.package,
            grants: &decided.grants,
            folders: &in_place.folders,
            settings: &self.settings.name,
            change: None,
        };
        let executions = self.execute(&handler, &mut workplace, &commands).or_else(|refused| {
            // Nothing of a package that is refused before it was installed stays in place.
            if !workplace.state(&self.identity)?.is_installed() {
                remove_package(&workplace.root, &self.identity)?;
            }
            Err(refused)
        })?;
        let mut findings = self.warnings.clone();
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

    /// Refuses a package whose commands cannot be run before any of them runs.
    fn check_needed(&self) -> Result<(), Failure> {
        let mut components = Vec::new();
        for command in self.needed() {
            components.push(self.package.target(*command).ok_or_else(|| missing_command(*command))?);
        }
        components.sort_unstable();
        components.dedup();
        components
            .into_iter()
            .try_for_each(|name| Ok(scan_component(self.package, name).map(|_| ())?))
    }

    fn lower(&self, limits: &mut Limits) -> Result<(), RaiseRefused> {
        self.lowered
            .iter()
            .try_for_each(|(name, value)| limits.lower(*name, *value, Rule::CommandLine))
    }

    /// The handler in its place, and the commands to run there: a handler that is there is only enabled again.
    fn place(&self, workplace: &mut Workplace) -> Result<(InPlace, Vec<Command>), Failure> {
        let asked = |default: &[Command]| {
            if self.commands.is_empty() {
                default.to_vec()
            } else {
                self.commands.clone()
            }
        };
        let record = PackageRecord::of(self.package, "").map_err(|error| Failure::host(error, "try again"))?;
        let installed = workplace.state(&self.identity)?.is_installed();
        let there = HandlerDir::open(&workplace.root, &self.identity)?.filter(|_| installed);
        let (folders, commands) = match there {
            Some(folders) => {
                folders.expect(self.package)?;
                (folders, asked(&[Command::Enable]))
            }
            None => {
                // What is there of an install that never ended well is nobody's.
                remove_package(&workplace.root, &self.identity)?;
                let _progress = Progress::start(format!("unpacking {}", self.identity));
                let folders = HandlerDir::place(&workplace.root, &self.identity, self.package)?;
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
        handler: &Handler<'_>,
        workplace: &mut Workplace,
        commands: &[Command],
    ) -> Result<Vec<Execution>, Failure> {
        let mut executions = Vec::new();
        for command in commands {
            let _progress = Progress::start(format!("{} {command}", self.identity));
            let execution = handler.execute(*command, |limits| {
                // Checked before anything was laid out.
                let _ = self.lower(limits);
            })?;
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
        if ready && self.package.manifest().report_heartbeat() {
            let (beating, odd) = read_heartbeat(&written, verdict).map_err(unreadable)?;
            verdict = beating;
            findings.extend(odd);
        }
        let seen = in_place.folders.folders().map_err(unreadable)?;
        let addition = Addition {
            state: None,
            under_way: None,
            since: None,
            settings_written: false,
            changed: false,
            package: Some(PackageReport {
                file: self.file.clone(),
                ..PackageReport::new(&in_place.folders, in_place.package.record())
            }),
            folders: seen.iter().map(Into::into).collect(),
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
