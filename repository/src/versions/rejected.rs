//! A decision against what was asked for.

use hostler_contract::registration::{ErrorCode, ServiceError};

/// Why something is not done, as its publisher is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejected {
    /// The code, which has an HTTP status.
    pub code: ErrorCode,
    /// What, where, and what would be right; one or two sentences.
    pub message: String,
}

impl Rejected {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The answer's document.
    pub fn to_service_error(&self) -> ServiceError {
        ServiceError::new(self.code, &self.message)
    }
}
