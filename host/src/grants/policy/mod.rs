//! The operator's policy: which handlers may get what beyond the contract's folders.
//!
//! A policy is a list of rules, and the first one that a handler matches decides about it, alone: nothing of another rule
//! is added. In a rule, the first folder that contains the one asked for decides, likewise. Where nothing matches, nothing
//! more is granted than what the contract gives every handler.

mod folders;
mod read;
mod signatures;
mod update;
mod values;

use hostler_contract::manifest::{DirectoryAccess, FolderPath, Precision};
use hostler_contract::{HandlerIdentity, Refused, Source, VersionRange};
use hostler_package::PackageDigest;

use super::Protected;
use super::effective::FolderQuota;
use crate::limits::LimitName;
use crate::signatures::{Signed, Signer};
pub use signatures::RequireSignature;
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
    /// Who signed its package.
    pub signer: Option<String>,
}

/// A handler and who signed its package, as far as that was verified: what a rule is found for.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'h> {
    identity: &'h HandlerIdentity,
    signer: Option<&'h str>,
}

impl<'h> Claimant<'h> {
    /// `identity`, whose package is `signed`.
    pub fn of(identity: &'h HandlerIdentity, signed: &'h Signed) -> Self {
        Self {
            identity,
            signer: signed.signer(),
        }
    }

    /// Which handler.
    pub fn identity(self) -> &'h HandlerIdentity {
        self.identity
    }
}

impl<'h> From<&'h HandlerIdentity> for Claimant<'h> {
    /// Signed by nobody who is known.
    fn from(identity: &'h HandlerIdentity) -> Self {
        Self { identity, signer: None }
    }
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
    /// Which of their packages have to be signed.
    pub require_signature: RequireSignature,
    /// Packages that are taken without.
    pub unsigned_digests: Vec<PackageDigest>,
    /// Whether they are taken with a signature that does not verify.
    pub accept_bad_signature: bool,
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
    rules: Vec<PolicyRule>,
    signers: Vec<Signer>,
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
            rules,
            signers: vec![],
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
        read::read(source).map(|(rules, signers)| Self {
            digest: Some(PackageDigest::of(source.bytes)),
            signers,
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
    pub fn rule_for<'h>(&self, handler: impl Into<Claimant<'h>>) -> Option<&PolicyRule> {
        let handler = handler.into();
        self.rules.iter().find(|rule| rule.matches.fits(handler))
    }

    /// What becomes of an update to `handler` that fails. That is known before its package has come, so it is said by the
    /// first rule that matches whoever signed it.
    pub fn on_update_failure(&self, handler: &HandlerIdentity) -> OnUpdateFailure {
        self.rules
            .iter()
            .find(|rule| rule.matches.names(handler))
            .map(|rule| rule.on_update_failure)
            .unwrap_or_default()
    }
}

impl Match {
    /// Whether `handler` is what this says.
    pub fn fits(&self, handler: Claimant<'_>) -> bool {
        let signer = self.signer.as_deref();
        signer.is_none_or(|signer| handler.signer == Some(signer)) && self.names(handler.identity)
    }

    /// Whether `handler` is called what this says, whoever signed it.
    fn names(&self, handler: &HandlerIdentity) -> bool {
        let is = |said: &Option<String>, real: &str| said.as_deref().is_none_or(|said| said == real);
        is(&self.publisher, handler.name.publisher())
            && is(&self.type_name, handler.name.type_name())
            && self
                .version
                .as_ref()
                .is_none_or(|range| range.matches(&handler.version))
    }
}
