//! What is tested: the package or folder that was named, and the rules that were asked for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Finding, HandlerIdentity, Manifest, Place, Refused, Source, codes, nearest};
use hostler_package::{Archive, EntryKind, PackError, PackOptions, PackageLimits};

use crate::commands::failure::Failure;
use crate::commands::place::{file_name, not_readable, read_package};
use crate::conformance::{Case, Components, NativeFiles, NativePrograms};
use crate::grants::Policy;
use crate::limits::LimitName;
use crate::sandbox::{CodeCache, Sandbox};

/// How WebAssembly begins, a component as well as a module.
const WASM: &[u8] = b"\0asm";

/// A package of components, and its manifest.
pub(super) struct Package {
    file: String,
    bytes: Vec<u8>,
    manifest: Manifest,
}

impl Package {
    /// The package as the kit runs it.
    pub(super) fn components(
        self,
        sandbox: Sandbox,
        cache: Option<CodeCache>,
        policy: Policy,
        identity: HandlerIdentity,
        lowered: Vec<(LimitName, u64)>,
    ) -> Components {
        Components {
            sandbox,
            cache,
            file: self.file,
            bytes: self.bytes,
            manifest: self.manifest,
            identity,
            policy,
            lowered,
        }
    }
}

/// The package at `path`, or the one that the folder at `path` makes.
///
/// # Errors
/// It cannot be read, is refused, or is one of native programs.
pub(super) fn package(path: &Path, identity: &HandlerIdentity) -> Result<Package, Failure> {
    let files = files(path)?;
    let manifest = manifest(&files, path)?;
    refuse_native(&files, &manifest, path)?;
    let bytes = if path.is_dir() {
        let options = PackOptions {
            name: Some(identity.name.to_string()),
            ..PackOptions::default()
        };
        match hostler_package::build(path, identity.version.as_str(), &options) {
            Ok(built) => built.package().archive().bytes().to_vec(),
            Err(PackError::Refused(refused)) => return Err(refused.into()),
            Err(error @ PackError::Io { .. }) => return Err(Failure::host(error, "look at the folder's permissions")),
        }
    } else {
        read_package(path)?
    };
    Ok(Package {
        file: file_name(path),
        bytes,
        manifest,
    })
}

/// The package or folder at `path`, whose commands are native programs.
///
/// # Errors
/// It cannot be read, or has no manifest that can be.
pub(super) fn native(
    path: &Path,
    identity: &HandlerIdentity,
    lowered: &[(LimitName, u64)],
) -> Result<NativePrograms, Failure> {
    let files = files(path)?;
    let manifest = manifest(&files, path)?;
    let deadline = lowered
        .iter()
        .find(|(name, _)| *name == LimitName::Deadline)
        .map(|(_, value)| Duration::from_millis(*value));
    Ok(NativePrograms {
        manifest,
        files,
        identity: identity.clone(),
        deadline,
    })
}

/// Every file of the package or folder at `path`.
fn files(path: &Path) -> Result<NativeFiles, Failure> {
    if path.is_dir() {
        return folder(path);
    }
    let archive = Archive::read(&file_name(path), read_package(path)?, &PackageLimits::default())?;
    let mut files = Vec::new();
    for entry in archive.entries().iter().filter(|entry| entry.kind() == EntryKind::File) {
        let bytes = archive.content(entry.name());
        let bytes = bytes.map_err(|error| not_readable(path, format!("{} in it: {error}", entry.name())))?;
        files.push((PathBuf::from(entry.name()), bytes.into_owned()));
    }
    Ok(files)
}

fn folder(root: &Path) -> Result<NativeFiles, Failure> {
    let limits = PackageLimits::default();
    let unreadable = |path: &Path, error: &std::io::Error| not_readable(path, format!("it cannot be read: {error}"));
    let (mut files, mut size, mut waiting) = (NativeFiles::new(), 0, vec![root.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
            let path = entry.map_err(|error| unreadable(&folder, &error))?.path();
            let metadata = path.symlink_metadata().map_err(|error| unreadable(&path, &error))?;
            if metadata.is_dir() {
                waiting.push(path);
                continue;
            }
            // As `hostler pack`, which takes nothing from outside of the folder.
            if !metadata.is_file() {
                continue;
            }
            size += metadata.len();
            if size > limits.total_unpacked || files.len() >= limits.entries {
                return Err(not_readable(root, "it holds more than a package can".to_owned()));
            }
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            files.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), bytes));
        }
    }
    files.sort();
    Ok(files)
}

fn manifest(files: &NativeFiles, path: &Path) -> Result<Manifest, Failure> {
    let found = files.iter().find(|(name, _)| name == Path::new(MANIFEST_FILE));
    let Some((_, bytes)) = found else {
        let what = "there is no HandlerManifest.json at its root";
        let hint = "name a package, or the folder that becomes one";
        let finding = Finding::refusal(codes::MANIFEST_MISSING, &file_name(path), Place::Whole, what, hint);
        return Err(Refused::new(finding).into());
    };
    Ok(Manifest::parse(Source::new(MANIFEST_FILE, bytes))?.value)
}

/// Refuses a package whose commands are files that are no WebAssembly: nobody said that they may run.
fn refuse_native(files: &NativeFiles, manifest: &Manifest, path: &Path) -> Result<(), Failure> {
    if manifest.sandbox().component.is_some() {
        return Ok(());
    }
    for command in Command::ALL {
        let program = manifest
            .command(command)
            .and_then(|line| line.split_whitespace().next());
        let Some(program) = program else { continue };
        let named = files
            .iter()
            .find(|(name, _)| name == Path::new(program.trim_start_matches(['.', '/'])));
        if let Some((_, bytes)) = named
            && !bytes.starts_with(WASM)
        {
            let what = format!("{program}, which {command} names, is a native program and no component");
            let hint = "say `--native` to have it run without a sandbox, with all of your rights on this machine";
            return Err(Failure::usage(codes::CONFORMANCE_NATIVE, &file_name(path), what, hint));
        }
    }
    Ok(())
}

/// Leaves of `cases` the `asked` rules, and those that they need; all where none is asked for.
///
/// # Errors
/// Wrong usage for a rule that there is not.
pub(super) fn choose(cases: &mut Vec<Case>, asked: &[String]) -> Result<(), Failure> {
    if asked.is_empty() {
        return Ok(());
    }
    let mut chosen = BTreeSet::new();
    let mut waiting: Vec<&str> = asked.iter().map(String::as_str).collect();
    while let Some(rule) = waiting.pop() {
        let Some(case) = cases.iter().find(|case| case.rule == rule) else {
            let what = format!("there is no rule `{rule}`");
            let near = nearest(rule, cases.iter().map(|case| case.rule.as_str())).unwrap_or_default();
            return Err(Failure::usage(
                codes::USAGE,
                "--rules",
                what,
                format!("did you mean `{near}`?"),
            ));
        };
        if chosen.insert(case.rule.clone()) {
            waiting.extend(case.needs.iter().map(String::as_str));
        }
    }
    cases.retain(|case| chosen.contains(&case.rule));
    Ok(())
}
