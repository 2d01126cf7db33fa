//! The steps of an operation, each of which can be done once more.

use hostler_contract::escape_bounded;

use crate::context::Context;
use crate::records::{Lease, Operation, OperationFailure, OperationKind, RecordsError};

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// It cannot be done, now or later: the operation ends as failed, and its publisher is told why.
    #[error(transparent)]
    Failed(#[from] OperationFailure),
    /// Something did not work that may work later: the operation is put back and tried again.
    #[error("{0}")]
    Later(String),
    /// The records. A lost lease ends this server's work on the operation at once.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// Carries `operation` out, from wherever it stands.
///
/// # Errors
/// When it failed, when it is to be tried again, when another server has it by now.
pub async fn carry_out(context: &Context, lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    match operation.kind {
        OperationKind::Register | OperationKind::AddVersion => admit_and_replicate(context, lease, operation).await,
        OperationKind::ChangeVersion => change(context, lease, operation).await,
        OperationKind::Unregister => remove(context, lease, operation).await,
    }
}

/// Checks the package, records the version, copies it to every region, makes it available, and writes what hosts read.
async fn admit_and_replicate(_context: &Context, _lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    Err(not_yet(operation))
}

/// Gives a version other texts, visibility or regions, and writes what hosts read.
async fn change(_context: &Context, _lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    Err(not_yet(operation))
}

/// Takes a version out of what hosts read, and out of the records.
async fn remove(_context: &Context, _lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    Err(not_yet(operation))
}

fn not_yet(operation: &Operation) -> StepError {
    StepError::Failed(OperationFailure {
        http_status: 500,
        code: "InternalError".to_owned(),
        message: escape_bounded(&format!("{} is not done yet", operation.kind), 200),
    })
}
