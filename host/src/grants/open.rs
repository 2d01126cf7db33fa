//! Opens granted folders, and looks at what they really are.
//!
//! The decision went by paths. What lies there may have changed since, and a folder can be seen under several paths: so
//! nothing on the way may be a link, and what was opened is compared with the host's own folders by device and inode (its
//! own and of all folders above it, both ways) and by where it lies in its file system, which a bind mount does not change.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use hostler_contract::manifest::DirectoryAccess;
use hostler_contract::{Finding, Place, Refused, codes};
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, StatxFlags, fstat, fstatfs, openat, openat2, statx,
};
use rustix::io::Errno;

use super::effective::{FOLDER_DEPTH, GrantedDirectory};
use super::mounts::{Location, Mounts};
use super::never::Protected;
use crate::limits::{GrantedQuota, Quota};
use crate::sandbox::{Access, Folder, Preopen};

/// Numbers of file systems that show or steer the machine (`statfs(2)`); those that share theirs with others are known by
/// their names.
const SYSTEM: [i64; 8] = [
    0x9fa0,      // proc
    0x6265_6572, // sysfs
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0x1cd1,      // devpts
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
];

/// Most folders above one another that are looked at.
const DEEPEST: usize = 4096;

/// Device and inode.
type Identity = (u64, u64);

/// Why a granted folder is not handed out.
#[derive(Debug)]
enum Unfit {
    Missing,
    Link,
    NotAFolder,
    OwnFolder(String),
    System(String),
    Io(io::Error),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is not there"),
            Self::Link => f.write_str("is reached by a symbolic link, and none is followed"),
            Self::NotAFolder => f.write_str("is not a folder"),
            Self::OwnFolder(folder) => write!(f, "is, contains or lies in a folder of hostler's own, {folder}"),
            Self::System(what) => write!(f, "is never granted: {what}"),
            Self::Io(error) => write!(f, "cannot be opened or looked at: {error}"),
        }
    }
}

impl Unfit {
    fn hint(&self) -> &'static str {
        match self {
            Self::Missing => "make the folder, or take it out of what the package asks for",
            Self::Link => "name the folder by its real path, in package and policy",
            Self::NotAFolder => "put a folder there, or name another one",
            Self::OwnFolder(_) | Self::System(_) => "name another folder, or undo the mount that brought it there",
            Self::Io(_) => "let the user that hostler runs as list the folder and pass through those above it",
        }
    }
}

impl From<Errno> for Unfit {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::Missing,
            Errno::LOOP => Self::Link,
            Errno::NOTDIR => Self::NotAFolder,
            other => Self::Io(other.into()),
        }
    }
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Opens all of `directories`.
pub(super) fn open_all(directories: &[GrantedDirectory], protected: &Protected) -> Result<Vec<Folder>, Refused> {
    if directories.is_empty() {
        return Ok(vec![]);
    }
    let mut folders = Vec::new();
    let mut findings = Vec::new();
    for (number, directory) in directories.iter().enumerate() {
        match open(Path::new(directory.path.as_str()), protected) {
            Ok(descriptor) => folders.push(Folder {
                preopen: Preopen {
                    name: directory.path.to_string(),
                    access: access(directory, number),
                    granted: true,
                },
                open: descriptor.into(),
            }),
            Err(unfit) => {
                let what = format!("the granted folder {} {unfit}", directory.path);
                findings.push(Finding::refusal(
                    codes::GRANT_DIRECTORY,
                    directory.path.as_str(),
                    Place::Whole,
                    what,
                    unfit.hint(),
                ));
            }
        }
    }
    Refused::unless_only_warnings(findings)?;
    Ok(folders)
}

fn access(directory: &GrantedDirectory, number: usize) -> Access {
    match (directory.access, directory.quota) {
        (DirectoryAccess::ReadWrite, Some(quota)) => Access::ReadWrite(Quota::Granted(GrantedQuota {
            // There are at most twice 32 of a command.
            number: u8::try_from(number).unwrap_or(u8::MAX),
            bytes: quota.bytes,
            files: quota.files,
            depth: FOLDER_DEPTH,
        })),
        (DirectoryAccess::Read, _) | (DirectoryAccess::ReadWrite, None) => Access::ReadOnly,
    }
}

/// Opens `path` if it is a folder that may be granted.
fn open(path: &Path, protected: &Protected) -> Result<OwnedFd, Unfit> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let folder = openat2(CWD, path, flags, Mode::empty(), resolve)?;
    if FileType::from_raw_mode(fstat(&folder)?.st_mode) != FileType::Directory {
        return Err(Unfit::NotAFolder);
    }
    let mounts = Mounts::now()?;
    check_system(&folder, path, &mounts)?;
    check_own(&folder, path, &mounts, protected)?;
    Ok(folder)
}

/// Refuses a folder of, or with, a file system that shows or steers the machine.
fn check_system(folder: &OwnedFd, path: &Path, mounts: &Mounts) -> Result<(), Unfit> {
    let kind = fstatfs(folder)?.f_type;
    let mount = mounts.of(mount_id(folder)?);
    if SYSTEM.contains(&kind) || mount.is_some_and(super::mounts::Mount::is_system) {
        return Err(Unfit::System("it shows or steers the machine itself".to_owned()));
    }
    match mounts.below(path).find(|mount| mount.is_system()) {
        Some(mount) => Err(Unfit::System(format!(
            "{} in it shows or steers the machine itself",
            mount.at.display()
        ))),
        None => Ok(()),
    }
}

/// Refuses a folder that is, contains or lies in one of the host's own.
fn check_own(folder: &OwnedFd, path: &Path, mounts: &Mounts, protected: &Protected) -> Result<(), Unfit> {
    let above = chain(folder.as_fd())?;
    let here = locate(folder, path, mounts)?;
    let seen: Vec<&Location> = std::iter::once(&here)
        .chain(mounts.below(path).map(|mount| &mount.shows))
        .collect();
    for own in protected.folders() {
        let refuse = || Unfit::OwnFolder(own.display().to_string());
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = match openat(CWD, own, flags, Mode::empty()) {
            Ok(opened) => opened,
            // Not made yet; then nothing is in it.
            Err(Errno::NOENT | Errno::NOTDIR) => continue,
            Err(error) => return Err(Unfit::Io(error.into())),
        };
        let above_own = chain(opened.as_fd())?;
        let lies_in = above_own.first().is_some_and(|own| above.contains(own));
        let contains = above.first().is_some_and(|granted| above_own.contains(granted));
        if lies_in || contains {
            return Err(refuse());
        }
        let own_here = locate(&opened, own, mounts)?;
        let owned = std::iter::once(&own_here).chain(mounts.below(own).map(|mount| &mount.shows));
        for owned in owned {
            if seen.iter().any(|seen| seen.overlaps(owned)) {
                return Err(refuse());
            }
        }
    }
    Ok(())
}

/// `folder`, and all folders above it.
fn chain(folder: BorrowedFd<'_>) -> Result<Vec<Identity>, Unfit> {
    let identity = |folder: BorrowedFd<'_>| -> Result<Identity, Unfit> {
        let stat = fstat(folder)?;
        Ok((stat.st_dev, stat.st_ino))
    };
    let mut found = vec![identity(folder)?];
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = openat(folder, c"..", flags, Mode::empty())?;
    loop {
        let next = identity(at.as_fd())?;
        if found.last() == Some(&next) {
            return Ok(found);
        }
        found.push(next);
        if found.len() > DEEPEST {
            return Err(Unfit::Io(io::Error::other("it lies too deep")));
        }
        at = openat(&at, c"..", flags, Mode::empty())?;
    }
}

fn locate(folder: &OwnedFd, path: &Path, mounts: &Mounts) -> Result<Location, Unfit> {
    mounts
        .locate(mount_id(folder)?, path)
        .ok_or_else(|| Unfit::Io(io::Error::other("it is not known where it is mounted")))
}

/// The number of the mount that `folder` is in.
fn mount_id(folder: &OwnedFd) -> Result<u64, Unfit> {
    let found = statx(folder, c"", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID)?;
    if found.stx_mask & StatxFlags::MNT_ID.bits() == 0 {
        return Err(Unfit::Io(io::Error::other(
            "this kernel does not tell where it is mounted; it has to be Linux 5.8 or later",
        )));
    }
    Ok(found.stx_mnt_id)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn told(path: &Path, protected: &[&Path]) -> Result<(), String> {
        let protected = Protected::new(protected.iter().map(|path| path.to_path_buf()));
        open(path, &protected).map(|_| ()).map_err(|unfit| unfit.to_string())
    }

    /// What the decision could not know: what lies at a path is looked at when it is opened.
    #[test]
    fn what_lies_there_is_looked_at() {
        let scratch = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(scratch.path()).unwrap();
        let at = |name: &str| base.join(name);
        for folder in ["root/state", "root/data/A.B", "app/inner", "elsewhere"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("file"), "").unwrap();
        symlink("app", at("link")).unwrap();
        symlink("root", at("link-to-root")).unwrap();
        let root = at("root");
        let told = |path: &str| told(&base.join(path), &[&root, &at("not-made-yet")]);
        assert_eq!(told("app"), Ok(()));
        assert_eq!(told("app/inner"), Ok(()));
        for (path, why) in [
            ("gone", "is not there"),
            ("file", "is not a folder"),
            ("link", "symbolic link"),
            ("link/inner", "symbolic link"),
            ("link-to-root/state", "symbolic link"),
            ("root", "hostler's own"),
            ("root/state", "hostler's own"),
            ("root/data/A.B", "hostler's own"),
            ("", "hostler's own"),
            ("/proc/self", "symbolic link"),
            ("/proc", "the machine itself"),
            ("/sys/kernel", "the machine itself"),
            ("/", "hostler's own"),
        ] {
            let said = told(path).unwrap_err();
            // The root of the file system has `/proc` in it, and the host's own folders.
            let fits = said.contains(why) || (path == "/" && said.contains("the machine itself"));
            assert!(fits, "{path}: {said}");
        }
        // The same folder under a name that it did not have when it was decided.
        fs::rename(at("app"), at("away")).unwrap();
        fs::rename(at("root/state"), at("app")).unwrap();
        assert_eq!(told("app"), Ok(()), "it is not in the root any more");
        fs::rename(at("app"), at("root/state")).unwrap();
        symlink("root/state", at("app")).unwrap();
        assert!(told("app").is_err());
    }
}
