//! Reading a file of this machine.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use rustix::{
    fs::{FileType, Mode, OFlags},
    io::Errno,
};

use crate::{FetchLimits, error::Failure, intake::Intake, limits::Deadline};

/// How much is read and hashed at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// Reads all of a regular file.
///
/// The path's folders may be links, the file itself may not. A pipe or a device is refused without waiting for anybody at
/// its other end (PKG-35).
pub(crate) fn read(path: &Path, limits: FetchLimits, deadline: Deadline, intake: &mut Intake) -> Result<(), Failure> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        // The same error tells of links that go round in circles.
        Err(Errno::LOOP) => return Err(Failure::NotAFile("a symbolic link")),
        Err(Errno::NXIO | Errno::NODEV) => return Err(Failure::NotAFile("a device or socket")),
        Err(errno) => return Err(unreadable(errno.into())),
    };
    let stat = rustix::fs::fstat(&file).map_err(|errno| unreadable(errno.into()))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => (),
        FileType::Directory => return Err(Failure::NotAFile("a folder")),
        FileType::Fifo => return Err(Failure::NotAFile("a pipe")),
        _ => return Err(Failure::NotAFile("a device or socket")),
    }
    intake.announced(u64::try_from(stat.st_size).unwrap_or(u64::MAX))?;
    read_pieces(file, limits, deadline, intake)
}

fn read_pieces(mut file: File, limits: FetchLimits, deadline: Deadline, intake: &mut Intake) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    loop {
        if deadline.is_over() {
            return Err(Failure::Budget(limits.budget));
        }
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(n) => intake.push(piece.get(..n).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(unreadable(error)),
        }
    }
}

fn unreadable(error: io::Error) -> Failure {
    Failure::Unreadable(error.to_string())
}
