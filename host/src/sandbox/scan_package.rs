//! The components of a package, looked over before anything of it is put in place.

use std::borrow::Cow;

use hostler_contract::{Command, Finding, Place, Refused, Source, codes};
use hostler_package::Package;
use sha2::{Digest, Sha256};

use super::{EntryPoints, ScanLimits, prescan};

/// The components that `commands` name, and with `enable` the one that runs on after it, each once; a command that the package
/// does not have is not looked for.
pub(super) fn named_components<'p>(
    commands: &[Command],
    target: impl Fn(Command) -> Option<&'p str>,
    service: Option<&'p str>,
) -> Vec<&'p str> {
    let runs_on = service.filter(|_| commands.contains(&Command::Enable));
    let named = commands.iter().filter_map(|command| target(*command));
    let mut names: Vec<_> = named.chain(runs_on).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Looks over every component of `package` that [`named_components`] gives, but for those that are `known` to be fit to be
/// compiled, by the SHA-256 of their bytes.
///
/// # Errors
///
/// What [`scan_component`] refuses, of the first component that it does.
pub(super) fn scan_commands(package: &Package, commands: &[Command], known: &[[u8; 32]]) -> Result<(), Refused> {
    for name in named_components(commands, |command| package.target(command), package.service_target()) {
        let bytes = unpack(package, name)?;
        if known.is_empty() || !known.contains(&Sha256::digest(&bytes).into()) {
            prescan(Source::new(name, &bytes), &ScanLimits::default())?;
        }
    }
    Ok(())
}

/// Looks over the component `name` of `package`.
///
/// # Errors
///
/// As [`prescan`]; `pkg.crc` for one that cannot be taken out of the package.
pub fn scan_component(package: &Package, name: &str) -> Result<EntryPoints, Refused> {
    prescan(Source::new(name, &unpack(package, name)?), &ScanLimits::default())
}

fn unpack<'p>(package: &'p Package, name: &str) -> Result<Cow<'p, [u8]>, Refused> {
    package.component(name).map_err(|error| {
        Refused::new(Finding::refusal(
            codes::PKG_CRC,
            name,
            Place::Whole,
            error.to_string(),
            "pack it anew",
        ))
    })
}
