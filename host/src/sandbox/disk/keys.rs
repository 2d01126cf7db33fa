//! The keys of files that are open: asking the system takes a call for each, and they do not change.

use std::fs::File;
use std::io;
use std::sync::{Arc, Weak};

use super::found::{Found, Key};

/// Most that are remembered: a folder and the file in it that is being written, twice.
const MOST: usize = 4;

/// Those of the folders that the handler was given, and the last ones that were asked for.
#[derive(Debug, Default)]
pub(super) struct Keys {
    given: Vec<(Weak<File>, Key)>,
    known: [Option<(Weak<File>, Key)>; MOST],
    next: usize,
}

impl Keys {
    /// The key of `file`.
    ///
    /// # Errors
    ///
    /// When the system says nothing of it.
    pub(super) fn of(&mut self, file: &Arc<File>) -> io::Result<Key> {
        // What is known is held, if only weakly: no other file can have come to lie in its place.
        let is_this = |known: &Weak<File>| std::ptr::eq(known.as_ptr(), Arc::as_ptr(file));
        let mut known = self.known.iter().flatten().chain(&self.given);
        let known = known.find(|(known, _)| is_this(known));
        if let Some((_, key)) = known {
            return Ok(*key);
        }
        let key = Found::of(file)?.key;
        self.remember(file, key);
        Ok(key)
    }

    /// Remembers that `key` is that of `folder`, as long as that is open.
    pub(super) fn give(&mut self, folder: &Arc<File>, key: Key) {
        self.given.push((Arc::downgrade(folder), key));
    }

    /// Remembers that `key` is that of `file`, in the place of one that is closed by now where there is one.
    pub(super) fn remember(&mut self, file: &Arc<File>, key: Key) {
        let is_free =
            |known: &Option<(Weak<File>, Key)>| known.as_ref().is_none_or(|(file, _)| file.strong_count() == 0);
        let place = self.known.iter().position(is_free).unwrap_or_else(|| {
            self.next = (self.next + 1) % MOST;
            self.next
        });
        self.known[place] = Some((Arc::downgrade(file), key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_own_key_however_many_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = Keys::default();
        let kept = Arc::new(File::create(folder.path().join("kept")).unwrap());
        for number in 0..20 {
            let file = Arc::new(File::create(folder.path().join(number.to_string())).unwrap());
            for file in [&file, &kept, &file] {
                assert_eq!(keys.of(file).unwrap(), Found::of(file).unwrap().key);
            }
        }
    }
}
