//! The log as it is written.

use std::fs::File;
use std::io::{BufReader, Write as _};

use hostler_contract::{Finding, Place, codes};
use time::OffsetDateTime;

use super::event::{AuditEvent, Entry};
use super::folder::{AuditFolder, name};
use super::head::Head;
use super::line::{self, Link, RemovedFiles};
use super::lines::{Line, Lines};
use super::resume::{Resume, Tail, decide, tail};
use super::{AuditError, MAX_AHEAD};
use crate::root::Root;
use crate::state::{Kind, Store, Write};

/// How large a log gets.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Bytes of one file: a line that would go beyond them begins the next one.
    pub bytes: u64,
    /// Files that are kept.
    pub files: usize,
}

impl Default for Sizes {
    /// 8 files of 8 MiB.
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            files: 8,
        }
    }
}

/// Lines that are written before the state is told: half of what it may not know of, so that a host which is stopped again
/// and again while it goes on with a log stays below that.
const WRITTEN_AHEAD: u64 = MAX_AHEAD / 2;

/// The log of a root that is locked.
#[derive(Debug)]
pub struct AuditLog {
    folder: AuditFolder,
    sizes: Sizes,
    number: u32,
    file: File,
    /// Bytes of the file that are whole lines.
    length: u64,
    /// The last line.
    last: Head,
    /// The number of the last line that the state knows of.
    known: u64,
    /// Why a line may be in the file or not, so that nothing can be written after it.
    given_up: Option<String>,
}

impl AuditLog {
    /// Opens the log of `root`, which has to be locked, making it where it is missing. Says what does not fit what `store`
    /// knows of it.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn open(root: &Root, store: &mut Store) -> Result<(Self, Vec<Finding>), AuditError> {
        Self::open_with(root, store, Sizes::default())
    }

    /// As [`AuditLog::open`], with other sizes.
    ///
    /// # Errors
    ///
    /// [`AuditError`].
    pub fn open_with(root: &Root, store: &mut Store, sizes: Sizes) -> Result<(Self, Vec<Finding>), AuditError> {
        let folder = AuditFolder::make(root)?;
        let known: Option<Head> = store.get(Kind::Audit, "")?;
        let numbers = folder.numbers()?;
        let number = numbers.last().copied().unwrap_or(1);
        let mut file = match numbers.is_empty() {
            true => folder.create(number)?,
            false => folder.append(number)?,
        };
        let failed = |what| AuditError::file(&name(number), what);
        let mut end = tail(&mut file, known).map_err(failed("read"))?;
        let torn = end.torn;
        let length = file.metadata().map_err(failed("read"))?.len() - torn;
        if torn > 0 {
            file.set_len(length).map_err(failed("cut"))?;
        }
        // The host was stopped before the first line of a new file.
        if let (0, [.., before, _]) = (length, numbers.as_slice()) {
            end = tail(&mut folder.read(*before)?, known).map_err(AuditError::file(&name(*before), "read"))?;
        }
        let mut log = Self {
            folder,
            sizes,
            number,
            file,
            length,
            last: known.unwrap_or(Head::NONE),
            known: known.map_or(0, |known| known.sequence),
            given_up: None,
        };
        let findings = log.resume(store, known, &end)?;
        if torn > 0 {
            log.record(store, AuditEvent::TornLineRemoved { bytes: torn })?;
        }
        Ok((log, findings))
    }

    /// Goes on from where the log was left, and says in it how that was found.
    fn resume(&mut self, store: &mut Store, known: Option<Head>, end: &Tail) -> Result<Vec<Finding>, AuditError> {
        let mut findings = Vec::new();
        let event = match decide(known, end) {
            Resume::New => AuditEvent::LogBegun,
            Resume::Same(_) => return Ok(findings),
            Resume::Ahead(last, ahead) => {
                self.last = last;
                if known.is_none() {
                    // The state knows of the first line before there is a second one.
                    self.commit(store, vec![])?;
                }
                AuditEvent::LogResumed { ahead }
            }
            Resume::Mismatch(last, found) => {
                self.last = last;
                findings.push(mismatch(known, found));
                AuditEvent::EndMismatch { known, found }
            }
        };
        self.append(&event.into())?;
        self.commit(store, vec![])?;
        Ok(findings)
    }

    /// Writes a line. It is on the disk, and the state knows of it, with the next [`AuditLog::commit`].
    ///
    /// # Errors
    ///
    /// [`AuditError`]: the line is not in the log.
    pub fn record(&mut self, store: &mut Store, entry: impl Into<Entry>) -> Result<(), AuditError> {
        let entry = entry.into();
        if self.last.sequence - self.known >= WRITTEN_AHEAD {
            self.commit(store, vec![])?;
        }
        let (line, _) = line::write(&entry, self.last, OffsetDateTime::now_utc())?;
        if self.length > 0 && self.length + line.len() as u64 > self.sizes.bytes {
            self.rotate(store)?;
        }
        self.append(&entry)
    }

    /// As [`AuditLog::record`], and at once on the disk and known to the state: for what is acted upon next.
    ///
    /// # Errors
    ///
    /// As [`AuditLog::record`]; then it must not be acted upon.
    pub fn record_durably(&mut self, store: &mut Store, entry: impl Into<Entry>) -> Result<(), AuditError> {
        self.record(store, entry)?;
        self.commit(store, vec![])
    }

    /// Makes `writes` in the state, and tells it where the log ends, which is on the disk by then.
    ///
    /// # Errors
    ///
    /// [`AuditError`]; then the state has not changed.
    pub fn commit(&mut self, store: &mut Store, mut writes: Vec<Write>) -> Result<(), AuditError> {
        let sequence = self.last.sequence;
        if sequence != self.known {
            self.sync()?;
            writes.push(Write::put(Kind::Audit, "", &self.last)?);
        }
        if !writes.is_empty() {
            store.commit(&writes)?;
        }
        self.known = sequence;
        Ok(())
    }

    /// Where it ends.
    pub fn head(&self) -> Head {
        self.last
    }

    /// Makes every write fail from now on, as on a disk that is full.
    #[cfg(test)]
    pub(super) fn redirect_to_full_disk(&mut self) {
        self.file = File::options().append(true).open("/dev/full").unwrap();
    }

    fn is_writable(&self) -> Result<(), AuditError> {
        self.given_up
            .clone()
            .map_or(Ok(()), |why| Err(AuditError::GivenUp(why)))
    }

    fn sync(&mut self) -> Result<(), AuditError> {
        self.is_writable()?;
        self.folder.sync(&self.file).map_err(|error| {
            // What the system could not write it may have forgotten.
            self.given_up = Some(error.to_string());
            AuditError::file(&name(self.number), "brought to the disk")(error)
        })
    }

    /// Writes the line by one call, or takes away what came of it.
    fn append(&mut self, entry: &Entry) -> Result<(), AuditError> {
        self.is_writable()?;
        let (line, head) = line::write(entry, self.last, OffsetDateTime::now_utc())?;
        let wrote = self.file.write(&line).and_then(|bytes| match bytes == line.len() {
            true => Ok(()),
            false => Err(std::io::ErrorKind::StorageFull.into()),
        });
        if let Err(error) = wrote {
            // Where that fails too, the next host finds a line that is cut off.
            self.given_up = self.file.set_len(self.length).is_err().then(|| error.to_string());
            return Err(AuditError::file(&name(self.number), "written")(error));
        }
        self.length += line.len() as u64;
        self.last = head;
        Ok(())
    }

    /// Begins the next file, and takes away the oldest ones when that is recorded.
    fn rotate(&mut self, store: &mut Store) -> Result<(), AuditError> {
        self.commit(store, vec![])?;
        let numbers = self.folder.numbers()?;
        let kept = self.sizes.files.max(2) - 1;
        let (gone, kept) = numbers.split_at(numbers.len().saturating_sub(kept));
        let removed = match (gone.last(), kept.first()) {
            (Some(&file), Some(&first)) => self.last_before(first)?.map(|last| RemovedFiles { file, last }),
            _ => None,
        };
        let number = self.number + 1;
        let file = self.folder.create(number)?;
        (self.file, self.number, self.length) = (file, number, 0);
        let rotated = AuditEvent::LogRotated { file: number, removed };
        self.append(&rotated.into())?;
        self.commit(store, vec![])?;
        gone.iter().try_for_each(|number| self.folder.remove(*number))
    }

    /// The line before the first one of a file, as that says itself.
    fn last_before(&self, number: u32) -> Result<Option<Head>, AuditError> {
        let mut lines = Lines::new(BufReader::new(self.folder.read(number)?));
        let first = lines.next_line().map_err(AuditError::file(&name(number), "read"))?;
        let link = match first {
            Some(Line::Whole(line)) => Link::read(line),
            _ => None,
        };
        Ok(link.map(|link| Head {
            sequence: link.head.sequence.saturating_sub(1),
            hash: link.previous,
        }))
    }
}

fn mismatch(known: Option<Head>, found: Option<Head>) -> Finding {
    let line = |head: Option<Head>| head.map_or("none".to_owned(), |head| format!("line {}", head.sequence));
    let what = format!(
        "the audit log does not end where it should: the state knows {} as its last, and its last is {}",
        line(known),
        line(found)
    );
    let hint = "look at `hostler audit verify`; find out who or what changed the folder `audit` or `state` of the root";
    Finding::warning(codes::AUDIT_END, "audit", Place::Whole, what, hint)
}
