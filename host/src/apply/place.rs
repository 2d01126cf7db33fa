//! A package's way from a location to its place: fetched, checked, decided about, unpacked.

use std::os::fd::AsFd;
use std::time::Duration;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, HandlerIdentity, Refused};
use hostler_fetch::FetchLimits;
use hostler_package::PackageLimits;

use super::Host;
use super::fault::Fault;
use super::resolve::{ResolvedVersion, attempts};
use crate::grants::{Claimant, Decided, Effective, Grants, Policy};
use crate::handler_dir::{HandlerDir, Installed, PackageRecord};
use crate::root::Root;
use crate::sandbox::{Foreseen, PrepareError, PreparedPackage};
use crate::signatures::{Signed, admit, bind, verify};

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
type Opened = Result<(PreparedPackage, Signed), Fault>;

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
            let signed = verify(offered.signature.as_deref(), &fetched.bytes, host.policy.signers());
            match host.sandbox.prepare(
                &file,
                fetched.bytes,
                staging.as_fd(),
                host.root.durability(),
                &Command::ALL,
                &Foreseen::default(),
            ) {
                Ok(package) => Ok((location.display(), Opened::Ok((package, signed)))),
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
    let (package, signed) = opened?;
    let signed = bind(signed, package.manifest().signing_info(), identity);
    let record = PackageRecord::of(&package, &source, signed);
    let refused = |refused: Refused| Fault::package(&refused).of_package(&record);
    let odd = admitted(&host.policy, identity, &record).map_err(refused)?;
    let claimant = Claimant::of(identity, &record.signature);
    let decided = Grants::decide(package.manifest(), MANIFEST_FILE, &host.policy, claimant).map_err(refused)?;
    tracing::debug!(%identity, by = ?decided.by, weighed = ?decided.weighed, "decided");
    let mut warnings = package.warnings().to_vec();
    warnings.extend(decided.warnings.iter().cloned());
    warnings.extend(odd);
    Ok(Fetched {
        record,
        package,
        decided,
        warnings,
    })
}

/// Whether the package of `record` is taken for what its signature is worth, and what is odd about that.
fn admitted(policy: &Policy, identity: &HandlerIdentity, record: &PackageRecord) -> Result<Vec<Finding>, Refused> {
    let Ok(digest) = record.digest.parse() else {
        // A record is written with one.
        return Ok(vec![]);
    };
    let from_network = record.is_from_network();
    admit(policy, identity, &record.file, digest, from_network, &record.signature)
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
    let claimant = Claimant::of(identity, &record.signature);
    let grants = match goes {
        Some(in_force) => Grants::weigh(manifest, MANIFEST_FILE, policy, claimant)
            .0
            .grants
            .no_wider_than(in_force),
        None => {
            // What was verified when it was put in place counts; what is asked of it may have changed.
            admitted(policy, identity, record).map_err(|refused| Fault::package(&refused).of_package(record))?;
            let decided = Grants::decide(manifest, MANIFEST_FILE, policy, claimant);
            decided
                .map_err(|refused| Fault::package(&refused).of_package(record))?
                .grants
        }
    };
    Ok(Some(InPlace {
        folders,
        package,
        grants,
    }))
}
