//! Where things lie when nobody says so, and how a file named on the command line is read.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use hostler_contract::{Finding, HandlerIdentity, Place, Refused, codes};
use hostler_package::{Package, PackageError, PackageLimits};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::failure::Failure;
use crate::root::Root;

/// The root where none is named: `/var/lib/hostler` for root, else `hostler` in the user's folder for state.
pub(super) fn default_root() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/hostler");
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .unwrap_or_else(std::env::temp_dir)
        .join("hostler")
}

/// Where compiled code is kept where nothing is named: `cache` in the default root, which is made if it is missing.
///
/// # Errors
///
/// When the root cannot be made, or others could change what lies in it.
pub(super) fn default_cache() -> Result<PathBuf, Failure> {
    let root = default_root();
    if let Some(parent) = root.parent() {
        std::fs::create_dir_all(parent).map_err(|error| {
            let what = anyhow::Error::new(error).context(format!("{} cannot be made", parent.display()));
            Failure::host(
                what,
                "name a folder for compiled code with `--cache`, or keep none with `--no-cache`",
            )
        })?;
    }
    Ok(Root::open(&root)?.path().join("cache"))
}

/// The name of `path` in findings.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Reads the regular file `path`, of at most `max` bytes; one more is read of a larger one, so that a parser sees that
/// it is too large.
///
/// # Errors
///
/// A refusal (`input.open`) for what is missing, not readable or not a regular file; a pipe is not waited for.
pub(super) fn read_input(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let refuse = |what: String, hint: &str| {
        let finding = Finding::refusal(codes::INPUT_OPEN, &path.display().to_string(), Place::Whole, what, hint);
        Failure::Refused(Refused::new(finding))
    };
    let open = || -> std::io::Result<Option<Vec<u8>>> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(CWD, path, flags, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.take(max as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    match open() {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(refuse("it is not a regular file".to_owned(), "name a file")),
        Err(error) => Err(refuse(
            format!("it cannot be read: {error}"),
            "name a file that is there and that you may read",
        )),
    }
}

/// Opens the package at `path` with its warnings.
pub(super) fn open_package(path: &Path) -> Result<(Package, Vec<Finding>), Failure> {
    match Package::open(path, &PackageLimits::default()) {
        Ok(checked) => Ok((checked.value, checked.warnings)),
        Err(PackageError::Refused(refused)) => Err(refused.into()),
        Err(PackageError::Io { path, source }) => {
            let what = format!("it cannot be read: {source}");
            let hint = "name a package that is there and that you may read";
            let finding = Finding::refusal(codes::PKG_OPEN, &path.display().to_string(), Place::Whole, what, hint);
            Err(Refused::new(finding).into())
        }
    }
}

/// Who the handler in the package at `path` is: `given` on the command line, else by the package's file name.
pub(super) fn identity(given: Option<&str>, path: &Path) -> Result<HandlerIdentity, Failure> {
    match given {
        Some(text) => HandlerIdentity::parse(text)
            .map_err(|error| Failure::usage(codes::HANDLER_IDENTITY, "--handler", error.what(), error.hint())),
        None => HandlerIdentity::from_zip_name(&file_name(path)).map_err(|error| {
            let what = format!("the package's name does not say which handler it is: {}", error.what());
            Failure::usage(
                codes::HANDLER_IDENTITY,
                &file_name(path),
                what,
                "say it with `--handler Publisher.Type-1.0`",
            )
        }),
    }
}
