//! Extra fields: what archivers add to a header beside the fields that every reader knows.
//!
//! Most of them (times, owners) do not matter here and are passed over. Those that could give an entry another name
//! or another size than its header are looked at, because some readers heed them and others do not (PKG-27, PKG-40).

use hostler_contract::{Refused, codes};

use super::{faults::Faults, fields::Fields};
use crate::PackageLimits;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;
const AES: u16 = 0x9901;

/// Looks at the extra fields `extra` of the entry called `label`, whose header names it `name`.
pub(super) fn check(extra: &[u8], name: &[u8], label: &str, limits: &PackageLimits, faults: &mut Faults<'_>) {
    let mut fields = Fields::at(extra, 0);
    while !fields.is_empty() {
        let Some((id, data)) = next(&mut fields) else {
            faults.entry(
                codes::PKG_FORMAT,
                label,
                "its extra fields are cut off",
                "make the package with `hostler pack`",
            );
            return;
        };
        match id {
            ZIP64 => zip64(data, label, limits, faults),
            UNICODE_PATH if unicode_path(data) != Some(name) => faults.entry(
                codes::PKG_INCONSISTENT,
                label,
                "a Unicode path extra field gives it another name",
                "give an entry one name, in UTF-8",
            ),
            AES => faults.entry(
                codes::PKG_ENCRYPTED,
                label,
                "it is encrypted with AES",
                "put secrets into protected settings, not into a package",
            ),
            _ => {}
        }
    }
}

fn next<'a>(fields: &mut Fields<'a>) -> Option<(u16, &'a [u8])> {
    let id = fields.u16()?;
    let length = fields.u16()?;
    Some((id, fields.take(usize::from(length))?))
}

/// A package is never large enough to need zip64, so a size in it is either too large or in the wrong place.
fn zip64(data: &[u8], label: &str, limits: &PackageLimits, faults: &mut Faults<'_>) {
    let mut numbers = Fields::at(data, 0);
    let mut largest = 0;
    while let Some(number) = numbers.u64() {
        largest = largest.max(number);
    }
    if largest > limits.entry_unpacked {
        faults.entry(
            codes::PKG_SIZE,
            label,
            format!("it declares a size of {largest} bytes"),
            format!(
                "an entry may unpack to at most {} bytes (pkg.entry_unpacked)",
                limits.entry_unpacked
            ),
        );
    } else {
        faults.entry(
            codes::PKG_FORMAT,
            label,
            "it has zip64 sizes, which no package needs",
            "make the package with `hostler pack`, or without zip64",
        );
    }
}

/// The name in a Unicode path field: a version, a checksum of the header's name, the name.
fn unicode_path(data: &[u8]) -> Option<&[u8]> {
    data.get(5..)
}

/// Refuses what of a local header's extra fields would be refused in the directory.
pub(super) fn check_local(
    extra: &[u8],
    name: &[u8],
    label: &str,
    limits: &PackageLimits,
    file: &str,
) -> Result<(), Refused> {
    let mut faults = Faults::new(file);
    check(extra, name, label, limits, &mut faults);
    faults.settle()
}
