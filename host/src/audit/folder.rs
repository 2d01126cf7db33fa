//! The files of a log: `audit-000001.jsonl` and so on, in `ROOT/audit/`.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use hostler_package::Durability;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, unlinkat};
use rustix::io::Errno;

use super::AuditError;
use crate::root::Root;

/// Name of the folder in the root.
const FOLDER: &str = "audit";

/// Mode of every file.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);

/// How often a list of files is made anew when one of them goes meanwhile.
const TRIES: usize = 5;

/// The open folder.
#[derive(Debug)]
pub struct AuditFolder(OwnedFd, Durability);

/// The files of a log by their numbers, the oldest first, all open for reading: what is removed meanwhile stays readable.
pub type Files = Vec<(u32, File)>;

/// Name of the file with that number.
pub(super) fn name(number: u32) -> String {
    format!("audit-{number:06}.jsonl")
}

/// The number of the file called `name`, if it is one of a log.
fn number(file: &str) -> Option<u32> {
    let number = file.strip_prefix("audit-")?.strip_suffix(".jsonl")?.parse().ok()?;
    (name(number) == file && number > 0).then_some(number)
}

impl AuditFolder {
    /// Opens the folder of `root`, which is made with mode 0700 where it is missing.
    pub(super) fn make(root: &Root) -> Result<Self, AuditError> {
        Ok(Self(root.folder(&[FOLDER], Mode::RWXU)?, root.durability()))
    }

    /// The files in the folder of `root`; none where there is no folder.
    ///
    /// # Errors
    ///
    /// [`AuditError::File`].
    pub fn files(root: &Root) -> Result<Files, AuditError> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match openat(rustix::fs::CWD, root.path().join(FOLDER), flags, Mode::empty()) {
            Ok(folder) => Self(folder, root.durability()),
            Err(Errno::NOENT) => return Ok(vec![]),
            Err(error) => return Err(AuditError::file("", "opened")(error.into())),
        };
        for _ in 0..TRIES {
            let numbers = folder.numbers()?;
            let opened: Result<Files, _> = numbers.iter().map(|&at| Ok((at, folder.read(at)?))).collect();
            match opened {
                Err(AuditError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        let error = io::Error::other("files of it go all the time");
        Err(AuditError::file("", "read")(error))
    }

    /// The numbers of the files, the lowest first.
    pub(super) fn numbers(&self) -> Result<Vec<u32>, AuditError> {
        let list = || -> io::Result<Vec<u32>> {
            let mut numbers = Vec::new();
            for entry in Dir::read_from(&self.0)? {
                numbers.extend(entry?.file_name().to_str().ok().and_then(number));
            }
            numbers.sort_unstable();
            Ok(numbers)
        };
        list().map_err(AuditError::file("", "listed"))
    }

    /// Brings what was written to `file`, one of its files, to the disk, where the root has to survive.
    pub(super) fn sync(&self, file: &File) -> io::Result<()> {
        match self.1 {
            Durability::OnDisk => file.sync_data(),
            Durability::Passing => Ok(()),
        }
    }

    /// Opens a file for reading.
    pub(super) fn read(&self, number: u32) -> Result<File, AuditError> {
        self.open(number, OFlags::RDONLY)
            .map_err(AuditError::file(&name(number), "read"))
    }

    /// Opens a file for appending.
    pub(super) fn append(&self, number: u32) -> Result<File, AuditError> {
        self.open(number, OFlags::RDWR | OFlags::APPEND)
            .map_err(AuditError::file(&name(number), "opened"))
    }

    /// Makes a file, which must not be there, and opens it for appending.
    pub(super) fn create(&self, number: u32) -> Result<File, AuditError> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let made = self.open(number, flags).and_then(|file| {
            self.1.sync(&self.0)?;
            Ok(file)
        });
        made.map_err(AuditError::file(&name(number), "made"))
    }

    /// Removes a file; one that is gone is no error.
    pub(super) fn remove(&self, number: u32) -> Result<(), AuditError> {
        match unlinkat(self.0.as_fd(), name(number), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(AuditError::file(&name(number), "removed")(error.into())),
        }
    }

    /// Opens a regular file with one name, and nothing else.
    fn open(&self, number: u32, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name(number), flags, PRIVATE)?;
        let stat = fstat(&file)?;
        // One that is being removed has none.
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 1 {
            return Err(io::Error::other("it is not a regular file with one name"));
        }
        Ok(File::from(file))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_names_that_are_ours_have_a_number() {
        for (file, expected) in [
            ("audit-000001.jsonl", Some(1)),
            ("audit-1234567.jsonl", Some(1_234_567)),
            ("audit-1.jsonl", None),
            ("audit-000000.jsonl", None),
            ("audit-+00001.jsonl", None),
            ("audit-000001.jsonl.old", None),
        ] {
            assert_eq!(super::number(file), expected, "{file}");
        }
    }
}
