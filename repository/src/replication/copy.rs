//! One package, to one region.

use crate::published::package_name;
use crate::records::Version;
use crate::stores::{Packages, Region, StoreError, Written};

/// Copies the package of `version` to `region`, under the name that hosts know it by, and reads it back.
///
/// Doing it once more is as good as once: what is there already, from an attempt that a crash ended, is compared and kept.
/// Something else under that name is of a version that is gone, which no manifest names, and is replaced.
///
/// # Errors
/// What the stores say; a package that is missing or damaged where packages are kept.
pub async fn copy(packages: &Packages, region: &Region, version: &Version) -> Result<(), StoreError> {
    let name = package_name(&version.namespace, &version.extension_type, &version.version);
    let expected = package_of(version)?;
    let target = &region.published;
    if target.size_of(&name).await? == Some(expected.size) && target.prove(&name, expected).await.is_ok() {
        return Ok(());
    }
    let kept = Packages::name(expected.digest);
    // Some stores cannot copy by themselves; then the bytes go through here.
    let copied = target.is_beside(packages.store()) && target.copy(packages.store(), &kept, &name).await.is_ok();
    if !copied {
        let pieces = packages.pieces(expected.digest).await?;
        let pieces = pieces.ok_or_else(|| StoreError::Other {
            store: packages.store().to_string(),
            name: kept,
            what: "it is not there".to_owned(),
        })?;
        target.write(&name, pieces, expected).await?;
    }
    target.prove(&name, expected).await
}

/// What the package of a version has to be.
fn package_of(version: &Version) -> Result<Written, StoreError> {
    let digest = version.package_sha256.parse().map_err(|_| StoreError::Other {
        store: "the records".to_owned(),
        name: format!("{}.{} {}", version.namespace, version.extension_type, version.version),
        what: "its digest is none".to_owned(),
    })?;
    Ok(Written {
        size: version.package_size,
        digest,
    })
}
