//! Bringing the files into the state that the settings describe.
//!
//! A path is recorded before its file is made, so that an interrupted enable leaves nothing behind that a later one
//! would not know. A file appears whole: it is written beside the folder and renamed into it.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use crate::{
    file_path::FilePath,
    record::{self, Record, fingerprint},
};

/// What was done with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was there with this content.
    AsDescribed,
    /// It was not there.
    Created,
    /// The settings describe another content than before.
    Changed,
    /// Somebody had changed or removed it since it was written.
    Repaired,
    /// It was made once and is no longer named.
    Removed,
}

impl Outcome {
    /// Whether anything was written or removed.
    pub(crate) fn is_change(self) -> bool {
        self != Self::AsDescribed
    }

    /// What has to be done to get from what is on disk, and what was last written, to `wanted`.
    fn of(on_disk: Option<u64>, recorded: Option<u64>, wanted: u64) -> Self {
        match (on_disk, recorded) {
            (Some(content), _) if content == wanted => Self::AsDescribed,
            (_, Some(last)) if last == wanted => Self::Repaired,
            (Some(_), _) => Self::Changed,
            (None, _) => Self::Created,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsDescribed => "as described",
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Repaired => "repaired",
            Self::Removed => "removed",
        })
    }
}

/// The folder of the files, and the record of what was made in it.
pub(crate) struct Folder {
    files: PathBuf,
    record_file: PathBuf,
    temporary: PathBuf,
    record: Record,
}

impl Folder {
    /// The folder `files` in `data`, made if need be.
    pub(crate) fn open(data: &Path) -> io::Result<Self> {
        let files = data.join("files");
        fs::create_dir_all(&files)?;
        let record_file = data.join("made.json");
        Ok(Self {
            record: record::read(&record_file)?,
            files,
            record_file,
            temporary: data.join("being-written"),
        })
    }

    /// Brings the files into the state that `wanted` describes; what became of each, removed ones first.
    ///
    /// # Errors
    ///
    /// The record cannot be written. What goes wrong with one file is in its outcome and keeps no other from its own.
    pub(crate) fn apply(
        &mut self,
        wanted: &BTreeMap<FilePath, String>,
    ) -> io::Result<Vec<(FilePath, io::Result<Outcome>)>> {
        let mut outcomes = Vec::new();
        // First, since a file may have to make room for a folder of its name.
        let surplus: Vec<_> = self
            .record
            .keys()
            .filter(|path| !wanted.contains_key(path))
            .cloned()
            .collect();
        for path in surplus {
            let outcome = self.remove(&path).map(|()| Outcome::Removed);
            if outcome.is_ok() {
                self.record.remove(&path);
            }
            outcomes.push((path, outcome));
        }
        let before = self.record.clone();
        let described = wanted
            .iter()
            .map(|(path, content)| (path.clone(), fingerprint(content.as_bytes())));
        self.record.extend(described);
        if self.record != before || !outcomes.is_empty() {
            self.write_record()?;
        }
        for (path, content) in wanted {
            let outcome = self.bring(path, content.as_bytes(), before.get(path).copied());
            outcomes.push((path.clone(), outcome));
        }
        Ok(outcomes)
    }

    /// Removes every file that was made, and the record; how many there were.
    pub(crate) fn remove_all(mut self) -> io::Result<usize> {
        let removed = self.record.len();
        while let Some((path, _)) = self.record.pop_first() {
            self.remove(&path)?;
        }
        remove_if_there(&self.record_file)?;
        // Stays where somebody else has put files into it.
        let _ = fs::remove_dir(&self.files);
        Ok(removed)
    }

    fn bring(&self, path: &FilePath, content: &[u8], recorded: Option<u64>) -> io::Result<Outcome> {
        self.refuse_links(path)?;
        let file = self.files.join(path.to_path());
        let outcome = Outcome::of(content_of(&file)?, recorded, fingerprint(content));
        if outcome.is_change() {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&self.temporary, content)?;
            fs::rename(&self.temporary, &file)?;
        }
        Ok(outcome)
    }

    fn remove(&self, path: &FilePath) -> io::Result<()> {
        self.refuse_links(path)?;
        remove_if_there(&self.files.join(path.to_path()))?;
        for folder in path.parents().rev() {
            // The first one that still holds something ends this, as does one that is gone.
            if fs::remove_dir(self.files.join(folder)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Natively, a link on the way would lead out of the folder.
    fn refuse_links(&self, path: &FilePath) -> io::Result<()> {
        for folder in path.parents() {
            match fs::symlink_metadata(self.files.join(folder)) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(io::Error::other(format!("{folder} is not a folder"))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write_record(&self) -> io::Result<()> {
        fs::write(&self.temporary, serde_json::to_vec(&self.record)?)?;
        fs::rename(&self.temporary, &self.record_file)
    }
}

/// Fingerprint of what is at `file`: `None` if nothing is, 0 for anything but a plain file.
fn content_of(file: &Path) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_file() => Ok(Some(fingerprint(&fs::read(file)?))),
        Ok(metadata) if metadata.is_dir() => Err(io::Error::other("there is a folder of this name")),
        // A link is replaced by the file, not followed.
        Ok(_) => Ok(Some(0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn what_has_to_be_done() {
        let table = [
            (None, None, Outcome::Created),
            (Some(1), None, Outcome::AsDescribed),
            (Some(2), None, Outcome::Changed),
            (None, Some(1), Outcome::Repaired),
            (Some(1), Some(1), Outcome::AsDescribed),
            (Some(2), Some(1), Outcome::Repaired),
            (None, Some(2), Outcome::Created),
            (Some(1), Some(2), Outcome::AsDescribed),
            (Some(2), Some(2), Outcome::Changed),
            (Some(3), Some(2), Outcome::Changed),
        ];
        for (on_disk, recorded, expected) in table {
            assert_eq!(Outcome::of(on_disk, recorded, 1), expected, "{on_disk:?} {recorded:?}");
        }
    }
}
