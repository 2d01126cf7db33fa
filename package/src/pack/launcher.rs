//! A package for the native agent: a program that runs components, and beside it the package that it runs.
//!
//! ```text
//! HandlerManifest.json          the handler's, with command lines that start the program
//! bin/hostler-launcher          the program
//! handler/                      the handler's own package, file by file: the agent unpacks it
//! hostler-package.json          what that package was when it was packed
//! ```

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use hostler_contract::{Command, Finding, Place, Refused, codes, manifest::MANIFEST_FILE};
use serde_json::Value;

use super::built::{Built, write};
use super::write_zip::{TooLarge, ZipWriter};
use super::{PackError, Packed};
use crate::{ContentError, EntryKind, PackageDigest, PackageLimits};

/// The folder that the handler's own package is unpacked to.
const HANDLER: &str = "handler";

/// What a launcher package has besides the handler's own.
#[derive(Debug, Clone, Copy)]
pub struct LauncherParts<'a> {
    /// The program, and its path in the package.
    pub program: (&'a str, &'a [u8]),
    /// What the launcher is to know of the handler's package, and the file's path in the package.
    pub record: (&'a str, &'a [u8]),
}

/// A package for the native agent that was made and is not written yet.
#[derive(Debug)]
pub struct LauncherPackage {
    built: Built,
    bytes: Vec<u8>,
    entries: usize,
    file: String,
}

impl Built {
    /// Makes the package with which the native agent runs this one: `<name>-<version>.launcher.zip`.
    ///
    /// # Errors
    /// `pkg.size` where it would be larger than an archive without zip64 can be.
    pub fn into_launcher(self, parts: LauncherParts<'_>) -> Result<LauncherPackage, PackError> {
        let stem = self.file.strip_suffix(".zip").unwrap_or(&self.file);
        let file = format!("{stem}.launcher.zip");
        let mut names = vec![
            (
                MANIFEST_FILE.to_owned(),
                Some(Cow::Owned(launcher_manifest(&self, parts)?)),
            ),
            (parts.program.0.to_owned(), Some(Cow::Borrowed(parts.program.1))),
            (parts.record.0.to_owned(), Some(Cow::Borrowed(parts.record.1))),
        ];
        let archive = self.package.archive();
        for entry in archive.entries() {
            let content = match entry.kind() {
                EntryKind::Directory => None,
                EntryKind::File => Some(
                    archive
                        .content(entry.name())
                        .map_err(|error| unreadable(&file, &error))?,
                ),
            };
            names.push((format!("{HANDLER}/{}", entry.name()), content));
        }
        names.sort();
        // The native agent knows none of our limits; what is so small that it looks like a bomb is stored there as well.
        let limits = PackageLimits::default();
        let mut zip = ZipWriter::new(&limits);
        let too_large = |TooLarge| too_large(&file);
        for (name, content) in &names {
            match content {
                Some(content) => zip.file(name, content).map_err(too_large)?,
                None => zip.folder(name).map_err(too_large)?,
            }
        }
        let bytes = zip.finish().map_err(too_large)?;
        Ok(LauncherPackage {
            entries: names.len(),
            bytes,
            file,
            built: self,
        })
    }
}

impl LauncherPackage {
    /// Writes it to the folder of the options, as [`Built::write`] does.
    ///
    /// # Errors
    /// [`PackError::Io`]; then there is no new file.
    pub fn write(self) -> Result<Packed, PackError> {
        let out = &self.built.out;
        fs::create_dir_all(out).map_err(|source| PackError::io("make", out, source))?;
        let path: PathBuf = out.join(&self.file);
        write(&path, &self.bytes)?;
        Ok(Packed {
            path,
            digest: PackageDigest::of(&self.bytes),
            size: self.bytes.len() as u64,
            entries: self.entries,
            adapted: self.built.adapted,
            left_out: self.built.left_out,
            warnings: self.built.warnings,
        })
    }
}

/// The manifest for the agent: all that the handler's says to agents, and command lines that start the program.
fn launcher_manifest(built: &Built, parts: LauncherParts<'_>) -> Result<Vec<u8>, PackError> {
    let archive = built.package.archive();
    let bytes = archive
        .content(MANIFEST_FILE)
        .map_err(|error| unreadable(&built.file, &error))?;
    // It was read a moment ago, and more strictly.
    let mut manifest: Value = serde_json::from_slice(&bytes).map_err(|error| malformed(&error.to_string()))?;
    let top = manifest.get_mut(0).and_then(Value::as_object_mut);
    let top = top.ok_or_else(|| malformed("it is no array of an object"))?;
    // It is for us, and stands in the handler's own manifest.
    top.remove("sandbox");
    let commands = top.get_mut("handlerManifest").and_then(Value::as_object_mut);
    let commands = commands.ok_or_else(|| malformed("it has no handlerManifest"))?;
    for command in Command::ALL {
        let line = format!("{} launch {}", parts.program.0, command.name());
        commands.insert(command.manifest_key().to_owned(), Value::String(line));
    }
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| malformed(&error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

fn malformed(what: &str) -> PackError {
    let hint = "write an array of one object with a `handlerManifest` in it";
    Refused::from(Finding::refusal(
        codes::MANIFEST_SHAPE,
        MANIFEST_FILE,
        Place::Whole,
        what,
        hint,
    ))
    .into()
}

fn unreadable(file: &str, error: &ContentError) -> PackError {
    let hint = "pack it again; what was packed is in memory, and cannot change";
    Refused::from(Finding::refusal(
        codes::PKG_FORMAT,
        file,
        Place::Whole,
        error.to_string(),
        hint,
    ))
    .into()
}

fn too_large(file: &str) -> PackError {
    let what = "the handler and its launcher are too large for a package";
    let hint = "strip the launcher: `strip FILE`, and name it with `--launcher-binary`";
    Refused::from(Finding::refusal(codes::PKG_SIZE, file, Place::Whole, what, hint)).into()
}
