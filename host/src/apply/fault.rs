//! Why a handler could not be carried on with, where no command of it failed: the contract's code and words (contract 1.3
//! and 12), and our finding behind them.

use std::error::Error;

use hostler_contract::agent_code::{DOWNLOAD, MANIFEST_MISSING, MANIFEST_UNPARSABLE, UNKNOWN};
use hostler_contract::{Code, Command, Finding, Place, Refused, codes};

use crate::audit::AuditError;
use crate::handler_dir::{HandlerDirError, PackageRecord};
use crate::lifecycle::ExecutionError;
use crate::report::HandlerVerdict;
use crate::sandbox::PrepareError;
use crate::signatures::Signed;

/// A fault of a handler's entry, of its package, or of the host while it worked on it.
#[derive(Debug)]
pub(super) struct Fault {
    code: i32,
    message: String,
    findings: Vec<Finding>,
    /// Whether the host is to blame.
    pub(super) is_hosts: bool,
    /// Whether it is one extension's, and says nothing of its handler.
    pub(super) is_extensions: bool,
    /// Who signed the package that it is about.
    pub(super) signed: Signed,
}

impl Fault {
    fn new(code: i32, message: String, findings: Vec<Finding>) -> Self {
        Self {
            code,
            message,
            findings,
            is_hosts: false,
            is_extensions: false,
            signed: Signed::Unsigned,
        }
    }

    /// The same, of the package of `record`.
    pub(super) fn of_package(self, record: &PackageRecord) -> Self {
        Self {
            signed: record.signature.clone(),
            ..self
        }
    }

    /// The same, of one extension alone.
    pub(super) fn of_extension(self) -> Self {
        Self {
            is_extensions: true,
            ..self
        }
    }

    /// An entry of the goal state, or its settings, that cannot be used: nothing of the handler is run.
    pub(super) fn config(refused: &Refused) -> Self {
        let message =
            format!("Ran into config errors: {refused}\nPlease retry again as another operation with updated settings");
        Self::new(UNKNOWN, message, refused.findings().to_vec())
    }

    /// No version manifest could be had.
    pub(super) fn no_version_manifest(said: &str, findings: Vec<Finding>) -> Self {
        let message = format!("[ExtensionError] Failed to get ext handler pkgs: {said}");
        Self::new(UNKNOWN, message, findings)
    }

    /// The version manifest does not offer what is asked for.
    pub(super) fn not_offered(said: &str, findings: Vec<Finding>) -> Self {
        Self::new(UNKNOWN, format!("[ExtensionError] {said}"), findings)
    }

    /// No location gave the package.
    pub(super) fn download(said: &str, findings: Vec<Finding>) -> Self {
        let message = format!("Failed to download artifacts: [ExtensionDownloadError] {said}");
        Self::new(DOWNLOAD, message, findings)
    }

    /// The package came and cannot be used, or what is in place is not it any more.
    pub(super) fn package(refused: &Refused) -> Self {
        let first = refused.first();
        let findings = refused.findings().to_vec();
        let code = first.code();
        if code == codes::MANIFEST_MISSING {
            let said = "Failed to download artifacts: [ExtensionDownloadError] HandlerManifest.json not found";
            return Self::new(UNKNOWN, format!("{said}: {first}"), findings);
        }
        if code == codes::MANIFEST_JSON || code == codes::MANIFEST_ENCODING {
            let message = format!("[ExtensionError] Malformed manifest file ({first}).");
            return Self::new(MANIFEST_UNPARSABLE, message, findings);
        }
        // As the agent reports what its policy does not allow to be enabled.
        let number = if code == codes::GRANT_HANDLER || code == codes::PKG_SIGNATURE {
            Command::Enable.error_code()
        } else {
            UNKNOWN
        };
        Self::new(number, format!("[ExtensionError] {first}"), findings)
    }

    /// What is in place cannot be read (contract 1.3, last row).
    pub(super) fn in_place(refused: &Refused) -> Self {
        let first = refused.first();
        if first.code() == codes::MANIFEST_MISSING {
            let message = format!("[ExtensionError] Failed to load manifest file ({first}): No such file or directory");
            return Self::new(MANIFEST_MISSING, message, refused.findings().to_vec());
        }
        Self::package(refused)
    }

    /// The handler would get more than it has, and nobody has approved of it.
    pub(super) fn approval(finding: Finding) -> Self {
        Self::new(UNKNOWN, format!("[ExtensionError] {finding}"), vec![finding])
    }

    /// The host could not do its part.
    pub(super) fn host(error: &dyn Error, hint: &str) -> Self {
        let said = chain(error);
        let finding = Finding::refusal(codes::HOST_IO, "hostler", Place::Whole, &said, hint);
        Self {
            is_hosts: true,
            ..Self::new(
                UNKNOWN,
                format!("[ExtensionError] The host failed, not the handler: {said}"),
                vec![finding],
            )
        }
    }

    /// A version that was enabled and is not well.
    pub(super) fn unhealthy(finding: Finding) -> Self {
        Self::new(
            Command::Enable.error_code(),
            format!("[ExtensionUpdateError] {finding}"),
            vec![finding],
        )
    }

    /// Whether the version is at fault, neither the host nor somebody who has not approved of it yet.
    pub(super) fn is_versions(&self) -> bool {
        !self.is_hosts && self.first_code() != Some(codes::GRANT_APPROVAL)
    }

    /// What there is to say about it.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is reported, and what there is to say about it.
    pub(super) fn into_report(self) -> (HandlerVerdict, Vec<Finding>) {
        (HandlerVerdict::not_ready(self.code, self.message), self.findings)
    }

    /// Its first code, for logs.
    pub(super) fn first_code(&self) -> Option<Code> {
        self.findings.first().map(Finding::code)
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said += &format!(": {cause}");
        next = cause.source();
    }
    said
}

impl From<HandlerDirError> for Fault {
    fn from(error: HandlerDirError) -> Self {
        Self::host(&error, "look at the space and permissions of the root folder")
    }
}

impl From<AuditError> for Fault {
    fn from(error: AuditError) -> Self {
        Self::host(
            &error,
            "look at the space and permissions of the folder `audit` in the root",
        )
    }
}

impl From<ExecutionError> for Fault {
    fn from(error: ExecutionError) -> Self {
        Self::in_place(&error.0)
    }
}

impl From<PrepareError> for Fault {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Refused(refused) => Self::package(&refused),
            error => Self::host(&error, "look at the space and permissions of the root folder"),
        }
    }
}
