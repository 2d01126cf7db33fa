//! What goes to the process that checks, and what comes back.

use hostler_contract::{Finding, Refused, Severity};
use serde::{Deserialize, Serialize};

/// What the package is registered as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// `ProviderNameSpace`.
    pub namespace: String,
    /// `Type`.
    pub type_name: String,
    /// `Version`, as it was written.
    pub version: String,
}

/// What is known of a package that was admitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Admitted {
    /// What it asks the sandbox for: the object `sandbox` of its manifest as it stands there; nothing where it asks for
    /// nothing.
    pub asks: Option<serde_json::Value>,
    /// The names of its components.
    pub components: Vec<String>,
    /// What is odd about it; no refusals.
    pub warnings: Vec<Finding>,
}

/// A package that is not admitted, with at least one finding that says why.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.text())]
pub struct PackageRefused {
    /// Everything that was found.
    pub findings: Vec<Finding>,
}

impl PackageRefused {
    /// What is wrong, for the message of an operation: every refusal with its place and what would be right.
    fn text(&self) -> String {
        let refusals = self
            .findings
            .iter()
            .filter(|finding| finding.severity() == Severity::Refusal);
        let all: Vec<String> = refusals.take(10).map(ToString::to_string).collect();
        all.join("; ")
    }
}

impl From<Refused> for PackageRefused {
    fn from(refused: Refused) -> Self {
        Self {
            findings: refused.findings().to_vec(),
        }
    }
}

/// The answer of the process that checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Answer {
    Admitted(Admitted),
    Refused(Vec<Finding>),
}
