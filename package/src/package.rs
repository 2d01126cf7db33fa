//! A package: an archive, and a manifest whose commands name components in it.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use hostler_contract::{
    Checked, Command, CommandLine, Finding, Manifest, Place, Refused, Source, codes, manifest::MANIFEST_FILE,
};

use crate::{
    Archive, ContentError, EntryKind, PackageDigest, PackageError, PackageLimits, source,
    wasm_file::{HEAD, WasmFile},
};

/// A package that was checked as far as it can be without compiling or running anything of it.
///
/// Its bytes are held in memory; the file that they came from is not looked at again.
#[derive(Debug, Clone)]
pub struct Package {
    archive: Archive,
    manifest: Manifest,
    targets: BTreeMap<Command, String>,
    service: Option<String>,
}

impl Package {
    /// Opens the package in the file `path`.
    ///
    /// The file must be a regular one, reached through no symbolic link in its last part (PKG-35). It is read once;
    /// what was read is what is checked, hashed and used (PKG-34).
    ///
    /// # Errors
    /// [`PackageError::Refused`] with the first step's findings that is at fault: the archive (`pkg.`), its manifest
    /// (`manifest.`), the files that its commands name (`manifest.command_target`, `wasm.`).
    pub fn open(path: &Path, limits: &PackageLimits) -> Result<Checked<Self>, PackageError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let (bytes, digest) = read_whole(path, &name, limits)?;
        Ok(Self::check(Archive::scan(&name, bytes, digest, limits)?, limits)?)
    }

    /// Checks the package in `bytes`; `name` is what findings call it.
    ///
    /// # Errors
    /// As [`Self::open`], but for those of reading a file.
    pub fn from_bytes(name: &str, bytes: Vec<u8>, limits: &PackageLimits) -> Result<Checked<Self>, Refused> {
        Self::check(Archive::read(name, bytes, limits)?, limits)
    }

    fn check(archive: Archive, limits: &PackageLimits) -> Result<Checked<Self>, Refused> {
        let Checked {
            value: manifest,
            warnings,
        } = read_manifest(&archive)?;
        let targets = targets(&manifest)?;
        let service = service_target(&manifest).map(str::to_owned);
        let of_commands = targets.iter().map(|(command, target)| {
            let place = match manifest.sandbox().component {
                Some(_) => "$[0].sandbox.component".to_owned(),
                None => format!("$[0].handlerManifest.{}", command.manifest_key()),
            };
            (target, place)
        });
        let of_service = service
            .iter()
            .map(|target| (target, "$[0].sandbox.serviceCommand".to_owned()));
        let mut findings = warnings;
        let mut seen = Vec::new();
        for (target, place) in of_commands.chain(of_service) {
            if !seen.contains(&target) {
                seen.push(target);
                findings.extend(check_target(&archive, place, target, limits));
            }
        }
        let warnings = Refused::unless_only_warnings(findings)?;
        Ok(Checked {
            value: Self {
                archive,
                manifest,
                targets,
                service,
            },
            warnings,
        })
    }

    /// The archive that the package is.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The manifest at the package's root.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 of the package's bytes.
    pub fn digest(&self) -> PackageDigest {
        self.archive.digest()
    }

    /// The name of the component that carries out `command`; nothing when the manifest has no such command.
    pub fn target(&self, command: Command) -> Option<&str> {
        self.targets.get(&command).map(String::as_str)
    }

    /// The name of the component that `serviceCommand` names; nothing when the manifest has none.
    pub fn service_target(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The names of all components that commands name, that of the service among them, each once, in order of their names.
    pub fn components(&self) -> Vec<&str> {
        let named = self.targets.values().chain(&self.service);
        let mut names: Vec<&str> = named.map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The bytes of the component `name`, at most [`PackageLimits::wasm_bytes`] for one that a command names.
    ///
    /// # Errors
    /// [`ContentError::NoSuchFile`] for a name that no file has.
    pub fn component(&self, name: &str) -> Result<Cow<'_, [u8]>, ContentError> {
        self.archive.content(name)
    }

    /// Refuses the package unless its digest is `expected` (PKG-33).
    ///
    /// # Errors
    /// `pkg.digest` with both digests.
    pub fn expect_digest(&self, expected: PackageDigest) -> Result<(), Refused> {
        if self.digest() == expected {
            return Ok(());
        }
        Err(Finding::refusal(
            codes::PKG_DIGEST,
            self.archive.file(),
            Place::Whole,
            format!("its SHA-256 is {}", self.digest()),
            format!("it was to be {expected}"),
        )
        .into())
    }
}

/// Reads the file of a package, and looks at nothing in it: for whoever has it looked at elsewhere.
///
/// # Errors
/// As [`Package::open`], as far as they are those of reading a file.
pub fn read_file(path: &Path, limits: &PackageLimits) -> Result<Vec<u8>, PackageError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Ok(read_whole(path, &name, limits)?.0)
}

fn read_whole(path: &Path, name: &str, limits: &PackageLimits) -> Result<(Vec<u8>, PackageDigest), PackageError> {
    let file = source::open(path).and_then(|file| source::read_bounded(&file, name, limits.zip_bytes));
    file.map_err(|error| match error {
        // What is read by descriptor knows only a name; the path says more.
        PackageError::Io { source, .. } => PackageError::Io {
            path: path.to_owned(),
            source,
        },
        refused @ PackageError::Refused(_) => refused,
    })
}

/// Reads the manifest at the root; one in a folder is not the package's (PKG-32).
fn read_manifest(archive: &Archive) -> Result<Checked<Manifest>, Refused> {
    let missing = |what: String| -> Refused {
        let hint = "put HandlerManifest.json at the root of the package";
        Finding::refusal(codes::MANIFEST_MISSING, archive.file(), Place::Whole, what, hint).into()
    };
    match archive.content(MANIFEST_FILE) {
        Ok(bytes) => Manifest::parse(Source::new(MANIFEST_FILE, &bytes)),
        Err(ContentError::Changed { source, .. }) => Err(missing(format!("its manifest cannot be read: {source}"))),
        Err(ContentError::NoSuchFile(_)) => {
            let elsewhere = archive.entries().iter().find(|entry| {
                entry.kind() == EntryKind::File && entry.name().rsplit('/').next() == Some(MANIFEST_FILE)
            });
            Err(missing(match elsewhere {
                Some(entry) => format!("there is no HandlerManifest.json at its root, only {}", entry.name()),
                None => "there is no HandlerManifest.json at its root".to_owned(),
            }))
        }
    }
}

/// The component of each command that the manifest has.
///
/// Where `sandbox` names a component, that one carries out all commands, and the first words of the command lines
/// are for other agents; they must still be command lines that need no shell.
///
/// # Errors
/// `manifest.command_line` for a command line that needs a shell, and the like.
pub fn targets(manifest: &Manifest) -> Result<BTreeMap<Command, String>, Refused> {
    let mut targets = BTreeMap::new();
    let mut findings = Vec::new();
    for command in Command::ALL {
        match manifest.command_line(command) {
            Ok(Some(line)) => {
                let named = manifest.sandbox().component.as_deref();
                targets.insert(command, named.unwrap_or(line.component()).to_owned());
            }
            Ok(None) => {}
            Err(refused) => findings.extend_from_slice(refused.findings()),
        }
    }
    Refused::unless_only_warnings(findings).map(|_| targets)
}

/// The component that `serviceCommand` of `manifest` names; nothing when there is none.
///
/// Other agents do not read it, so its first word is meant for hostler also where `sandbox` names a component for all
/// other commands.
pub fn service_target(manifest: &Manifest) -> Option<&str> {
    manifest.service_command().map(CommandLine::component)
}

/// What is wrong with the file `target` that is named at `path` of the manifest, if anything is.
fn check_target(archive: &Archive, path: String, target: &str, limits: &PackageLimits) -> Option<Finding> {
    let in_manifest = |what: String| {
        Finding::refusal(
            codes::MANIFEST_COMMAND_TARGET,
            MANIFEST_FILE,
            Place::Json(path.clone()),
            what,
            "name a component in the package by its path from the root",
        )
    };
    let Some(entry) = archive.entry(target) else {
        return Some(in_manifest(format!("there is no {target} in the package")));
    };
    if entry.kind() == EntryKind::Directory {
        return Some(in_manifest(format!("{target} is a directory")));
    }
    let place = Place::Entry(target.to_owned());
    if entry.size() > limits.wasm_bytes {
        return Some(Finding::refusal(
            codes::WASM_SIZE,
            archive.file(),
            place,
            format!("it has {} bytes", entry.size()),
            format!("a component has at most {} bytes (wasm.bytes)", limits.wasm_bytes),
        ));
    }
    let head = match archive.head(entry, HEAD) {
        Ok(head) => head,
        Err(error) => return Some(in_manifest(format!("{target} cannot be read: {error}"))),
    };
    let (code, what, hint) = WasmFile::of(&head).fault()?;
    Some(Finding::refusal(code, archive.file(), place, what, hint))
}
