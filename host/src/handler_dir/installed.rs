//! A package that is in place: read from its folder, and believed only where it is what was checked when it was put there.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, CommandLine, Finding, Manifest, Place, Refused, Source, codes};
use hostler_package::{PackageDigest, PackageLimits, service_target, targets};
use serde::{Deserialize, Serialize};

use crate::guest_file::{self, GuestFile};
use crate::sandbox::PreparedPackage;
use crate::signatures::Signed;

/// A package as it was when it was put in place, so that what runs later is what was checked then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRecord {
    /// File name, as findings call it.
    pub file: String,
    /// Where it came from, fit to be shown; empty for one that was named on the command line.
    pub source: String,
    /// SHA-256 of the zip, in hexadecimal.
    pub digest: String,
    /// Size of the zip in bytes.
    pub bytes: u64,
    /// What was verified of its signature.
    #[serde(default)]
    pub signature: Signed,
    /// SHA-256 of the manifest and of every component, by name, in hexadecimal.
    pub parts: BTreeMap<String, String>,
}

impl PackageRecord {
    /// What is remembered of `package`, which came from `source` with that `signature`.
    pub fn of(package: &PreparedPackage, source: &str, signature: Signed) -> Self {
        let parts = package.parts().iter();
        Self {
            file: package.file().to_owned(),
            source: source.to_owned(),
            digest: package.digest().to_string(),
            bytes: package.bytes(),
            signature,
            parts: parts.map(|(name, digest)| (name.clone(), digest.to_string())).collect(),
        }
    }

    /// Whether it came over a network.
    pub fn is_from_network(&self) -> bool {
        self.source.starts_with("http:") || self.source.starts_with("https:")
    }
}

/// Most bytes of a manifest, as it was checked when the package was opened (limit `pkg.manifest`).
const MAX_MANIFEST_BYTES: u64 = 64 * 1024;

/// A package in its folder.
#[derive(Debug)]
pub struct Installed {
    record: PackageRecord,
    manifest: Manifest,
    targets: BTreeMap<Command, String>,
}

impl Installed {
    /// Reads the manifest in `folder`, a package folder, and compares it with what `record` says.
    ///
    /// # Errors
    ///
    /// `manifest.missing` for a manifest that is gone, `pkg.changed` for another one, and what reading it refuses.
    pub(super) fn load(folder: BorrowedFd<'_>, record: &PackageRecord) -> Result<Self, Refused> {
        let (bytes, _) = read(folder, record, MANIFEST_FILE, MAX_MANIFEST_BYTES)?;
        let manifest = Manifest::parse(Source::new(MANIFEST_FILE, &bytes))?.value;
        Ok(Self {
            targets: targets(&manifest)?,
            record: record.clone(),
            manifest,
        })
    }

    /// What was remembered when it was put in place.
    pub fn record(&self) -> &PackageRecord {
        &self.record
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The component that carries out `command`, and its command line.
    ///
    /// # Errors
    ///
    /// [`Refused`] for a command that the manifest does not have: it is needed now (contract 1.2).
    pub fn target(&self, command: Command) -> Result<(&str, CommandLine), Refused> {
        let line = self.manifest.command_line(command)?;
        self.targets
            .get(&command)
            .map(String::as_str)
            .zip(line)
            .ok_or_else(|| missing(command))
    }

    /// The component that runs on after `enable`, and its command line; `None` where there is no `serviceCommand`.
    pub fn service_target(&self) -> Option<(&str, &CommandLine)> {
        service_target(&self.manifest).zip(self.manifest.service_command())
    }

    /// The digest of the file `name` as it was put in place; `None` for one that is neither the manifest nor a component.
    pub(crate) fn digest(&self, name: &str) -> Option<PackageDigest> {
        self.record.parts.get(name)?.parse().ok()
    }

    /// The bytes of the component `name` in `folder`, its package folder, and their digest.
    ///
    /// # Errors
    ///
    /// `manifest.command_target` for one that is gone, `pkg.changed` for one with other bytes.
    pub(super) fn component(&self, folder: BorrowedFd<'_>, name: &str) -> Result<(Vec<u8>, PackageDigest), Refused> {
        read(folder, &self.record, name, PackageLimits::default().wasm_bytes)
    }
}

/// The refusal of a package for a command that it does not have.
pub(crate) fn missing(command: Command) -> Refused {
    Finding::refusal(
        codes::MANIFEST_FIELD,
        MANIFEST_FILE,
        Place::Json(format!("$[0].handlerManifest.{}", command.manifest_key())),
        format!("the manifest has no {}, and it is needed now", command.manifest_key()),
        "name the component that carries the command out",
    )
    .into()
}

/// Reads the file `name` of the package that `record` describes; gives its digest, too.
fn read(
    folder: BorrowedFd<'_>,
    record: &PackageRecord,
    name: &str,
    max: u64,
) -> Result<(Vec<u8>, PackageDigest), Refused> {
    let refuse = |code, what: String| -> Refused {
        let hint = "apply a goal state without this handler, which removes it and runs nothing of it, then one with it";
        Finding::refusal(code, name, Place::Whole, what, hint).into()
    };
    let missing = match name {
        MANIFEST_FILE => codes::MANIFEST_MISSING,
        _ => codes::MANIFEST_COMMAND_TARGET,
    };
    let bytes = match guest_file::read(folder.as_fd(), name, max) {
        Ok(GuestFile::Whole(bytes)) => bytes,
        Ok(GuestFile::Missing) => return Err(refuse(missing, "it is not in the package's folder any more".to_owned())),
        Ok(GuestFile::TooLarge | GuestFile::Unstable) => {
            return Err(refuse(codes::PKG_CHANGED, "it is not what was installed".to_owned()));
        }
        Ok(GuestFile::NotAFile(kind)) => {
            return Err(refuse(codes::PKG_CHANGED, format!("it is {kind} now")));
        }
        Err(error) => return Err(refuse(codes::HOST_IO, format!("it cannot be read: {error}"))),
    };
    let found = PackageDigest::of(&bytes);
    let digest = found.to_string();
    match record.parts.get(name) {
        Some(expected) if *expected == digest => Ok((bytes, found)),
        Some(expected) => Err(refuse(
            codes::PKG_CHANGED,
            format!("its SHA-256 is {digest}, and was {expected} when it was installed"),
        )),
        None => Err(refuse(
            codes::PKG_CHANGED,
            "it was not there when the package was installed".to_owned(),
        )),
    }
}
