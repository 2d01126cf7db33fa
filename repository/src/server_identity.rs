//! Who a server is, among those that work on one database.
//!
//! A server keeps its number in its data folder, so that after it died and was started again it knows what it left
//! behind. A second server that uses the same folder at the same time gets a number for itself alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::surroundings::Surroundings;

/// The file in the data folder.
const FILE: &str = "server.lock";

/// A server's number, for as long as it runs.
#[derive(Debug)]
pub struct ServerIdentity {
    id: String,
    /// Locked while this server runs; the system takes the lock back when it dies.
    lock: Option<File>,
}

impl ServerIdentity {
    /// The number of the server whose data folder is `data`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn take(data: &Path, surroundings: &Surroundings) -> io::Result<Self> {
        fs::create_dir_all(data)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(data.join(FILE))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let (id, lock) = (surroundings.id(), None);
                return Ok(Self { id, lock });
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut id = String::new();
        // A file that was cut off or is none of ours is written anew.
        let _ = (&file).take(64).read_to_string(&mut id);
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            id = surroundings.id();
            file.rewind()?;
            file.set_len(0)?;
            file.write_all(id.as_bytes())?;
            file.sync_all()?;
        }
        Ok(Self { id, lock: Some(file) })
    }

    /// The number: 32 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether no other server uses the same data folder.
    pub fn is_alone(&self) -> bool {
        self.lock.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::ServerIdentity;
    use crate::surroundings::Surroundings;

    #[test]
    fn a_server_is_the_same_after_its_death_and_another_one_beside_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::default();
        let first = ServerIdentity::take(folder.path(), &surroundings).unwrap();
        assert!(first.is_alone());
        let beside = ServerIdentity::take(folder.path(), &surroundings).unwrap();
        assert!(!beside.is_alone());
        assert_ne!(first.id(), beside.id());
        let id = first.id().to_owned();
        drop(first);
        let again = ServerIdentity::take(folder.path(), &surroundings).unwrap();
        assert_eq!((again.id(), again.is_alone()), (id.as_str(), true));
    }
}
