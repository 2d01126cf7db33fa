//! The components of a package, looked over before anything of it is put in place.

use hostler_contract::{Command, Finding, Place, Refused, Source, codes};
use hostler_package::Package;

use super::{EntryPoints, ScanLimits, prescan};

/// Looks over every component that one of `commands` of `package` names, and with `enable` what runs on after it; a command
/// that it does not have is not looked for.
///
/// # Errors
///
/// What [`scan_component`] refuses, of the first component that it does.
pub(super) fn scan_commands(package: &Package, commands: &[Command]) -> Result<(), Refused> {
    let runs_on = package.service_target().filter(|_| commands.contains(&Command::Enable));
    let named = commands.iter().filter_map(|command| package.target(*command));
    let mut names: Vec<_> = named.chain(runs_on).collect();
    names.sort_unstable();
    names.dedup();
    names
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
