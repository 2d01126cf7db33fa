//! The steps of an operation, each of which can be done once more.

use hostler_contract::{ExtensionImage, Source, definition, escape_bounded};

use super::admit::admit;
use crate::context::Context;
use crate::records::{
    Lease, Operation, OperationFailure, OperationKind, RecordsError, Regions, Version, VersionChange, Visibility,
    version_key,
};
use crate::replication::Replicated;

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// It cannot be done, now or later: the operation ends as failed, and its publisher is told why.
    #[error(transparent)]
    Failed(#[from] OperationFailure),
    /// Something did not work that may work later: the operation is put back and tried again.
    #[error("{0}")]
    Later(String),
    /// Some region does not have its copy yet: the operation is put back until the next attempt.
    #[error("{why}")]
    Waiting {
        /// When that may be, in milliseconds since 1970.
        not_before_ms: i64,
        /// What the last attempt failed of.
        why: String,
    },
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
async fn admit_and_replicate(context: &Context, lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    // A version has the number of the operation that made it.
    let version = match context.records.version(&operation.id).await? {
        Some(version) => version,
        None => admit(context, lease, operation).await?,
    };
    if let Replicated::Waiting { not_before_ms, why } = context.replicator.replicate(&version).await? {
        return Err(StepError::Waiting { not_before_ms, why });
    }
    if !context.records.make_available(&version.id).await? {
        return Err(StepError::Later("a region lost its copy".to_owned()));
    }
    publish(context, operation).await
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
    publish(context, operation).await
}

/// Takes a version out of the records, then out of what hosts read, and its package out of the stores at last.
async fn remove(context: &Context, lease: &Lease, operation: &Operation) -> Result<(), StepError> {
    // One that is gone was taken away by this operation, before whoever carried it out died.
    if let Some(known) = version_of(context, operation).await?
        && !context.records.remove_version(lease, &known.id).await?
    {
        let what = "the version is public, and only an internal one can be deleted";
        return Err(failed("BadRequest", 400, what));
    }
    publish(context, operation).await?;
    // The payload of such an operation is the digest of the package.
    remove_package(context, operation, &operation.payload).await
}

/// What is left of a failed registration after its version was taken off the records.
pub(super) async fn clean_up(context: &Context, operation: &Operation, version: &Version) -> Result<(), StepError> {
    publish(context, operation).await?;
    remove_package(context, operation, &version.package_sha256).await
}

async fn publish(context: &Context, operation: &Operation) -> Result<(), StepError> {
    let published = context
        .publisher
        .publish(&operation.namespace, &operation.extension_type)
        .await;
    published.map_err(|error| StepError::Later(error.to_string()))
}

async fn remove_package(context: &Context, operation: &Operation, sha256: &str) -> Result<(), StepError> {
    let Operation {
        namespace,
        extension_type,
        version,
        ..
    } = operation;
    let removed = context
        .replicator
        .remove(namespace, extension_type, version, sha256)
        .await;
    removed.map_err(|error| StepError::Later(error.to_string()))
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
pub(super) fn definition_of(operation: &Operation) -> Result<ExtensionImage, StepError> {
    let source = Source::new("the operation", operation.payload.as_bytes());
    match ExtensionImage::parse(source) {
        Ok(checked) => Ok(checked.value),
        // It was read once when it was accepted.
        Err(refused) => Err(failed("InternalError", 500, &refused.to_string())),
    }
}

/// Who may be given a version with this definition. What says nothing of it is public.
pub(super) fn visibility(image: &ExtensionImage) -> Visibility {
    match image.is_internal_extension {
        Some(true) => Visibility::Internal,
        Some(false) | None => Visibility::Public,
    }
}

pub(super) fn regions(image: &ExtensionImage) -> Regions {
    let text = image.regions.as_ref().map(definition::Regions::to_text);
    Regions::from_text(text.as_deref())
}

pub(super) fn failed(code: &str, http_status: u16, message: &str) -> StepError {
    StepError::Failed(OperationFailure {
        http_status,
        code: code.to_owned(),
        message: escape_bounded(message, 1000),
    })
}
