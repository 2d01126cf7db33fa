//! Bytes in memory that nobody can change any more, behind a descriptor that can be handed to another process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

/// What a sealed file holds against: writing, and becoming longer or shorter.
const SEALS: SealFlags = SealFlags::WRITE
    .union(SealFlags::GROW)
    .union(SealFlags::SHRINK)
    .union(SealFlags::SEAL);

/// A file in memory that is being written, and has no name anywhere.
#[derive(Debug)]
pub(crate) struct Unsealed(File);

impl Unsealed {
    /// An empty one; `name` shows in the kernel's lists only.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor or no memory for it.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        Ok(Self(File::from(memfd_create(name, flags)?)))
    }

    /// The descriptor, for another process to write to.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// What is in it from now on for good.
    ///
    /// # Errors
    ///
    /// When somebody still has it mapped for writing.
    pub(crate) fn seal(self) -> io::Result<Sealed> {
        fcntl_add_seals(&self.0, SEALS)?;
        Sealed::from_fd(self.0.into())
    }
}

impl Write for Unsealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file in memory that nobody can change: neither its bytes nor its length.
#[derive(Debug)]
pub(crate) struct Sealed {
    file: File,
    length: u64,
}

impl Sealed {
    /// A sealed copy of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`Unsealed::new`].
    pub(crate) fn of(name: &str, bytes: &[u8]) -> io::Result<Self> {
        let mut file = Unsealed::new(name)?;
        file.write_all(bytes)?;
        file.seal()
    }

    /// What another process handed over, if it is sealed.
    ///
    /// # Errors
    ///
    /// When it is not a file in memory with all of the seals.
    pub(crate) fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        if !fcntl_get_seals(&fd)?.contains(SEALS) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not sealed"));
        }
        let file = File::from(fd);
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        // The place in the file is shared by every descriptor of it; only readers that go to the start first exist.
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
        file.take(self.length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A path by which this process can open it once more.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }

    /// The descriptor, for another process.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_stays_as_it_is() {
        let sealed = Sealed::of("test", b"abc").unwrap();
        assert_eq!(sealed.length(), 3);
        assert_eq!(sealed.read().unwrap(), b"abc");
        let mut file = &sealed.file;
        assert!(file.write_all(b"x").is_err());
        assert!(sealed.file.set_len(2).is_err());
        assert!(sealed.file.set_len(4).is_err());
        assert_eq!(std::fs::read(sealed.path()).unwrap(), b"abc");
        let open = Unsealed::new("test").unwrap();
        assert!(Sealed::from_fd(open.0.into()).is_err(), "it is not sealed yet");
    }
}
