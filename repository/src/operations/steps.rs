//! The steps of an operation, each of which can be done once more.

use hostler_contract::{ExtensionImage, Source, definition, escape_bounded};

use crate::context::Context;
use crate::records::{
    Lease, Operation, OperationFailure, OperationKind, RecordsError, Regions, Version, VersionChange, Visibility,
    version_key,
};

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
    Err(StepError::Failed(OperationFailure {
        http_status: 500,
        code: "InternalError".to_owned(),
        message: format!("{} is not done yet", operation.kind),
    }))
}

/// Gives a version other texts, visibility or regions, and writes what hosts read.
async fn change(context: &Context, lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    let Some(known) = version_of(context, operation).await? else {
        return Err(failed("ResourceNotFound", 404, "the version is not there any more"));
    };
    let image = definition_of(operation)?;
    let new = VersionChange {
        definition: operation.payload.clone(),
        visibility: visibility(&image),
        regions: regions(&image),
    };
    context.records.change_version(lease, &known.id, &new).await?;
    Ok(())
}

/// Takes a version out of what hosts read, and out of the records.
async fn remove(context: &Context, lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    // One that is gone was taken away by this operation, before whoever carried it out died.
    if let Some(known) = version_of(context, operation).await?
        && !context.records.remove_version(lease, &known.id).await?
    {
        return Err(failed(
            "BadRequest",
            400,
            "the version is public, and only an internal one can be deleted",
        ));
    }
    Ok(())
}

/// The version that an operation is about, if it is on record.
async fn version_of(context: &Context, operation: &Operation) -> Result<Option<Version>, StepError> {
    let Ok(version) = hostler_contract::Version::parse(&operation.version) else {
        return Ok(None);
    };
    let key = version_key(&version);
    let records = &context.records;
    Ok(records
        .version_of(&operation.namespace, &operation.extension_type, &key)
        .await?)
}

/// The definition that an operation carries.
fn definition_of(operation: &Operation) -> Result<ExtensionImage, StepError> {
    let source = Source::new("the operation", operation.payload.as_bytes());
    match ExtensionImage::parse(source) {
        Ok(checked) => Ok(checked.value),
        // It was read once when it was accepted.
        Err(refused) => Err(failed("InternalError", 500, &refused.to_string())),
    }
}

/// Who may be given a version with this definition. What says nothing of it is public.
fn visibility(image: &ExtensionImage) -> Visibility {
    match image.is_internal_extension {
        Some(true) => Visibility::Internal,
        Some(false) | None => Visibility::Public,
    }
}

fn regions(image: &ExtensionImage) -> Regions {
    let text = image.regions.as_ref().map(definition::Regions::to_text);
    Regions::from_text(text.as_deref())
}

fn failed(code: &str, http_status: u16, message: &str) -> StepError {
    StepError::Failed(OperationFailure {
        http_status,
        code: code.to_owned(),
        message: escape_bounded(message, 1000),
    })
}
