//! The way of one package through its commands.

use std::path::PathBuf;

use hostler_contract::{Command, Finding, HandlerIdentity, codes};
use hostler_package::Package;

use super::GivenSettings;
use super::workplace::Workplace;
use crate::commands::failure::Failure;
use crate::commands::progress::Progress;
use crate::grants::Grants;
use crate::handler_dir::HandlerDir;
use crate::lifecycle::{Execution, Handler};
use crate::limits::{LimitName, Limits, RaiseRefused, Rule};
use crate::report::{
    Addition, CommandReport, PackageReport, Run, extension_verdict, handler_verdict, read_heartbeat, read_status,
};
use crate::root::Root;
use crate::sandbox::{CodeCache, Sandbox};

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
        let executions = self.execute(&handler, &commands)?;
        let mut findings = self.warnings.clone();
        findings.extend(self.settings.warnings.iter().cloned());
        findings.extend(decided.warnings);
        let run = self.conclude(&folders, &executions, findings)?;
        // A handler whose install failed is not installed: the next run in this root begins anew (contract 7.3).
        if executions
            .iter()
            .any(|execution| execution.command == Command::Install && !execution.outcome.end.is_success())
        {
            folders.remove(root)?;
        }
        Ok(run)
    }

    fn check_lowered(&self, grants: &Grants) -> Result<(), Failure> {
        let commands = if self.commands.is_empty() {
            &[Command::Install, Command::Enable]
        } else {
            &*self.commands
        };
        commands.iter().try_for_each(|command| {
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

    /// The handler's folders, and the commands to run in them: a handler that is there is only enabled again.
    fn place(&self, root: &Root) -> Result<(HandlerDir, Vec<Command>), Failure> {
        let asked = |default: &[Command]| {
            if self.commands.is_empty() {
                default.to_vec()
            } else {
                self.commands.clone()
            }
        };
        match HandlerDir::open(root, &self.identity)? {
            Some(folders) => {
                folders.expect(self.package)?;
                Ok((folders, asked(&[Command::Enable])))
            }
            None => {
                let _progress = Progress::start(format!("unpacking {}", self.identity));
                Ok((
                    HandlerDir::install(root, &self.identity, self.package)?,
                    asked(&[Command::Install, Command::Enable]),
                ))
            }
        }
    }

    /// Runs `commands` until one fails.
    fn execute(&self, handler: &Handler<'_>, commands: &[Command]) -> Result<Vec<Execution>, Failure> {
        let mut executions = Vec::new();
        for command in commands {
            let _progress = Progress::start(format!("{} {command}", self.identity));
            let execution = handler.execute(*command, |limits| {
                // Checked before anything was laid out.
                let _ = self.lower(limits);
            })?;
            let failed = !execution.outcome.end.is_success();
            executions.push(execution);
            if failed {
                break;
            }
        }
        Ok(executions)
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
