//! A log as a whole: what it notices, what it forgives, and how it goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use hostler_contract::{Command, HandlerIdentity, SequenceNumber};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::root::Root;
use crate::state::{Kind, Store, Write};

mod changes;
mod crashes;
mod events;
mod rotation;

/// A root with a log in it.
struct Bench {
    folder: TempDir,
    root: Root,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let root = Root::open(folder.path()).unwrap();
        Self { folder, root }
    }

    /// A log of `lines` lines that was closed in order.
    fn with_lines(lines: u64) -> Self {
        let bench = Self::new();
        bench.write(Sizes::default(), lines - 1);
        bench
    }

    /// Opens the log and writes `lines` lines; what was odd when it was opened.
    fn write(&self, sizes: Sizes, lines: u64) -> Vec<String> {
        let (mut store, _) = Store::open(&self.root).unwrap();
        let (mut log, odd) = AuditLog::open_with(&self.root, &mut store, sizes).unwrap();
        for number in 0..lines {
            log.record(&mut store, entry(number)).unwrap();
        }
        log.commit(&mut store, vec![]).unwrap();
        store.close();
        odd.iter().map(|finding| finding.code().name().to_owned()).collect()
    }

    /// As a host that is stopped: writes `lines` lines, and tells the state of none.
    fn write_and_stop(&self, lines: u64) {
        let (mut store, _) = Store::open(&self.root).unwrap();
        let known: Option<Head> = store.get(Kind::Audit, "").unwrap();
        let (mut log, _) = AuditLog::open(&self.root, &mut store).unwrap();
        for number in 0..lines {
            log.record(&mut store, entry(number)).unwrap();
        }
        if let Some(known) = known {
            store.commit(&[Write::put(Kind::Audit, "", &known).unwrap()]).unwrap();
        } else {
            store.commit(&[Write::remove(Kind::Audit, "")]).unwrap();
        }
    }

    fn forget_head(&self) {
        let (mut store, _) = Store::open(&self.root).unwrap();
        store.commit(&[Write::remove(Kind::Audit, "")]).unwrap();
    }

    fn file(&self, number: u32) -> PathBuf {
        self.folder.path().join("audit").join(folder::name(number))
    }

    fn text(&self) -> Vec<u8> {
        fs::read(self.file(1)).unwrap()
    }

    fn verify(&self) -> LogVerdict {
        verify(&self.root, None).unwrap()
    }

    /// Codes and lines of what is found.
    fn faults(&self) -> Vec<(String, u64)> {
        let faults = self.verify().faults.into_iter();
        faults.map(|fault| (fault.code.name().to_owned(), fault.line)).collect()
    }

    /// The events of all lines.
    fn events(&self) -> Vec<String> {
        let files = AuditFolder::files(&self.root).unwrap();
        let mut events = Vec::new();
        for (number, _) in files {
            for line in fs::read_to_string(self.file(number)).unwrap().lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                events.push(line["event"].as_str().unwrap().to_owned());
            }
        }
        events
    }
}

fn entry(number: u64) -> Entry {
    let settings = SequenceNumber::new(u32::try_from(number).unwrap()).unwrap();
    let command = Command::Enable;
    let identity = HandlerIdentity::parse("Contoso.Demo-1.0.0").unwrap();
    AuditEvent::CommandBegun { command, settings }.of(&identity)
}
