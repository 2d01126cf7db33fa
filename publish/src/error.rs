//! What can go wrong between a publisher and a repository.

use std::path::PathBuf;

use hostler_contract::registration::{RequestId, ServiceError};
use hostler_contract::{Finding, Place, Refused, codes};

/// Why a call was not done.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A certificate file cannot be read, or holds nothing usable.
    #[error("{}: {what}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The repository could not be spoken to, however often it was tried.
    #[error("{address}: {what}")]
    Unreachable {
        /// Its address.
        address: String,
        /// What happened.
        what: String,
        /// Whether the request may have arrived all the same.
        sent: bool,
    },
    /// The repository answered with an error.
    #[error("{status} {error}")]
    Service {
        /// The HTTP status.
        status: u16,
        /// What it says.
        error: ServiceError,
    },
    /// The repository answered with something that is no answer.
    #[error(transparent)]
    Answer(#[from] Refused),
    /// The operation was accepted, and failed.
    #[error("operation {id} failed: {error}")]
    Operation {
        /// The operation.
        id: RequestId,
        /// The HTTP status that a synchronous answer would have had.
        status: u16,
        /// Why.
        error: ServiceError,
    },
    /// The operation was accepted, and had not ended when the patience had.
    #[error("operation {id} is still in progress")]
    StillInProgress {
        /// The operation.
        id: RequestId,
    },
}

impl PublishError {
    /// Whether the repository could not be spoken to, or could not do anything for now.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::StillInProgress { .. } => true,
            Self::Service { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// What is said of it: what, where and what to do.
    pub fn to_refused(&self) -> Refused {
        let finding = |code, place: &str, what: String, hint: &str| {
            Refused::new(Finding::refusal(code, place, Place::Whole, what, hint))
        };
        match self {
            Self::Certificate { path, what } => finding(
                codes::PUBLISH_SETTINGS,
                &path.display().to_string(),
                what.clone(),
                "name a file in PEM form with the certificate and its key, which is not encrypted",
            ),
            Self::Unreachable { address, what, .. } => finding(
                codes::REPO_UNREACHABLE,
                address,
                what.clone(),
                "look at the address, the network, and with `--ca` at what the server is trusted by",
            ),
            Self::Service { status, error } => {
                let code = if *status >= 500 {
                    codes::REPO_UNREACHABLE
                } else {
                    codes::REPO_REFUSED
                };
                finding(code, "repository", format!("{status} {error}"), hint_of(*status))
            }
            Self::Answer(refused) => refused.clone(),
            Self::Operation { id, status, error } => finding(
                codes::REPO_OPERATION,
                &format!("operation {id}"),
                format!("it failed: {status} {error}"),
                "mend what it says, and send it again",
            ),
            Self::StillInProgress { id } => finding(
                codes::REPO_UNREACHABLE,
                &format!("operation {id}"),
                "it is still in progress".to_owned(),
                "ask again later with `hostler extension check`",
            ),
        }
    }
}

fn hint_of(status: u16) -> &'static str {
    match status {
        403 => "look whether the certificate belongs to the subscription, and the subscription may publish",
        404 => "look at the names and the version; `hostler extension list` shows what there is",
        409 => "wait for the operation that runs, or give the version another number",
        500.. => "try again later",
        _ => "mend what it says, and send it again",
    }
}
