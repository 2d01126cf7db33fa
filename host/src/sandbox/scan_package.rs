//! The components of a package, looked over before anything of it is put in place.

use hostler_contract::{Finding, Place, Refused, Source, codes};
use hostler_package::Package;

use super::{EntryPoints, ScanLimits, prescan};

/// Looks over every component that a command of `package` names.
///
/// # Errors
///
/// What [`scan_component`] refuses, of the first component that it does.
pub fn scan_components(package: &Package) -> Result<(), Refused> {
    package
        .components()
        .into_iter()
        .try_for_each(|name| scan_component(package, name).map(|_| ()))
}

/// Looks over the component `name` of `package`.
///
/// # Errors
///
/// As [`prescan`]; `pkg.crc` for one that cannot be taken out of the package.
pub fn scan_component(package: &Package, name: &str) -> Result<EntryPoints, Refused> {
    let bytes = package.component(name).map_err(|error| {
        Refused::new(Finding::refusal(
            codes::PKG_CRC,
            name,
            Place::Whole,
            error.to_string(),
            "pack it anew",
        ))
    })?;
    prescan(Source::new(name, &bytes), &ScanLimits::default())
}
