//! Whether a request that is right in itself may be carried out with what is on record: whose the namespace is, and what
//! the rules of versions say.

use hostler_contract::registration::ErrorCode;
use hostler_contract::{ExtensionImage, Version as VersionNumber};

use super::super::answer::Failure;
use super::lists::image;
use crate::records::{OperationKind, RecordsError, Standing};
use crate::versions::{self, Decision, Known, Rejected, Rules};

/// What is decided: the kind of the operation, and its payload.
pub(super) type Decided = Result<(OperationKind, String), Failure>;

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Self::new(rejected.code, rejected.message)
    }
}

/// A new extension.
pub(super) fn register(sent: &ExtensionImage, standing: &Standing, subscription: &str, quota: i64) -> Decided {
    owned(sent, standing, subscription)?;
    alone(sent, standing)?;
    let decision = versions::register(&Rules::default(), sent, &known(standing, quota)?)?;
    Ok(carried_out(&decision))
}

/// One more version of a known extension, or a change of a known version.
pub(super) fn update(sent: &ExtensionImage, standing: &Standing, subscription: &str, quota: i64) -> Decided {
    owned(sent, standing, subscription)?;
    let decision = versions::update(&Rules::default(), sent, &known(standing, quota)?)?;
    Ok(carried_out(&decision))
}

/// The end of a version.
pub(super) fn unregister(handler_name: &str, version: &str, standing: &Standing) -> Decided {
    let missing = || super::not_found("such version any more");
    let number = VersionNumber::parse(version).map_err(|_| missing())?;
    let known = known(standing, 0)?;
    let removed = versions::remove(&Rules::default(), handler_name, &number, &known)?;
    let record = standing
        .versions
        .iter()
        .find(|record| record.version == removed.version.as_str());
    // By its digest the package is found after the version is gone.
    let digest = record.ok_or_else(missing)?.package_sha256.clone();
    Ok((OperationKind::Unregister, digest))
}

fn carried_out(decision: &Decision) -> (OperationKind, String) {
    let kind = match decision {
        Decision::Register(_) => OperationKind::Register,
        Decision::AddVersion(..) => OperationKind::AddVersion,
        Decision::ChangeVersion(_) => OperationKind::ChangeVersion,
    };
    (kind, decision.image().to_xml())
}

fn known(standing: &Standing, quota: i64) -> Result<Known, RecordsError> {
    let versions = standing.versions.iter().map(image).collect::<Result<_, _>>()?;
    Ok(Known {
        versions,
        versions_of_subscription: standing.versions_of_subscription.unsigned_abs(),
        quota: quota.unsigned_abs(),
    })
}

/// Hosts know an extension by one name, in which nothing says where the namespace ends.
fn alone(sent: &ExtensionImage, standing: &Standing) -> Result<(), Failure> {
    let Some((namespace, extension_type)) = &standing.same_name else {
        return Ok(());
    };
    let what = format!(
        "hosts would know it as {}, which is the extension {extension_type} of the namespace {namespace} already; take \
         another type",
        sent.handler_name()
    );
    Err(Failure::new(ErrorCode::ConflictError, what))
}

fn owned(sent: &ExtensionImage, standing: &Standing, subscription: &str) -> Result<(), Failure> {
    match &standing.namespace_owner {
        Some(owner) if owner != subscription => {
            let what = format!(
                "the namespace {} belongs to another subscription",
                sent.provider_namespace
            );
            Err(Failure::new(ErrorCode::ForbiddenError, what))
        }
        _ => Ok(()),
    }
}
