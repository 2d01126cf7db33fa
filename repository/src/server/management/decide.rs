//! Whether a request that is right in itself may be carried out with what is on record, and what it comes to.

use hostler_contract::registration::{ErrorCode, ServiceError};
use hostler_contract::{ExtensionImage, Refused};

use super::super::answer::Failure;
use crate::records::{OperationKind, Standing, Version, Visibility, version_key};

/// What is decided: the kind of the operation, and the whole definition that the version is to have.
type Decided = Result<(OperationKind, String), Failure>;

/// Fails unless `image` says all that a new version needs.
pub(super) fn is_complete(image: &ExtensionImage, file: &str) -> Result<(), Failure> {
    match Refused::unless_only_warnings(image.check_new(file)) {
        Ok(_) => Ok(()),
        Err(refused) => {
            let error = ServiceError::of_refused(&refused);
            Err(Failure::new(
                error.known().unwrap_or(ErrorCode::BadRequest),
                error.message,
            ))
        }
    }
}

/// A new extension: its identity may not be on record, and its namespace not be another's.
pub(super) fn register(image: &ExtensionImage, standing: &Standing, subscription: &str, quota: i64) -> Decided {
    owned(image, standing, subscription)?;
    if !standing.versions.is_empty() {
        let what = format!(
            "{} is registered already; send further versions by PUT with `?action=update`",
            image.handler_name()
        );
        return Err(Failure::new(ErrorCode::ConflictError, what));
    }
    within_quota(standing, quota)?;
    Ok((OperationKind::Register, image.to_xml()))
}

/// Another version of a known extension, or a change of a known version.
pub(super) fn update(
    image: &ExtensionImage,
    file: &str,
    standing: &Standing,
    subscription: &str,
    quota: i64,
) -> Decided {
    owned(image, standing, subscription)?;
    if standing.versions.is_empty() {
        let what = format!(
            "there is no extension {}; register it by POST first",
            image.handler_name()
        );
        return Err(Failure::new(ErrorCode::ResourceNotFound, what));
    }
    let key = version_key(&image.version);
    match standing.versions.iter().find(|version| version.key == key) {
        Some(known) => change(image, known),
        None => {
            is_complete(image, file)?;
            within_quota(standing, quota)?;
            Ok((OperationKind::AddVersion, image.to_xml()))
        }
    }
}

/// The end of a version: only of one that nobody is given unasked.
pub(super) fn unregister(key: &str, standing: &Standing) -> Decided {
    match standing.versions.iter().find(|version| version.key == key) {
        None => Err(super::not_found("such a version any more")),
        Some(version) if version.visibility == Visibility::Public => {
            let what = format!(
                "version {} is public, and only an internal one can be deleted; update it with IsInternalExtension true first",
                version.version
            );
            Err(Failure::new(ErrorCode::BadRequest, what))
        }
        Some(_) => Ok((OperationKind::Unregister, String::new())),
    }
}

fn change(_image: &ExtensionImage, known: &Version) -> Decided {
    Ok((OperationKind::ChangeVersion, known.definition.clone()))
}

fn owned(image: &ExtensionImage, standing: &Standing, subscription: &str) -> Result<(), Failure> {
    match &standing.namespace_owner {
        Some(owner) if owner != subscription => {
            let what = format!(
                "the namespace {} belongs to another subscription",
                image.provider_namespace
            );
            Err(Failure::new(ErrorCode::ForbiddenError, what))
        }
        _ => Ok(()),
    }
}

fn within_quota(standing: &Standing, quota: i64) -> Result<(), Failure> {
    let count = standing.versions_of_subscription;
    if count < quota {
        return Ok(());
    }
    let what = format!(
        "the subscription has {count} versions of the {quota} that it may have; delete some, or ask the operator for more"
    );
    Err(Failure::new(ErrorCode::BadRequest, what))
}
