//! The first step of a registration: the package is fetched, checked and kept, and the version is put on record.

use hostler_contract::ExtensionImage;

use super::steps::{StepError, definition_of, failed, regions, visibility};
use super::sweep::{give_back, hold_package};
use crate::admission::{CheckerError, Registered};
use crate::context::Context;
use crate::media::MediaLink;
use crate::published::names_fit;
use crate::records::{Lease, NewVersion, Operation, RecordsError, Version};
use crate::stores::{Bounds, Received};

/// Attempts to fetch a package before its operation fails.
const MOST_FETCHES: u32 = 5;

/// Puts the version of `operation` on record once its package is known to be good.
pub(super) async fn admit(context: &Context, lease: &Lease, operation: &Operation) -> Result<Version, StepError> {
    let image = definition_of(operation)?;
    let (namespace, extension_type) = (&operation.namespace, &operation.extension_type);
    let regions_short = context.regions().iter().map(|region| region.name.short());
    names_fit(namespace, extension_type, &operation.version, regions_short)
        .map_err(|what| failed("BadRequest", 400, &what))?;
    let received = package(context, operation, &image).await?;
    let registered = Registered {
        namespace: operation.namespace.clone(),
        type_name: operation.extension_type.clone(),
        version: operation.version.clone(),
    };
    let admitted = context
        .checker
        .check(&received, &registered)
        .await
        .map_err(|error| match &error {
            CheckerError::Process(_) => StepError::Later(said(&error)),
            CheckerError::Refused(_) | CheckerError::NoAnswer { .. } => {
                failed("BadRequest", 400, &format!("the package is refused: {error}"))
            }
        })?;
    let kept = context.packages.keep(&received).await;
    let kept = kept.map_err(|error| StepError::Later(said(&error)))?;
    let new = NewVersion {
        definition: operation.payload.clone(),
        package_sha256: kept.digest.to_string(),
        package_size: kept.size,
        visibility: visibility(&image),
        regions: regions(&image),
        asks: admitted.asks.map(|asks| asks.to_string()),
    };
    let names: Vec<String> = context
        .regions()
        .iter()
        .map(|region| region.name.as_str().to_owned())
        .collect();
    let held = hold_package(context, &received, &operation.id).await;
    let held = held.map_err(|error| StepError::Later(said(&error)))?;
    let admitted = context.records.admit_version(lease, operation, &new, &names).await;
    give_back(&context.records, &held).await;
    match admitted {
        Err(error @ RecordsError::Exists { .. }) => Err(failed("ConflictError", 409, &error.to_string())),
        other => Ok(other?),
    }
}

/// The package that a definition's MediaLink leads to: an upload of this repository, or something to be fetched.
async fn package(context: &Context, operation: &Operation, image: &ExtensionImage) -> Result<Received, StepError> {
    let wrong = |what: &str| failed("BadRequest", 400, &format!("MediaLink: {what}"));
    let link = image.media_link.as_ref().map(|link| link.as_str()).unwrap_or_default();
    let authorities = context.records.addresses().await?;
    if let Some(name) = MediaLink::upload(link, &authorities) {
        let found = context.records.blob(name.as_str()).await?;
        let found = found.filter(|blob| blob.subscription == operation.subscription);
        let digest = found.and_then(|blob| blob.sha256.parse().ok());
        let digest = digest.ok_or_else(|| {
            wrong(&format!(
                "there is no upload named {name}; send it by PUT /blob/extensions/{name} first"
            ))
        })?;
        let pieces = context.packages.pieces(digest).await;
        let pieces = pieces.map_err(|error| StepError::Later(said(&error)))?;
        let pieces = pieces.ok_or_else(|| wrong(&format!("the upload {name} is lost; send it again")))?;
        let received = Received::take_in(&context.incoming(), pieces, Bounds::default()).await;
        return received.map_err(|error| StepError::Later(said(&error)));
    }
    let link = MediaLink::parse(link, context.fetcher.allowed()).map_err(|refusal| wrong(&refusal.to_string()))?;
    let fetched = context
        .fetcher
        .fetch(&link, &context.incoming(), Bounds::default())
        .await;
    fetched.map_err(
        |failure| match failure.may_pass() && operation.attempts < MOST_FETCHES {
            true => StepError::Later(failure.to_string()),
            false => wrong(&failure.to_string()),
        },
    )
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
