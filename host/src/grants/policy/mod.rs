//! The operator's policy: which handlers may get what beyond the contract's folders.
//!
//! A policy is a list of rules, and the first one that a handler matches decides about it, alone: nothing of another rule
//! is added. In a rule, the first folder that contains the one asked for decides, likewise. Where nothing matches, nothing
//! more is granted than what the contract gives every handler.

mod folders;
mod gate;
mod read;
mod update;
mod values;

use hostler_contract::manifest::{DirectoryAccess, FolderPath, Precision};
use hostler_contract::{HandlerIdentity, Refused, Source, VersionRange};
use hostler_package::PackageDigest;

use super::Protected;
use super::effective::FolderQuota;
use crate::limits::LimitName;
use gate::Gate;
pub use update::{DEFAULT_HEALTH_TIME, MAX_HEALTH_TIME, OnUpdateFailure};

/// Largest policy, in bytes.
pub const MAX_POLICY_BYTES: usize = 256 << 10;

/// A folder that a rule allows, with all that lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedDirectory {
    /// Which.
    pub path: FolderPath,
    /// The most that may be done there.
    pub access: DirectoryAccess,
    /// The most that a command may add; only counts with [`DirectoryAccess::ReadWrite`].
    pub quota: FolderQuota,
}

/// What a handler has to be for a rule to decide about it; what is not said matches all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Match {
    /// What stands before the last dot of its name.
    pub publisher: Option<String>,
    /// What stands behind it.
    pub type_name: Option<String>,
    /// Its version.
    pub version: Option<VersionRange>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    /// Its name, by which reports call it.
    pub name: String,
    /// Which handlers it decides about.
    pub matches: Match,
    /// Whether it refuses them altogether.
    pub refuse: bool,
    /// Folders that they may have.
    pub directories: Vec<AllowedDirectory>,
    /// Variables that they may have.
    pub environment: Vec<String>,
    /// The most exact clocks that they may have.
    pub clock: Precision,
    /// The best random numbers that they may have.
    pub random: Precision,
    /// Whether they may run on after `enable`.
    pub service: bool,
    /// The most that they may use.
    pub limits: Vec<(LimitName, u64)>,
    /// What becomes of an update to them that fails.
    pub on_update_failure: OnUpdateFailure,
}

/// A policy, and what no policy can allow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// Its file, as findings call it; `None` where there is no policy.
    file: Option<String>,
    digest: Option<PackageDigest>,
    gate: Gate,
    rules: Vec<PolicyRule>,
    protected: Protected,
}

impl Policy {
    /// No policy: nothing more than what the contract gives every handler.
    pub fn none() -> Self {
        Self::default()
    }

    /// A policy of `rules` from `file`.
    pub fn new(file: &str, rules: Vec<PolicyRule>) -> Self {
        Self {
            file: Some(file.to_owned()),
            digest: None,
            gate: Gate::default(),
            rules,
            protected: Protected::default(),
        }
    }

    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// What is not TOML or out of bounds, and one finding for each key that is unknown, of a wrong type or has a value that
    /// is not known, with its position.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        read::read(source).map(|(gate, rules)| Self {
            digest: Some(PackageDigest::of(source.bytes)),
            gate,
            ..Self::new(source.file, rules)
        })
    }

    /// The same, where `protected` are the host's own folders.
    #[must_use]
    pub fn protecting(self, protected: Protected) -> Self {
        Self { protected, ..self }
    }

    /// Its file; `None` where there is no policy.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// SHA-256 of its file; `None` where it was not read from one.
    pub fn digest(&self) -> Option<PackageDigest> {
        self.digest
    }

    /// Its rules, the first one first.
    pub fn rules(&self) -> &[PolicyRule] {
        &self.rules
    }

    /// The host's own folders.
    pub fn protected(&self) -> &Protected {
        &self.protected
    }

    /// The rule that decides about `handler`: the first that it matches.
    pub fn rule_for(&self, handler: &HandlerIdentity) -> Option<&PolicyRule> {
        self.rules.iter().find(|rule| rule.matches.fits(handler))
    }

    /// What becomes of an update to `handler` that fails.
    pub fn on_update_failure(&self, handler: &HandlerIdentity) -> OnUpdateFailure {
        self.rule_for(handler)
            .map(|rule| rule.on_update_failure)
            .unwrap_or_default()
    }
}

impl Match {
    /// Whether `handler` is what this says.
    pub fn fits(&self, handler: &HandlerIdentity) -> bool {
        let is = |said: &Option<String>, real: &str| said.as_deref().is_none_or(|said| said == real);
        is(&self.publisher, handler.name.publisher())
            && is(&self.type_name, handler.name.type_name())
            && self
                .version
                .as_ref()
                .is_none_or(|range| range.matches(&handler.version))
    }
}
