//! The folder of the keys that a server signs with.
//!
//! Each file is one key, named by its public half. All of them sign, so that hosts which know an older key and hosts
//! which know only a newer one are served by the same index while a key is being replaced.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{IndexKey, KeyError};

/// How the names of key files end.
const SUFFIX: &str = ".index-key";
/// Most bytes of a key file.
const MAX_KEY: u64 = 1024;

/// A folder of keys.
#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder of keys of a repository with this data folder.
    pub fn of_data(data: &Path) -> Self {
        Self(data.join("keys"))
    }

    /// All keys, in the order of their names; none where there is no folder.
    ///
    /// # Errors
    /// A folder or file that cannot be read, and a file that holds no key.
    pub fn keys(&self) -> Result<Vec<IndexKey>, KeyError> {
        let failed = |source| KeyError::io("read", &self.0, source);
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(failed)?;
        paths.retain(|path| path.to_string_lossy().ends_with(SUFFIX));
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }

    /// Makes a new key, which signs beside those that are there.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn add(&self) -> Result<IndexKey, KeyError> {
        let made = DirBuilder::new().mode(0o700).recursive(true).create(&self.0);
        made.map_err(|source| KeyError::io("make", &self.0, source))?;
        let bytes = IndexKey::generate()?;
        let key = IndexKey::from_pkcs8("the new key", &bytes)?;
        let path = self.path(&key.public());
        let failed = |source| KeyError::io("write", &path, source);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(failed)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::File::open(&self.0)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        Ok(key)
    }

    /// Makes a key if there is none.
    ///
    /// # Errors
    /// As [`Self::keys`] and [`Self::add`].
    pub fn first(&self) -> Result<(), KeyError> {
        match self.keys()?.is_empty() {
            true => self.add().map(|_| ()),
            false => Ok(()),
        }
    }

    /// Removes the key whose public half is, or begins with, `public`: it does not sign any more.
    ///
    /// # Errors
    /// [`KeyError::Unknown`] where no key or more than one is meant, and what the system refuses.
    pub fn retire(&self, public: &str) -> Result<String, KeyError> {
        let public = public.to_ascii_lowercase();
        let unknown = || KeyError::Unknown(hostler_contract::escape_bounded(&public, 80));
        let keys = self.keys()?;
        let mut meant = keys.iter().filter(|key| key.public().starts_with(&public));
        let (Some(key), None) = (meant.next(), meant.next()) else {
            return Err(unknown());
        };
        let path = self.path(&key.public());
        fs::remove_file(&path).map_err(|source| KeyError::io("remove", &path, source))?;
        Ok(key.public())
    }

    fn path(&self, public: &str) -> PathBuf {
        self.0.join(format!("{public}{SUFFIX}"))
    }
}

fn read(path: &Path) -> Result<IndexKey, KeyError> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_KEY).read_to_end(&mut bytes));
    read.map_err(|source| KeyError::io("read", path, source))?;
    IndexKey::from_pkcs8(&path.display().to_string(), &bytes)
}

impl KeyError {
    fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.display().to_string(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::KeyFolder;

    #[test]
    fn keys_come_and_go_and_belong_to_the_server_alone() {
        let data = tempfile::tempdir().unwrap();
        let folder = KeyFolder::of_data(data.path());
        assert!(folder.keys().unwrap().is_empty());
        let (first, second) = (folder.add().unwrap().public(), folder.add().unwrap().public());
        let mut expected = [first.clone(), second.clone()];
        expected.sort();
        let there: Vec<String> = folder.keys().unwrap().iter().map(|key| key.public()).collect();
        assert_eq!(there, expected);
        let file = data.path().join("keys").join(format!("{first}.index-key"));
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(folder.retire("").is_err(), "two keys are meant");
        assert_eq!(folder.retire(&first[..20]).unwrap(), first);
        assert_eq!(folder.keys().unwrap().len(), 1);
        assert!(folder.retire(&first).is_err());
    }
}
