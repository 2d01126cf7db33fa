//! A package that was checked and whose files lie in a folder that nobody else knows yet.
//!
//! Whoever opened it is not believed about what is in it: the manifest is read from the folder once more, and what the
//! digests are taken of is what will run.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::BorrowedFd;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, Manifest, Place, Refused, Source, codes};
use hostler_package::{Durability, Package, PackageDigest, PackageLimits, StageError, Staged, service_target, targets};

use super::Sandbox;
use super::foreseen::Foreseen;
use super::mode::Mode;
use super::scan_package::{named_components, scan_commands};
use crate::guest_file::{self, GuestFile};

/// Most bytes of a manifest (limit `pkg.manifest`).
const MAX_MANIFEST_BYTES: u64 = 64 * 1024;

/// Why a package is not prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The package is at fault, or its worker failed over it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Its files cannot be written.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Its files cannot be written, as a worker says.
    #[error("its files cannot be written: {0}")]
    Write(String),
    /// Its files cannot be read again.
    #[error("its files cannot be read again")]
    Io(#[from] io::Error),
}

/// A package that was checked, with its files written but not yet in their place. Dropping it removes them.
#[derive(Debug)]
pub struct PreparedPackage {
    file: String,
    digest: PackageDigest,
    bytes: u64,
    manifest: Manifest,
    targets: BTreeMap<Command, String>,
    parts: BTreeMap<String, PackageDigest>,
    warnings: Vec<Finding>,
    staged: Staged,
}

impl Sandbox {
    /// Checks the package in `bytes`, which findings call `file`, and writes its files into a new folder in `staging` with
    /// that `durability`; the components of `commands`, and with `enable` what runs on after it, must be fit to be compiled.
    /// Where workers run, one of them does that. What is `foreseen` of them is not looked over again, where its code is kept.
    ///
    /// # Errors
    ///
    /// [`PrepareError`]; then nothing of the package is left.
    pub fn prepare(
        &self,
        file: &str,
        bytes: Vec<u8>,
        staging: BorrowedFd<'_>,
        durability: Durability,
        commands: &[Command],
        foreseen: &Foreseen,
    ) -> Result<PreparedPackage, PrepareError> {
        let digest = PackageDigest::of(&bytes);
        let size = bytes.len() as u64;
        let (warnings, staged) = match self.mode() {
            Mode::InProcess(_) => {
                let checked = Package::from_bytes(file, bytes, &PackageLimits::default())?;
                let known = match foreseen.take_to_hand(self) {
                    true => foreseen.noted(),
                    false => &[],
                };
                scan_commands(&checked.value, commands, known)?;
                (checked.warnings, checked.value.stage(staging, durability)?)
            }
            Mode::Workers(_, workers) => {
                let check = |known: &[[u8; 32]], meanwhile: &mut dyn FnMut()| -> Result<_, PrepareError> {
                    let staged = Staged::create(staging, durability)?;
                    let folder = (staged.folder(), durability);
                    Ok((workers.check(file, &bytes, folder, commands, known, meanwhile)?, staged))
                };
                // Whether they were looked over is found out while the worker relies on it.
                let mut is_true = true;
                let checked = check(foreseen.noted(), &mut || is_true = foreseen.take_to_hand(self))?;
                match is_true {
                    true => checked,
                    false => {
                        drop(checked);
                        check(&[], &mut || ())?
                    }
                }
            }
        };
        let folder = staged.folder();
        let text = read(folder, MANIFEST_FILE, MAX_MANIFEST_BYTES)?;
        let manifest = Manifest::parse(Source::new(MANIFEST_FILE, &text))?.value;
        let targets = targets(&manifest)?;
        let mut parts = BTreeMap::from([(MANIFEST_FILE.to_owned(), PackageDigest::of(&text))]);
        for name in targets.values().map(String::as_str).chain(service_target(&manifest)) {
            if !parts.contains_key(name) {
                let component = read(folder, name, PackageLimits::default().wasm_bytes)?;
                parts.insert(name.to_owned(), PackageDigest::of(&component));
            }
        }
        Ok(PreparedPackage {
            file: file.to_owned(),
            digest,
            bytes: size,
            manifest,
            targets,
            parts,
            warnings,
            staged,
        })
    }
}

/// A file that was written a moment ago.
fn read(folder: BorrowedFd<'_>, name: &str, max: u64) -> Result<Vec<u8>, PrepareError> {
    match guest_file::read(folder, name, max)? {
        GuestFile::Whole(bytes) => Ok(bytes),
        _ => {
            let what = "it was checked a moment ago, and cannot be read as it was".to_owned();
            let hint = "try again; if it comes back, do not trust the package";
            Err(Refused::new(Finding::refusal(codes::PKG_WORKER, name, Place::Whole, what, hint)).into())
        }
    }
}

impl PreparedPackage {
    /// Its file name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> PackageDigest {
        self.digest
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of each component that `commands` name, and with `enable` of the one that runs on after it.
    pub(super) fn components_of(&self, commands: &[Command]) -> Vec<[u8; 32]> {
        let named = named_components(commands, |command| self.target(command), service_target(&self.manifest));
        let parts = named.into_iter().filter_map(|name| self.parts.get(name));
        parts.map(|part| *part.as_bytes()).collect()
    }

    /// The component that carries out `command`; nothing when the manifest has no such command.
    pub fn target(&self, command: Command) -> Option<&str> {
        self.targets.get(&command).map(String::as_str)
    }

    /// SHA-256 of the manifest and of every component that a command or `serviceCommand` names, by name.
    pub fn parts(&self) -> &BTreeMap<String, PackageDigest> {
        &self.parts
    }

    /// What is odd about it; never a refusal.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Its files, to be put in their place.
    pub fn into_staged(self) -> Staged {
        self.staged
    }
}
