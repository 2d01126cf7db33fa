//! A package's way from a location to its place: fetched, checked, decided about, unpacked.

use std::os::fd::AsFd;
use std::time::Duration;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, HandlerIdentity};
use hostler_fetch::FetchLimits;
use hostler_package::PackageLimits;

use super::Host;
use super::fault::Fault;
use super::resolve::{ResolvedVersion, attempts};
use crate::grants::{Decided, Effective, Grants, Policy};
use crate::handler_dir::{HandlerDir, Installed, PackageRecord};
use crate::root::Root;
use crate::sandbox::{PrepareError, PreparedPackage};

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
type Opened = Result<PreparedPackage, Fault>;

/// A package that came and was checked.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) package: PreparedPackage,
    pub(super) record: PackageRecord,
    pub(super) decided: Decided,
    pub(super) warnings: Vec<Finding>,
}

/// Gets the package of `identity` from where `offered` says, and checks all of it that would fail later: nothing of the
/// machine has changed when it is refused.
pub(super) fn fetch(host: &Host<'_>, identity: &HandlerIdentity, offered: &ResolvedVersion) -> Result<Fetched, Fault> {
    let limits = FetchLimits {
        budget: BUDGET,
        ..FetchLimits::of(PackageLimits::default().zip_bytes)
    };
    let staging = HandlerDir::staging(host.root)?;
    let fetched = host
        .fetcher
        .fetch_any(&offered.locations, limits, &offered.expected, |location, fetched| {
            let file = fetched.location.file_name();
            match host
                .sandbox
                .prepare(&file, fetched.bytes, staging.as_fd(), &Command::ALL)
            {
                Ok(package) => Ok((location.display(), Opened::Ok(package))),
                // Another location may have a whole archive; what is wrong inside of one is wrong everywhere.
                Err(PrepareError::Refused(refused)) if refused.first().code().name().starts_with("pkg.") => {
                    Err(refused)
                }
                Err(error) => Ok((location.display(), Err(error.into()))),
            }
        });
    let (source, opened) = fetched.map_err(|failed| {
        Fault::download(
            &format!("Failed to download {identity} from all URIs. Last error: {failed}"),
            attempts(&failed),
        )
    })?;
    let package = opened?;
    let decided = Grants::decide(package.manifest(), MANIFEST_FILE, &host.policy, identity)
        .map_err(|refused| Fault::package(&refused))?;
    tracing::debug!(%identity, by = ?decided.by, weighed = ?decided.weighed, "decided");
    let mut warnings = package.warnings().to_vec();
    warnings.extend(decided.warnings.iter().cloned());
    Ok(Fetched {
        record: PackageRecord::of(&package, &source),
        package,
        decided,
        warnings,
    })
}

/// Opens what is in place for `identity`, as `record` remembers it, with what `policy` allows it now. One that `goes` gets
/// no more than that, and nothing that was not in force, but is not refused for asking: a policy that became narrower
/// keeps nothing from being taken away, and one that became wider gives nothing that nobody approved of.
pub(super) fn open(
    root: &Root,
    identity: &HandlerIdentity,
    record: &PackageRecord,
    policy: &Policy,
    goes: Option<&Effective>,
) -> Result<Option<InPlace>, Fault> {
    let Some(folders) = HandlerDir::open(root, identity)? else {
        return Ok(None);
    };
    let package = folders.installed(record).map_err(|refused| Fault::in_place(&refused))?;
    let manifest = package.manifest();
    let grants = match goes {
        Some(in_force) => Grants::weigh(manifest, MANIFEST_FILE, policy, identity)
            .0
            .grants
            .no_wider_than(in_force),
        None => {
            let decided = Grants::decide(manifest, MANIFEST_FILE, policy, identity);
            decided.map_err(|refused| Fault::package(&refused))?.grants
        }
    };
    Ok(Some(InPlace {
        folders,
        package,
        grants,
    }))
}
