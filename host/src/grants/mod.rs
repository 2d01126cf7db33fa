//! What a handler may reach: what its package asks for, as far as the operator's policy allows it (design D5).
//!
//! ```text
//! manifest ── asked ──┐
//! policy ── rule ─────┼─► decide ──► Grants ──► open ──► folders and variables of one command
//! never ──────────────┘                └─► Effective: kept, compared, approved by its digest
//! ```
//!
//! A package that asks for more than it may have is refused, by name. What is never granted is not a matter of policy.

mod asked;
mod decide;
#[cfg(test)]
mod decide_properties;
#[cfg(test)]
mod decide_tests;
mod effective;
mod mounts;
mod never;
mod open;
mod package_limits;
mod policy;
#[cfg(test)]
mod policy_tests;

use std::collections::BTreeMap;
use std::path::Path;

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Finding, HandlerIdentity, Manifest, Refused, codes};
use serde::Serialize;

use crate::limits::{Limits, Rule};
use crate::sandbox::Folder;
pub use effective::{
    CommandGrants, DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES, Difference, Effective, FOLDER_DEPTH, FolderQuota,
    GrantedDirectory, summary,
};
pub use never::Protected;
pub use policy::{
    AllowedDirectory, Claimant, DEFAULT_HEALTH_TIME, MAX_HEALTH_TIME, MAX_POLICY_BYTES, Match, OnUpdateFailure, Policy,
    PolicyRule, RequireSignature,
};

/// The decision about a package: it may run with the folders of the contract and with what was granted on top, within
/// these limits.
///
/// Only [`Grants::decide`] and [`Grants::weigh`] make one, so nothing runs without a decision.
#[derive(Debug, Clone)]
pub struct Grants {
    limits: BTreeMap<Command, Limits>,
    effective: Effective,
    /// What is never opened, whatever was decided.
    protected: Protected,
}

/// Which rule decided about a handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// There is no policy.
    NoPolicy,
    /// No rule of the policy matches the handler.
    NoRule,
    /// The rule of that name.
    Rule(String),
}

/// One thing that a package asks for, for one command, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// For which command.
    #[serde(skip)]
    pub command: Command,
    /// `directories`, `environment`, `clock`, `random` or `service`.
    pub capability: &'static str,
    /// What is asked for; `None` for what is taken without being asked for.
    pub asked: Option<String>,
    /// What is allowed of that; `None` for nothing.
    pub allowed: Option<String>,
    /// What the command gets; `None` for nothing.
    pub effective: Option<String>,
}

/// A decision and what is odd about it.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The grants.
    pub grants: Grants,
    /// Which rule decided.
    pub by: DecidedBy,
    /// What was asked for, and what became of it.
    pub weighed: Vec<Weighed>,
    /// What was asked for and cannot be kept here; never a refusal.
    pub warnings: Vec<Finding>,
}

impl Grants {
    /// Decides what `handler`, the package with that `manifest`, known to findings as `file`, may do under `policy`.
    ///
    /// # Errors
    ///
    /// [`Refused`] with one finding for each capability that is asked for and not allowed, and for each limit asked to be
    /// higher than what is in force or that does not exist.
    pub fn decide<'h>(
        manifest: &Manifest,
        file: &str,
        policy: &Policy,
        handler: impl Into<Claimant<'h>>,
    ) -> Result<Decided, Refused> {
        let (decided, findings) = Self::weigh(manifest, file, policy, handler);
        let warnings = Refused::unless_only_warnings(findings)?;
        Ok(Decided { warnings, ..decided })
    }

    /// The same where nothing is refused: of what is asked for beyond what is allowed nothing is granted, and what there
    /// would be to say about it comes beside the decision. For commands that take a handler away, which must not fail
    /// because a policy became narrower, and for showing a decision.
    pub fn weigh<'h>(
        manifest: &Manifest,
        file: &str,
        policy: &Policy,
        handler: impl Into<Claimant<'h>>,
    ) -> (Decided, Vec<Finding>) {
        decide::weigh(manifest, file, policy, handler.into())
    }

    /// What can be said against a package whatever the policy is: what is never granted, and what is not clear.
    pub fn check(manifest: &Manifest, file: &str) -> Vec<Finding> {
        // Which handler makes no difference where there is no policy.
        let Ok(any) = HandlerIdentity::parse("Any.Handler-0") else {
            return vec![];
        };
        let (_, mut findings) = Self::weigh(manifest, file, &Policy::none(), &any);
        findings.retain(|finding| finding.code() != codes::MANIFEST_CAPABILITY);
        findings
    }

    /// The same grants where `folder` is the host's own too.
    pub fn protect(&mut self, folder: &Path) {
        self.protected.add(folder.to_owned());
    }

    /// The same grants without what `in_force` does not have: for a handler that goes.
    #[must_use]
    pub fn no_wider_than(mut self, in_force: &Effective) -> Self {
        self.effective = self.effective.within(in_force);
        self
    }

    /// The limits of `command`.
    pub fn limits(&self, command: Command) -> Limits {
        self.limits
            .get(&command)
            .cloned()
            .unwrap_or_else(|| Limits::of_command(command))
    }

    /// All that is granted beyond the contract, as data.
    pub fn effective(&self) -> &Effective {
        &self.effective
    }

    /// How exact the clocks of `command` are.
    pub fn clock(&self, command: Command) -> Precision {
        self.effective.of(command).clock
    }

    /// Where the random numbers of `command` come from.
    pub fn random(&self, command: Command) -> Precision {
        self.effective.of(command).random
    }

    /// Whether the handler may run on after `enable`.
    pub fn service(&self) -> bool {
        self.effective.of(Command::Enable).service
    }

    /// The granted variables of `command` that the host has, with their values.
    pub fn variables(&self, command: Command) -> Vec<(String, String)> {
        let names = self.effective.of(command).environment;
        names
            .into_iter()
            .filter_map(|name| std::env::var(&name).ok().map(|value| (name, value)))
            .collect()
    }

    /// The granted folders of `command`, opened now. What the decision went by was their paths; what is opened is looked at
    /// once more, by what it really is.
    ///
    /// # Errors
    ///
    /// `grant.directory` for each folder that is missing, that a link leads to, or that is, contains or lies in what is
    /// never granted.
    pub fn open_folders(&self, command: Command) -> Result<Vec<Folder>, Refused> {
        open::open_all(&self.effective.of(command).directories, &self.protected)
    }
}

/// The limits in `limits` that package or policy lowered.
fn lowered(limits: &Limits) -> BTreeMap<String, u64> {
    limits
        .iter()
        .filter(|(_, limit)| matches!(limit.rule, Rule::Package | Rule::Policy))
        .map(|(name, limit)| (name.name().to_owned(), limit.value))
        .collect()
}
