//! Where things lie when nobody says so, and how a file named on the command line is read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hostler_contract::{Finding, HandlerIdentity, Place, Refused, codes};
use hostler_package::{Package, PackageError, PackageLimits};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::failure::Failure;
use crate::root::{Root, RootError};
use crate::sandbox::CodeCache;

/// The root where none is named: `/var/lib/hostler` for root, else `hostler` in the user's folder for state; `None` for a
/// user without one.
pub(super) fn default_root() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/hostler"));
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    Some(state?.join("hostler"))
}

/// Where compiled code is kept where nothing is named: `cache` in the default root, which is made if it is missing;
/// `None`, with a word on standard error, where that root cannot be used: then everything is compiled anew.
pub(super) fn default_cache() -> Option<CodeCache> {
    let open = || -> anyhow::Result<CodeCache> {
        let root = default_root().context("neither XDG_STATE_HOME nor HOME names a folder")?;
        Ok(CodeCache::open(&make_root(&root)?.path().join("cache"))?)
    };
    open()
        .inspect_err(|error| {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "compiled code is not kept; `--cache DIR` names another place for it"
            );
        })
        .ok()
}

/// Makes and opens the default root with the folders above it.
fn make_root(path: &Path) -> anyhow::Result<Root> {
    if let Some(parent) = path.parent() {
        // Not as the umask has it: others that can write above a root can put another in its place.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    Ok(Root::open(path)?)
}

/// The root that was named, or the default one. It is made where it is missing.
///
/// # Errors
///
/// A failure of the host's: it cannot be used, or there is no default for this user.
pub(super) fn root(named: Option<&Path>) -> Result<Root, Failure> {
    match named {
        Some(path) => Ok(Root::open(path)?),
        None => {
            let path = default_root().ok_or_else(no_default_root)?;
            make_root(&path).map_err(|error| match error.downcast::<RootError>() {
                Ok(error) => error.into(),
                Err(error) => Failure::host(error, "name another root with `--root`"),
            })
        }
    }
}

/// As [`root`], of which nothing is made: `None` where there is none.
///
/// # Errors
///
/// As [`root`].
pub(super) fn existing_root(named: Option<&Path>) -> Result<Option<Root>, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => default_root().ok_or_else(no_default_root)?,
    };
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    Ok(Some(Root::open(&path)?))
}

fn no_default_root() -> Failure {
    let error = anyhow::anyhow!("neither XDG_STATE_HOME nor HOME names a folder, so there is no default root");
    Failure::host(error, "name a root with `--root`")
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
/// A refusal (`input.open`) for what is missing, not readable or not a regular file, a failure of the host's (`host.io`)
/// where no file can be opened at all; a pipe is not waited for.
pub(super) fn read_input(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let open = || -> io::Result<Option<Vec<u8>>> {
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
        Ok(None) => Err(not_readable(path, "it is not a regular file".to_owned())),
        Err(error) => Err(cannot_read(path, error)),
    }
}

/// The failure over `error` while a file was read that was named: its own, but where the host has too little.
pub(super) fn cannot_read(path: &Path, error: io::Error) -> Failure {
    too_little(path, error).unwrap_or_else(|error| not_readable(path, format!("it cannot be read: {error}")))
}

/// The host's failure where `error` says that it has no descriptor or no memory left, whatever `path` is.
fn too_little(path: &Path, error: io::Error) -> Result<Failure, io::Error> {
    let hint = match Errno::from_io_error(&error) {
        Some(Errno::MFILE | Errno::NFILE) => "raise the number of files that a process may open",
        Some(Errno::NOMEM) => "give hostler more memory",
        _ => return Err(error),
    };
    let error = anyhow::Error::new(error).context(format!("{} cannot be read", path.display()));
    Ok(Failure::host(error, hint))
}

/// The refusal of a file that was named and cannot be used.
pub(super) fn not_readable(path: &Path, what: String) -> Failure {
    let hint = "name a file that is there and that you may read";
    let finding = Finding::refusal(codes::INPUT_OPEN, &path.display().to_string(), Place::Whole, what, hint);
    Failure::Refused(Refused::new(finding))
}

/// Reads the package at `path`, and looks at nothing in it.
pub(super) fn read_package(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.is_dir() {
        return Err(folder_for_package(path));
    }
    match hostler_package::read_file(path, &PackageLimits::default()) {
        Ok(bytes) => Ok(bytes),
        Err(PackageError::Refused(refused)) => Err(refused.into()),
        Err(PackageError::Io { source, .. }) => Err(unreadable_package(path, source)),
    }
}

fn folder_for_package(path: &Path) -> Failure {
    let hint = "make a package of it with `hostler pack DIR VERSION`, and run that";
    refuse_package(path, "it is a folder, not a package".to_owned(), hint)
}

fn unreadable_package(path: &Path, source: io::Error) -> Failure {
    let hint = "name a package that is there and that you may read";
    too_little(path, source).unwrap_or_else(|source| refuse_package(path, format!("it cannot be read: {source}"), hint))
}

fn refuse_package(path: &Path, what: String, hint: &str) -> Failure {
    let file = path.display().to_string();
    Refused::new(Finding::refusal(codes::PKG_OPEN, &file, Place::Whole, what, hint)).into()
}

/// Opens the package at `path` with its warnings.
pub(super) fn open_package(path: &Path) -> Result<(Package, Vec<Finding>), Failure> {
    if path.is_dir() {
        return Err(folder_for_package(path));
    }
    match Package::open(path, &PackageLimits::default()) {
        Ok(checked) => Ok((checked.value, checked.warnings)),
        Err(PackageError::Refused(refused)) => Err(refused.into()),
        Err(PackageError::Io { source, .. }) => Err(unreadable_package(path, source)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// HST-06: what the host lacks is not the fault of the file that it was about to open.
    #[test]
    fn no_file_is_refused_for_what_the_host_lacks() {
        let path = Path::new("/somewhere/goal-state.json");
        let failures: [fn(&Path, io::Error) -> Failure; 2] = [cannot_read, unreadable_package];
        for failure in failures {
            for (errno, is_hosts) in [
                (Errno::MFILE, true),
                (Errno::NFILE, true),
                (Errno::NOMEM, true),
                (Errno::NOENT, false),
                (Errno::ACCESS, false),
            ] {
                match failure(path, errno.into()) {
                    Failure::Host { error, .. } if is_hosts => {
                        let said = format!("{error:#}");
                        assert!(
                            said.starts_with("/somewhere/goal-state.json cannot be read: "),
                            "{said}"
                        );
                    }
                    Failure::Refused(_) if !is_hosts => {}
                    other => panic!("{errno}: {other:?}"),
                }
            }
        }
    }
}
