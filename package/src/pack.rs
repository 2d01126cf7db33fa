//! From a folder to a package.
//!
//! Everything that would make the package fail later is refused here, where its author can still mend it: what is
//! packed is read back by the reader that hosts use before it is written. The same folder gives the same bytes.

mod adapt;
mod adapt_error;
mod built;
mod exit_code;
mod launcher;
mod private_key;
mod references;
mod tree;
mod without_network;
mod write_zip;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hostler_contract::{Command, Finding, Manifest, Place, Refused, Source, Version, codes, manifest::MANIFEST_FILE};

pub use adapt::adapt;
pub use adapt_error::AdaptError;
pub use built::{Built, Packed};
pub use launcher::{LauncherPackage, LauncherParts};

use self::{
    tree::{Node, Tree},
    without_network::without_network,
    write_zip::{TooLarge, ZipWriter},
};
use crate::{Package, PackageLimits, service_target, wasm_file::WasmFile};

/// How to pack.
#[derive(Debug, Clone)]
pub struct PackOptions {
    /// What the package is called before its version, usually `Publisher.Type`. Default: the folder's name.
    pub name: Option<String>,
    /// The folder to write to, made if it is missing. Default: `build`.
    pub out: PathBuf,
    /// What paths in `references` are relative to. Default: the git repository that the folder lies in, or else the
    /// folder's parent.
    pub references_root: Option<PathBuf>,
    /// What a host will accept. Default: the default limits.
    pub limits: PackageLimits,
}

impl Default for PackOptions {
    fn default() -> Self {
        Self {
            name: None,
            out: PathBuf::from("build"),
            references_root: None,
            limits: PackageLimits::default(),
        }
    }
}

/// Why no package was made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The folder, the version or the name is at fault.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The system refused a step.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PackError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Packs the folder `dir` as `version` into `<name>-<version>.zip`: [`build`], then [`Built::write`].
///
/// # Errors
/// Those of the two steps.
pub fn pack(dir: &Path, version: &str, options: &PackOptions) -> Result<Packed, PackError> {
    build(dir, version, options)?.write()
}

/// Makes the package of the folder `dir` as `version` in memory.
///
/// Files get mode 0644 and directories 0755; times are 1980-01-01; what a command names is made a component if it is a
/// core module for WASI preview 1, and loses its imports of `wasi:sockets`, with a warning that says so.
///
/// # Errors
/// [`PackError::Refused`] with everything found in the first step that found anything: the folder (`input.`, `pkg.`,
/// `pack.`), its manifest (`manifest.`, all five commands are needed), and what hosts would refuse of the result.
pub fn build(dir: &Path, version: &str, options: &PackOptions) -> Result<Built, PackError> {
    let root = folder(dir)?;
    let stem = file_stem(&root, version, options.name.as_deref())?;
    let out = std::path::absolute(&options.out).map_err(|source| PackError::io("look at", &options.out, source))?;
    let out = fs::canonicalize(&out).unwrap_or(out);

    let mut tree = Tree::new(dir.to_string_lossy().into_owned(), &options.limits);
    tree.add_folder(&root, &out)?;
    references::add(&mut tree, &root, options.references_root.as_deref())?;
    settle(&mut tree)?;
    let manifest = read_manifest(&tree)?;
    let targets = adapt_targets(&mut tree, &manifest)?;
    refuse_keys(&mut tree)?;
    settle(&mut tree)?;

    let file = format!("{stem}.zip");
    let bytes = zip(&tree, &file, &options.limits)?;
    let checked = Package::from_bytes(&file, bytes, &options.limits)?;
    tree.left_out.sort();
    Ok(Built {
        package: checked.value,
        warnings: [targets.warnings, checked.warnings].concat(),
        adapted: targets.adapted,
        left_out: tree.left_out,
        out: options.out.clone(),
        file,
    })
}

/// The folder that is to be packed, by its full path.
fn folder(dir: &Path) -> Result<PathBuf, Refused> {
    let refuse = |what: String| -> Refused {
        let hint = "name a folder with a HandlerManifest.json in it";
        Finding::refusal(codes::INPUT_OPEN, &dir.to_string_lossy(), Place::Whole, what, hint).into()
    };
    let root = fs::canonicalize(dir).map_err(|error| refuse(format!("it cannot be looked at: {error}")))?;
    if !root.is_dir() {
        return Err(refuse("it is not a folder".to_owned()));
    }
    Ok(root)
}

/// `<name>-<version>`, with both checked: they name a file, and later folders.
fn file_stem(root: &Path, version: &str, name: Option<&str>) -> Result<String, Refused> {
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    let name = name.unwrap_or(&folder);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > 128 || !name.chars().all(good) || name.starts_with(['.', '-']) {
        let what = format!("`{name}` is not the name of a handler");
        let hint = "give one of letters, digits, `.`, `_` and `-`, for example Publisher.Type";
        return Err(Finding::refusal(codes::PACK_NAME, name, Place::Whole, what, hint).into());
    }
    let version = Version::parse(version)
        .map_err(|e| Finding::refusal(codes::PACK_VERSION, name, Place::Whole, e.what(), e.hint()))?;
    Ok(format!("{name}-{version}"))
}

/// Refuses the folder if anything was found so far.
fn settle(tree: &mut Tree<'_>) -> Result<(), Refused> {
    tree.findings.sort_by_key(Finding::location);
    Refused::unless_only_warnings(std::mem::take(&mut tree.findings)).map(|_| ())
}

/// Reads the manifest more strictly than a host does: every command, and no byte order mark (registration 2.3).
fn read_manifest(tree: &Tree<'_>) -> Result<Manifest, PackError> {
    let Some(bytes) = tree.content(MANIFEST_FILE)? else {
        let what = "there is no HandlerManifest.json in the folder";
        let hint = "put it directly into the folder that is packed";
        return Err(Refused::from(Finding::refusal(
            codes::MANIFEST_MISSING,
            &tree.label,
            Place::Whole,
            what,
            hint,
        ))
        .into());
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let what = "it starts with a byte order mark";
        let hint = "save it as UTF-8 without a byte order mark";
        return Err(Refused::from(Finding::refusal(
            codes::MANIFEST_ENCODING,
            MANIFEST_FILE,
            Place::Whole,
            what,
            hint,
        ))
        .into());
    }
    let checked = Manifest::parse(Source::new(MANIFEST_FILE, &bytes))?;
    // A warning beside a refusal often says why: a mistyped key beside a missing one.
    let mut findings = checked.warnings;
    findings.extend(checked.value.check_complete());
    Refused::unless_only_warnings(findings)?;
    Ok(checked.value)
}

/// What came of the files that commands name.
#[derive(Debug, Default)]
struct Targets {
    /// Core modules that were made components, by name.
    adapted: Vec<String>,
    /// That some lost their network.
    warnings: Vec<Finding>,
}

/// Replaces core modules that commands name by components, and components that import the network by such that do not.
fn adapt_targets(tree: &mut Tree<'_>, manifest: &Manifest) -> Result<Targets, PackError> {
    let mut targets: Vec<String> = match &manifest.sandbox().component {
        Some(component) => vec![component.clone()],
        None => Command::ALL
            .into_iter()
            .filter_map(|command| manifest.command_line(command).ok().flatten())
            .map(|line| line.component().to_owned())
            .collect(),
    };
    targets.extend(service_target(manifest).map(str::to_owned));
    targets.sort_unstable();
    targets.dedup();
    let mut made = Targets::default();
    for name in targets {
        let Some(content) = tree.content(&name)? else { continue };
        let result = match WasmFile::of(&content) {
            WasmFile::CoreModule => adapt(&content).map(|component| {
                made.adapted.push(name.clone());
                Some(component)
            }),
            WasmFile::Component => without_network(&content).map(|offline| {
                let offline = offline?;
                made.warnings.push(lost_network(tree, &name, &offline.interfaces));
                Some(offline.component)
            }),
            _ => Ok(None),
        };
        match result {
            Ok(Some(component)) => _ = tree.nodes.insert(name, Node::Made(component)),
            Ok(None) => {}
            Err(error) => {
                let hint = "build it for wasm32-wasip2, or for wasm32-wasip1 with no imports but WASI's";
                tree.refuse(codes::PACK_ADAPT, &name, &error.to_string(), hint);
            }
        }
    }
    Ok(made)
}

/// That the component `name` is packed without the `interfaces` that it imports.
fn lost_network(tree: &Tree<'_>, name: &str, interfaces: &[String]) -> Finding {
    let what = format!(
        "it imports {}, which no handler gets; it is packed without them, and whoever asks for a socket in it is told \
         `access-denied`",
        interfaces.join(", ")
    );
    let hint = "nothing, where the language's library brings them and the handler uses no network";
    Finding::warning(
        codes::PACK_NETWORK,
        &tree.label,
        Place::Entry(name.to_owned()),
        what,
        hint,
    )
}

fn refuse_keys(tree: &mut Tree<'_>) -> Result<(), PackError> {
    let names: Vec<String> = tree.nodes.keys().cloned().collect();
    for name in names {
        if let Some(content) = tree.content(&name)?
            && let Some(what) = private_key::found(&name, &content)
        {
            let hint = "take it out; pass secrets as protected settings";
            tree.refuse(codes::PACK_PRIVATE_KEY, &name, what, hint);
        }
    }
    Ok(())
}

fn zip(tree: &Tree<'_>, file: &str, limits: &PackageLimits) -> Result<Vec<u8>, PackError> {
    let too_large = |TooLarge| {
        let what = "the folder is too large for a package";
        let hint = format!("a package has at most {} bytes (pkg.zip_bytes)", limits.zip_bytes);
        Refused::from(Finding::refusal(codes::PKG_SIZE, file, Place::Whole, what, hint))
    };
    let mut zip = ZipWriter::new(limits);
    let mut total: u64 = 0;
    for name in tree.nodes.keys() {
        match tree.content(name)? {
            Some(content) => {
                total = total.saturating_add(content.len() as u64);
                // The reader would refuse it too, but only after all of it was packed.
                if total > limits.total_unpacked {
                    return Err(too_large(TooLarge).into());
                }
                zip.file(name, &content).map_err(too_large)?;
            }
            None => zip.folder(name).map_err(too_large)?,
        }
    }
    Ok(zip.finish().map_err(too_large)?)
}
