//! What is written to the log files of a handler from now on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;

use hostler_contract::{HandlerName, redact_sas};

use super::known_values::known_values;
use super::logs::{MAX_BYTES, open_files};
use crate::root::Root;
use crate::secrets::KnownValues;

/// Longest line that is waited for until it ends, in bytes; what is longer is given in pieces.
const MAX_LINE: usize = 64 << 10;

/// How far a file was read.
#[derive(Debug)]
struct Place {
    file: u64,
    offset: u64,
    /// The beginning of a line that has not ended.
    begun: Vec<u8>,
}

/// Follows the log files of a handler, those too that come later. A file that another took the place of, or that has
/// become shorter, is read from its beginning.
#[derive(Debug)]
pub struct LogFollower {
    handler: HandlerName,
    only: Option<String>,
    places: BTreeMap<String, Place>,
}

impl LogFollower {
    /// Follows the files of `handler` below `root` from their ends, or the one that is called `only`.
    ///
    /// # Errors
    ///
    /// What the system says of the folder.
    pub fn new(root: &Root, handler: &HandlerName, only: Option<String>) -> io::Result<Self> {
        let mut places = BTreeMap::new();
        for (name, file) in open_files(root, handler, only.as_deref())? {
            let found = file.metadata()?;
            let place = Place {
                file: found.ino(),
                offset: found.len(),
                begun: vec![],
            };
            places.insert(name, place);
        }
        Ok(Self {
            handler: handler.clone(),
            only,
            places,
        })
    }

    /// The lines that were written since the last time, each with its file. At most 256 KiB of a file are read at a time;
    /// more comes with the next.
    ///
    /// # Errors
    ///
    /// What the system says of the folder. A file that cannot be read is left out.
    pub fn lines(&mut self, root: &Root) -> io::Result<Vec<(String, String)>> {
        let known = known_values(root, &self.handler);
        let mut lines = Vec::new();
        for (name, file) in open_files(root, &self.handler, self.only.as_deref())? {
            let Ok(found) = file.metadata() else { continue };
            let new = || Place {
                file: found.ino(),
                offset: 0,
                begun: vec![],
            };
            let place = self.places.entry(name.clone()).or_insert_with(new);
            if place.file != found.ino() || found.len() < place.offset {
                *place = new();
            }
            if found.len() > place.offset {
                let written = place.read(file, &known).unwrap_or_default();
                lines.extend(written.into_iter().map(|line| (name.clone(), line)));
            }
        }
        Ok(lines)
    }
}

impl Place {
    fn read(&mut self, mut file: File, known: &KnownValues) -> io::Result<Vec<String>> {
        file.seek(SeekFrom::Start(self.offset))?;
        let before = self.begun.len();
        file.take(MAX_BYTES).read_to_end(&mut self.begun)?;
        self.offset += (self.begun.len() - before) as u64;
        let whole = match self.begun.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if self.begun.len() > MAX_LINE => self.begun.len(),
            None => 0,
        };
        let rest = self.begun.split_off(whole);
        let text = std::mem::replace(&mut self.begun, rest);
        let text = known.bytes(text);
        let text = String::from_utf8_lossy(&text);
        Ok(text.lines().map(|line| redact_sas(line).into_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rustix::fs::Mode;

    use super::*;

    #[test]
    fn what_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let handler = HandlerName::parse("Contoso.Demo").unwrap();
        root.folder(&["logs", "Contoso.Demo"], Mode::RWXU).unwrap();
        let path = |name: &str| folder.path().join("logs/Contoso.Demo").join(name);
        fs::write(path("a.log"), "before\nhalf").unwrap();
        let mut follower = LogFollower::new(&root, &handler, None).unwrap();
        let mut seen = |name: &str, text: &str| {
            let before = fs::read_to_string(path(name)).unwrap_or_default();
            fs::write(path(name), before + text).unwrap();
            let lines = follower.lines(&root).unwrap();
            lines
                .iter()
                .map(|(file, line)| format!("{file}:{line}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(seen("a.log", ""), "");
        assert_eq!(seen("a.log", " and half\nnext"), "a.log: and half");
        assert_eq!(seen("a.log", " line\n"), "a.log:next line");
        // A file that comes later is read from its beginning, and one that was cut too.
        assert_eq!(seen("b.log", "one\ntwo\n"), "b.log:one b.log:two");
        fs::write(path("b.log"), "three\n").unwrap();
        assert_eq!(seen("a.log", ""), "b.log:three");
        let mut only = LogFollower::new(&root, &handler, Some("b.log".to_owned())).unwrap();
        fs::write(path("a.log"), "x\n").unwrap();
        fs::write(path("b.log"), "y\n").unwrap();
        assert_eq!(only.lines(&root).unwrap(), [("b.log".to_owned(), "y".to_owned())]);
    }
}
