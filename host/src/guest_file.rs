//! Reads a file from a folder in which a handler can write, without being fooled by what it put there.
//!
//! By open folder and plain name, following nothing, waiting for nothing, at most so many bytes, and the same file
//! before and after.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use rustix::io::Errno;

/// How often a file that changes while it is read is read again.
const ATTEMPTS: u32 = 3;

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// What was found in a file's place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum GuestFile {
    /// Nothing.
    Missing,
    /// A regular file, whole.
    Whole(Vec<u8>),
    /// A regular file of more bytes than are read.
    TooLarge,
    /// A link, a folder, a pipe, a socket or a device.
    NotAFile(&'static str),
    /// A file that kept changing.
    Unstable,
}

/// Reads `name` in `folder`: at most `max` bytes.
///
/// # Errors
///
/// Errors of the system other than those that the file's kind explains.
pub(crate) fn read(folder: BorrowedFd<'_>, name: &str, max: u64) -> io::Result<GuestFile> {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let Some(file) = read_once(folder, name, max)? else {
            continue;
        };
        return Ok(file);
    }
    Ok(GuestFile::Unstable)
}

/// `None` when the file changed while it was read.
fn read_once(folder: BorrowedFd<'_>, name: &str, max: u64) -> io::Result<Option<GuestFile>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
    let resolve =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
    let file = match openat2(folder, name, flags, Mode::empty(), resolve) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(Some(GuestFile::Missing)),
        Err(Errno::LOOP | Errno::XDEV) => return Ok(Some(GuestFile::NotAFile("a link"))),
        Err(Errno::NXIO) => return Ok(Some(GuestFile::NotAFile("a pipe or a socket"))),
        Err(error) => return Err(error.into()),
    };
    let before = fstat(&file)?;
    match rustix::fs::FileType::from_raw_mode(before.st_mode) {
        rustix::fs::FileType::RegularFile => {}
        rustix::fs::FileType::Directory => return Ok(Some(GuestFile::NotAFile("a folder"))),
        rustix::fs::FileType::Fifo => return Ok(Some(GuestFile::NotAFile("a pipe"))),
        _ => return Ok(Some(GuestFile::NotAFile("a device"))),
    }
    if u64::try_from(before.st_size).unwrap_or(u64::MAX) > max {
        return Ok(Some(GuestFile::TooLarge));
    }
    let mut bytes = Vec::new();
    (&file).take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Ok(Some(GuestFile::TooLarge));
    }
    Ok(same(&before, &fstat(&file)?).then_some(GuestFile::Whole(bytes)))
}

fn same(before: &Stat, after: &Stat) -> bool {
    let key = |stat: &Stat| {
        (
            stat.st_size,
            stat.st_mtime,
            stat.st_mtime_nsec,
            stat.st_ctime,
            stat.st_ctime_nsec,
        )
    };
    key(before) == key(after)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    /// STA-08, STA-09, STA-10: whatever lies in the place of a file, reading ends at once and echoes nothing.
    #[test]
    fn what_is_no_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("plain"), b"12345").unwrap();
        std::os::unix::fs::symlink("plain", at("link")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("outside")).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
        let open = File::open(folder.path()).unwrap();
        let cases = [
            ("plain", 5, GuestFile::Whole(b"12345".to_vec())),
            ("plain", 4, GuestFile::TooLarge),
            ("none", 5, GuestFile::Missing),
            ("link", 5, GuestFile::NotAFile("a link")),
            ("outside", 5000, GuestFile::NotAFile("a link")),
            ("../plain", 5, GuestFile::NotAFile("a link")),
            ("folder", 5, GuestFile::NotAFile("a folder")),
            ("pipe", 5, GuestFile::NotAFile("a pipe")),
        ];
        for (name, max, expected) in cases {
            assert_eq!(read(open.as_fd(), name, max).unwrap(), expected, "{name}");
        }
    }

    /// STA-11, STA-17: whatever is swapped in, under a reader's hands, what is read is the whole of one document that
    /// the handler wrote, or nothing.
    #[test]
    fn a_file_that_is_swapped_while_it_is_read_is_whole_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let documents = [vec![b'a'; 5_000], vec![b'b'; 90_000]];
        std::fs::write(at("secret"), b"foreign").unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let target = at("0.status");
                for round in 0.. {
                    if done.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    // What fails here is for the reader to find out.
                    let _ = std::fs::remove_file(&target);
                    let _ = std::fs::remove_dir(&target);
                    let _ =
                        match round % 4 {
                            0 => std::os::unix::fs::symlink("secret", &target),
                            1 => std::fs::create_dir(&target),
                            2 => std::fs::write(at("new"), &documents[0])
                                .and_then(|()| std::fs::rename(at("new"), &target)),
                            _ => std::fs::write(at("new"), &documents[1])
                                .and_then(|()| std::fs::rename(at("new"), &target)),
                        };
                }
            });
            let open = File::open(folder.path()).unwrap();
            for _ in 0..10_000 {
                match read_once(open.as_fd(), "0.status", 100_000).unwrap() {
                    Some(GuestFile::Whole(bytes)) => assert!(documents.contains(&bytes), "{} bytes", bytes.len()),
                    Some(GuestFile::TooLarge) => panic!("nothing here is too large"),
                    _ => {}
                }
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
