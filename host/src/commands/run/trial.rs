//! The way of one package through its commands.

use std::path::PathBuf;

use hostler_contract::{Command, Finding, HandlerIdentity, codes};
use hostler_package::Package;

use super::GivenSettings;
use super::workplace::Workplace;
use crate::commands::failure::Failure;
use crate::commands::lint::scan;
use crate::commands::progress::Progress;
use crate::grants::Grants;
use crate::handler_dir::HandlerDir;
use crate::lifecycle::{Execution, Handler, target};
use crate::limits::{LimitName, Limits, RaiseRefused, Rule};
use crate::report::{
    Addition, CommandReport, PackageReport, Run, extension_verdict, handler_verdict, read_heartbeat, read_status,
};
use crate::root::Root;
use crate::sandbox::{CodeCache, Sandbox};
use crate::state;

/// A package that is to be run, and how.
pub(super) struct Trial<'a> {
    pub(super) identity: HandlerIdentity,
    pub(super) package: &'a Package,
    pub(super) file: String,
    pub(super) settings: GivenSettings,
    /// Empty for what the root asks for.
    pub(super) commands: Vec<Command>,
    pub(super) lowered: Vec<(LimitName, u64)>,
    pub(super) keep: Option<PathBuf>,
    pub(super) cache: Option<CodeCache>,
    pub(super) warnings: Vec<Finding>,
}

impl Trial<'_> {
    /// Runs it.
    pub(super) fn run(self) -> Result<Run, Failure> {
        let decided = Grants::decide(self.package.manifest(), hostler_contract::manifest::MANIFEST_FILE)?;
        self.check_lowered(&decided.grants)?;
        self.check_needed()?;
        tracing::debug!(handler = %self.identity, "granted: the contract's folders, within the limits");
        let sandbox = Sandbox::new().map_err(|error| Failure::host(error, "run hostler on a 64-bit Linux machine"))?;

        let workplace = Workplace::open(self.keep.as_deref())?;
        let root = &workplace.root;
        let (folders, commands) = self.place(root)?;
        folders.write_settings(&self.settings.name, self.settings.settings.as_ref())?;
        let handler = Handler {
            sandbox: &sandbox,
            cache: self.cache.as_ref(),
            package: self.package,
            grants: &decided.grants,
            folders: &folders,
            settings: &self.settings.name,
        };
        let executions = self.execute(&handler, root, &commands).or_else(|refused| {
            // Nothing of a package that is refused before it was installed stays in place.
            if !state::is_installed(root, &self.identity)? {
                folders.remove(root)?;
            }
            Err(refused)
        })?;
        let mut findings = self.warnings.clone();
        findings.extend(self.settings.warnings.iter().cloned());
        findings.extend(decided.warnings);
        let run = self.conclude(&folders, &executions, findings)?;
        self.take_away(&folders, root, &executions)?;
        Ok(run)
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
            components.push(target(self.package, *command)?.0);
        }
        components.sort_unstable();
        components.dedup();
        components
            .into_iter()
            .try_for_each(|name| Ok(scan(self.package, name).map(|_| ())?))
    }

    fn lower(&self, limits: &mut Limits) -> Result<(), RaiseRefused> {
        self.lowered
            .iter()
            .try_for_each(|(name, value)| limits.lower(*name, *value, Rule::CommandLine))
    }

    /// The handler's folders, and the commands to run in them: a handler that is there is only enabled again.
    fn place(&self, root: &Root) -> Result<(HandlerDir, Vec<Command>), Failure> {
        let asked = |default: &[Command]| {
            if self.commands.is_empty() {
                default.to_vec()
            } else {
                self.commands.clone()
            }
        };
        if let Some(folders) = HandlerDir::open(root, &self.identity)? {
            if state::is_installed(root, &self.identity)? {
                folders.expect(self.package)?;
                return Ok((folders, asked(&[Command::Enable])));
            }
            tracing::debug!(handler = %self.identity, "its install never ended well: it is installed anew");
            folders.remove(root)?;
        }
        state::forget(root, &self.identity)?;
        let _progress = Progress::start(format!("unpacking {}", self.identity));
        let folders = HandlerDir::install(root, &self.identity, self.package)?;
        Ok((folders, asked(&[Command::Install, Command::Enable])))
    }

    /// Runs `commands` until one fails.
    fn execute(&self, handler: &Handler<'_>, root: &Root, commands: &[Command]) -> Result<Vec<Execution>, Failure> {
        let mut executions = Vec::new();
        for command in commands {
            let _progress = Progress::start(format!("{} {command}", self.identity));
            let execution = handler.execute(*command, |limits| {
                // Checked before anything was laid out.
                let _ = self.lower(limits);
            })?;
            let failed = !execution.outcome.end.is_success();
            if *command == Command::Install {
                // One that fails where it went well before leaves a handler that is not installed.
                if failed {
                    state::forget(root, &self.identity)?;
                } else {
                    state::remember_installed(root, &self.identity)?;
                }
            }
            executions.push(execution);
            if failed {
                break;
            }
        }
        Ok(executions)
    }

    /// Takes away what is no longer in place after `executions`: the next run in this root begins anew.
    fn take_away(&self, folders: &HandlerDir, root: &Root, executions: &[Execution]) -> Result<(), Failure> {
        match executions.last() {
            // Whether or not the command itself went well (contract 7.5).
            Some(last) if last.command == Command::Uninstall => {
                state::forget(root, &self.identity)?;
                Ok(folders.uninstall(root)?)
            }
            // A handler whose install failed is not installed (contract 7.3).
            Some(last) if last.command == Command::Install && !last.outcome.end.is_success() => {
                Ok(folders.remove(root)?)
            }
            _ => Ok(()),
        }
    }

    fn conclude(
        &self,
        folders: &HandlerDir,
        executions: &[Execution],
        mut findings: Vec<Finding>,
    ) -> Result<Run, Failure> {
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
        let enabled = executions
            .iter()
            .rfind(|execution| execution.command == Command::Enable);
        let mut extension = None;
        if let Some(enable) = enabled.filter(|_| self.settings.settings.is_some()) {
            let name = &self.settings.name;
            let (read, odd) = read_status(folders, name).map_err(unreadable)?;
            findings.extend(odd);
            let reported = extension_verdict(enable, &self.identity, name, &read);
            findings.extend(reported.finding);
            extension = Some((name.clone(), reported.status));
        }
        let ready = last.command == Command::Enable && last.outcome.end.is_success();
        if ready && self.package.manifest().report_heartbeat() {
            let (beating, odd) = read_heartbeat(folders, verdict).map_err(unreadable)?;
            verdict = beating;
            findings.extend(odd);
        }
        let seen = folders.folders().map_err(unreadable)?;
        let addition = Addition {
            package: PackageReport::new(folders, &self.file, self.package),
            folders: seen.iter().map(Into::into).collect(),
            commands: executions.iter().map(CommandReport::from).collect(),
            findings,
        };
        Ok(Run {
            identity: self.identity.clone(),
            verdict,
            extension,
            addition,
        })
    }
}
