//! A package's way from a location to its place: fetched, checked, decided about, unpacked.

use std::time::Duration;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Checked, Finding, HandlerIdentity, Refused};
use hostler_fetch::{FetchLimits, Fetcher};
use hostler_package::{Package, PackageLimits};

use super::fault::Fault;
use super::resolve::{ResolvedVersion, attempts};
use crate::grants::{Decided, Grants, Policy};
use crate::handler_dir::{HandlerDir, Installed, PackageRecord};
use crate::root::Root;
use crate::sandbox::scan_components;

/// How long getting a package may take, over all its locations (contract 1.4).
const BUDGET: Duration = Duration::from_secs(5 * 60);

/// A handler in its place, and what it may do.
#[derive(Debug)]
pub(super) struct InPlace {
    pub(super) folders: HandlerDir,
    pub(super) package: Installed,
    pub(super) grants: Grants,
}

/// What came from a location: a package, or an archive in which the package is at fault.
type Opened = Result<Checked<Package>, Refused>;

/// A package that came and was checked.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) package: Package,
    pub(super) record: PackageRecord,
    pub(super) decided: Decided,
    pub(super) warnings: Vec<Finding>,
}

/// Gets the package of `identity` from where `offered` says, and checks all of it that would fail later: nothing of the
/// machine has changed when it is refused.
pub(super) fn fetch(
    fetcher: &Fetcher,
    identity: &HandlerIdentity,
    offered: &ResolvedVersion,
    policy: &Policy,
) -> Result<Fetched, Fault> {
    let package_limits = PackageLimits::default();
    let limits = FetchLimits {
        budget: BUDGET,
        ..FetchLimits::of(package_limits.zip_bytes)
    };
    let fetched = fetcher.fetch_any(&offered.locations, limits, &offered.expected, |location, fetched| {
        match Package::from_bytes(&fetched.location.file_name(), fetched.bytes, &package_limits) {
            // Another location may have a whole archive; what is wrong inside of one is wrong everywhere.
            Err(refused) if refused.first().code().name().starts_with("pkg.") => Err(refused),
            opened => Ok((location.display(), Opened::from(opened))),
        }
    });
    let (source, opened) = fetched.map_err(|failed| {
        Fault::download(
            &format!("Failed to download {identity} from all URIs. Last error: {failed}"),
            attempts(&failed),
        )
    })?;
    let Checked { value, mut warnings } = opened.map_err(|refused| Fault::package(&refused))?;
    let decided = Grants::decide(value.manifest(), MANIFEST_FILE, policy, identity)
        .map_err(|refused| Fault::package(&refused))?;
    tracing::debug!(%identity, by = ?decided.by, weighed = ?decided.weighed, "decided");
    warnings.extend(decided.warnings.iter().cloned());
    scan_components(&value).map_err(|refused| Fault::package(&refused))?;
    let record = PackageRecord::of(&value, &source).map_err(|error| {
        Fault::host(
            &error,
            "try again; if it comes back, look at the memory of this machine",
        )
    })?;
    Ok(Fetched {
        package: value,
        record,
        decided,
        warnings,
    })
}

/// Opens what is in place for `identity`, as `record` remembers it, with what `policy` allows it now. One that `goes` gets
/// no more than that, but is not refused for asking: a policy that became narrower keeps nothing from being taken away.
pub(super) fn open(
    root: &Root,
    identity: &HandlerIdentity,
    record: &PackageRecord,
    policy: &Policy,
    goes: bool,
) -> Result<Option<InPlace>, Fault> {
    let Some(folders) = HandlerDir::open(root, identity)? else {
        return Ok(None);
    };
    let package = folders.installed(record).map_err(|refused| Fault::in_place(&refused))?;
    let manifest = package.manifest();
    let decided = if goes {
        Grants::weigh(manifest, MANIFEST_FILE, policy, identity).0
    } else {
        Grants::decide(manifest, MANIFEST_FILE, policy, identity).map_err(|refused| Fault::package(&refused))?
    };
    Ok(Some(InPlace {
        folders,
        package,
        grants: decided.grants,
    }))
}
