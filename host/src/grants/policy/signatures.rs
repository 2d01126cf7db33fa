//! What a policy says of signatures: who may sign, and which packages need it.

use std::path::{Path, PathBuf};

use hostler_contract::{Finding, Place, Refused, codes, escape_bounded};
use hostler_package::PackageDigest;

use super::Policy;
use super::read::{Reader, Table, Value, in_order};
use crate::signatures::Signer;

/// Most signers of a policy, and most files of one.
pub(super) const MAX_SIGNERS: usize = 64;

/// Most digests of one rule.
const MAX_DIGESTS: usize = 1024;

const SIGNER_KEYS: [&str; 3] = ["name", "roots", "check-time"];

/// Which packages a rule wants signed (`require-signature`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequireSignature {
    /// None: one that is there has to verify all the same.
    #[default]
    Never,
    /// Those that came over a network.
    Network,
    /// All.
    Always,
}

impl Reader<'_> {
    pub(super) fn signer(&mut self, table: &Table<'_>, at: &Value<'_>) -> Option<Signer> {
        let (mut name, mut roots, mut check_time) = (None, vec![], true);
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "name" => name = self.name(value),
                "roots" => roots = self.roots(value),
                "check-time" => check_time = self.flag(value).unwrap_or(true),
                _ => self.unknown(key, &SIGNER_KEYS),
            }
        }
        if roots.is_empty() {
            let what = "a signer without `roots` can sign nothing";
            let hint = "write roots = [\"/etc/hostler/publisher.pem\"], files with certificates in PEM";
            self.refuse(codes::POLICY_TYPE, &at.span(), what, hint);
        }
        let Some(name) = name else {
            let hint = "give it a name that rules can call it by";
            self.refuse(codes::POLICY_TYPE, &at.span(), "a signer has no `name`", hint);
            return None;
        };
        Some(Signer::new(name, roots, check_time))
    }

    fn roots(&mut self, value: &Value<'_>) -> Vec<PathBuf> {
        let mut roots = vec![];
        for item in self.items(value, MAX_SIGNERS) {
            let Some(text) = self.string(item) else { continue };
            let path = PathBuf::from(text);
            if path.is_absolute() {
                roots.push(path);
            } else {
                let what = format!("`{}` is not an absolute path", escape_bounded(text, 80));
                self.refuse(
                    codes::POLICY_VALUE,
                    &item.span(),
                    what,
                    "write the whole path, from `/` on",
                );
            }
        }
        roots
    }

    pub(super) fn require_signature(&mut self, value: &Value<'_>) -> RequireSignature {
        match self.string(value) {
            Some("never") | None => RequireSignature::Never,
            Some("network") => RequireSignature::Network,
            Some("always") => RequireSignature::Always,
            Some(other) => {
                let what = format!("`{}` is not a word for it", escape_bounded(other, 80));
                let hint = "write \"always\", \"network\" or \"never\"";
                self.refuse(codes::POLICY_VALUE, &value.span(), what, hint);
                // What was meant is not known: the safe one.
                RequireSignature::Always
            }
        }
    }

    pub(super) fn digests(&mut self, value: &Value<'_>) -> Vec<PackageDigest> {
        let mut digests = vec![];
        for item in self.items(value, MAX_DIGESTS) {
            let Some(text) = self.string(item) else { continue };
            match text.parse() {
                Ok(digest) => digests.push(digest),
                Err(_) => {
                    let what = format!("`{}` is not a SHA-256", escape_bounded(text, 80));
                    let hint = "write 64 hexadecimal digits, as `hostler inspect` shows them";
                    self.refuse(codes::POLICY_VALUE, &item.span(), what, hint);
                }
            }
        }
        digests
    }
}

impl Policy {
    /// Who may sign.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The same with the certificates of its signers, each file of which `read` reads.
    ///
    /// # Errors
    ///
    /// `policy.signer`: a file that cannot be read or used.
    pub fn with_signers_read(mut self, read: impl Fn(&Path) -> Result<Vec<u8>, String>) -> Result<Self, Refused> {
        let file = self.file.clone().unwrap_or_default();
        for signer in &mut self.signers {
            for path in signer.roots.clone() {
                let taken = read(&path).and_then(|pem| signer.take(&pem).map_err(str::to_owned));
                taken.map_err(|why| {
                    let what = format!("{}, a root of signer `{}`: {why}", path.display(), signer.name);
                    let hint = "name a file with certificates in PEM that only root or you can write to";
                    Refused::new(Finding::refusal(codes::POLICY_SIGNER, &file, Place::Whole, what, hint))
                })?;
            }
        }
        Ok(self)
    }
}
