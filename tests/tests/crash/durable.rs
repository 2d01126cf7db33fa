//! What a power failure can take: the order in which a life writes, brings to the disk, renames and records (HST-11).
//!
//! Every change below the root is seen, those of workers too, and held against what each place promises: what was not
//! brought to the disk may be lost, or be there before what was written ahead of it. That SQLite keeps to its own order
//! between the two files that it has is SQLite's; when it begins a record, and when it has brought it to the disk, is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hostler_tests::not_run;

use crate::changes::{Change, Kind, change};
use crate::life::{LIFE, Life};
use crate::tracer::{Call, Order, Thread, Watch, can_trace};

/// What a place promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    /// What was done there is on the disk before the state says anything more, and when `apply` ends.
    BeforeRecord,
    /// The record itself: on the disk before anything else is done.
    Record,
    /// A file has all of its content on the disk before it has its name. It may be lost.
    WholeOrNot,
    /// Nothing, since it is made anew or taken away at the next start, or is the handler's own.
    Nothing,
}

use Promise::{BeforeRecord, Nothing, Record, WholeOrNot};

/// Every place in a root, the first that fits counts: `*` is one name, and what lies below is meant too.
const PLACES: [(&str, Promise, &str); 19] = [
    (
        "state/hostler.sqlite-wal",
        Record,
        "the journal, in which every commit is written",
    ),
    (
        "state/hostler.sqlite-journal",
        Nothing,
        "SQLite's, until the database is set up",
    ),
    (
        "state/hostler.sqlite-shm",
        Nothing,
        "the index of the journal: made anew",
    ),
    (
        "state/hostler.sqlite",
        Nothing,
        "SQLite's, written from the journal, which stays until this is on the disk",
    ),
    ("audit/*", BeforeRecord, "the state knows where the log ends"),
    ("handlers/*/status", Nothing, "the handler's own"),
    ("handlers/*/heartbeat", Nothing, "the handler's own"),
    (
        "handlers/*/config/*",
        BeforeRecord,
        "settings: the state knows which ones are the newest",
    ),
    (
        "handlers/*",
        BeforeRecord,
        "packages: the state knows which are in place",
    ),
    ("data/*/*", Nothing, "the handler's own"),
    (
        "data/*",
        BeforeRecord,
        "where an uninstall is recorded, the data is gone",
    ),
    ("logs", Nothing, "for people"),
    ("cache", WholeOrNot, "compiled anew where it is lost"),
    ("report/*", WholeOrNot, "made anew from the state"),
    (
        "staging/*/*",
        WholeOrNot,
        "packages that are not in place yet, and what is being removed",
    ),
    ("staging/*", Nothing, "emptied at the next start"),
    ("lock", Nothing, "the system's, not this file"),
    ("*", BeforeRecord, "the folders of the root"),
    ("", Nothing, "the root itself, for whoever made it"),
];

/// A place of `path`, with what it promises.
fn promise(path: &str) -> Option<Promise> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let fits = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        // The folders of the root are one by one.
        let exact = matches!(pattern[..], ["*"] | []);
        let long = if exact {
            parts.len() == pattern.len()
        } else {
            parts.len() >= pattern.len()
        };
        long && pattern
            .iter()
            .zip(&parts)
            .all(|(wanted, part)| *wanted == "*" || wanted == part)
    };
    PLACES
        .iter()
        .find(|(pattern, ..)| fits(pattern))
        .map(|(_, promise, _)| *promise)
}

/// A change, and by whom.
#[derive(Debug, Clone)]
struct Event {
    change: Change,
    by_worker: bool,
}

/// Sees the changes that are made.
struct Recorder {
    folder: PathBuf,
    events: Vec<Event>,
    /// What threads are about to do, by call.
    under_way: Vec<(Call, Event)>,
}

impl Recorder {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            events: vec![],
            under_way: vec![],
        }
    }
}

impl Watch for Recorder {
    fn before(&mut self, thread: &Thread, call: &Call) -> Order {
        if let Some(change) = change(&self.folder, thread, call) {
            let by_worker = thread.is_of_worker;
            self.under_way.push((*call, Event { change, by_worker }));
        }
        Order::GoOn
    }

    fn after(&mut self, _: &Thread, call: &Call, result: i64) -> Order {
        if let Some(at) = self.under_way.iter().position(|(other, _)| other == call) {
            let (_, event) = self.under_way.swap_remove(at);
            if result >= 0 {
                self.events.push(event);
            }
        }
        Order::GoOn
    }

    fn follows(&self) -> bool {
        true
    }
}

/// What is not on the disk yet.
#[derive(Debug, Default)]
struct Unsynced {
    /// Files with content.
    content: BTreeSet<String>,
    /// Folders, with the names in them that came, went or changed.
    names: BTreeMap<String, BTreeSet<String>>,
    /// What is wrong.
    faults: Vec<String>,
}

fn parent(path: &str) -> (String, String) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder.to_owned(), name.to_owned())
}

impl Unsynced {
    fn take(&mut self, event: &Event) {
        let Change { kind, path, to, call } = &event.change;
        let at = format!("{call} of {path}");
        self.check(event, &at);
        match kind {
            Kind::MakeFile | Kind::MakeFolder => self.name_changes(path),
            Kind::Write => {
                self.content.insert(path.clone());
            }
            Kind::Sync => {
                self.content.remove(path);
                self.names.remove(path);
            }
            Kind::Rename | Kind::Link => self.rename(path, to.as_deref().unwrap_or_default(), &at),
            Kind::Remove => {
                self.content.remove(path);
                self.names.remove(path);
                self.name_changes(path);
            }
            // It is no promise of ours which mode or time survives.
            Kind::Mode => {}
        }
    }

    fn name_changes(&mut self, path: &str) {
        let (folder, name) = parent(path);
        self.names.entry(folder).or_default().insert(name);
    }

    /// A name that something gets has all of its content.
    fn rename(&mut self, from: &str, to: &str, at: &str) {
        if to.is_empty() {
            // Out of the root.
            return;
        }
        let below = |path: &str| path == from || path.starts_with(&format!("{from}/"));
        let moved = |path: &str| format!("{to}{}", &path[from.len()..]);
        if promise(to) != Some(Nothing) && parent(to).0 != "staging" {
            let content = self.content.iter().filter(|path| below(path));
            let names = self.names.keys().filter(|path| below(path));
            let early: Vec<&String> = content
                .chain(names)
                .filter(|path| promise(path) != Some(Nothing))
                .collect();
            if !early.is_empty() {
                self.faults
                    .push(format!("{at} to {to}: not on the disk yet: {early:?}"));
            }
        }
        self.content = self
            .content
            .iter()
            .map(|path| if below(path) { moved(path) } else { path.clone() })
            .collect();
        let names = std::mem::take(&mut self.names).into_iter();
        self.names = names
            .map(|(path, names)| (if below(&path) { moved(&path) } else { path }, names))
            .collect();
        self.name_changes(from);
        self.name_changes(to);
    }

    /// What must be on the disk before `event`.
    fn check(&mut self, event: &Event, at: &str) {
        let promise_here = promise(&event.change.path);
        if promise_here.is_none() {
            self.faults.push(format!("{at}: no such place is known"));
        }
        let writes = event.change.kind == Kind::Write;
        if promise_here == Some(Record) && writes {
            self.expect(BeforeRecord, &format!("a record begins by {at}"));
        }
        let own = event.change.path.starts_with("state");
        if !own && event.change.kind != Kind::Sync {
            self.expect(Record, at);
        }
        // Nothing of a command before it is recorded that it begins.
        if event.by_worker && !event.change.path.starts_with("staging/") {
            self.expect(BeforeRecord, &format!("a worker's {at}"));
        }
    }

    /// Everything that promises `wanted` is on the disk. What is not is told once.
    fn expect(&mut self, wanted: Promise, at: &str) {
        let mut not_yet = Vec::new();
        self.content.retain(|path| {
            let told = promise(path) == Some(wanted);
            not_yet.extend(told.then(|| path.clone()));
            !told
        });
        // SQLite takes a journal away when all of it is in the database.
        for (folder, names) in self.names.iter_mut().filter(|_| wanted != Record) {
            names.retain(|name| {
                let path = format!("{folder}/{name}").trim_start_matches('/').to_owned();
                let told = promise(&path) == Some(wanted);
                not_yet.extend(told.then(|| format!("the name {path}")));
                !told
            });
        }
        if !not_yet.is_empty() {
            self.faults.push(format!("{at}: not on the disk yet: {not_yet:?}"));
        }
    }
}

/// The faults in the order of `events`, each kind of them once.
fn faults(events: &[Event]) -> Vec<String> {
    let mut unsynced = Unsynced::default();
    for event in events {
        unsynced.take(event);
    }
    unsynced.expect(BeforeRecord, "apply ends");
    unsynced.expect(Record, "apply ends");
    unsynced.faults
}

/// HST-11.
#[test]
fn what_is_recorded_as_done_is_on_the_disk() {
    if !can_trace() {
        return not_run("ptrace");
    }
    let (_, stages) = Life::undisturbed(Recorder::new);
    let mut all = Vec::new();
    for (stage, recorder) in LIFE.iter().zip(&stages) {
        assert!(
            recorder
                .events
                .iter()
                .any(|event| promise(&event.change.path) == Some(Record)),
            "records are seen"
        );
        all.extend(
            faults(&recorder.events)
                .into_iter()
                .map(|fault| format!("{}: {fault}", stage.name)),
        );
    }
    let by_worker = |event: &Event| event.by_worker && event.change.path.starts_with("logs/");
    if !stages[0].events.iter().any(by_worker) {
        return not_run("the right to see what workers do");
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// A checker that sees nothing would find every order right.
#[test]
fn a_wrong_order_is_seen() {
    let event = |call: &'static str, kind, path: &str, to: Option<&str>| Event {
        change: Change {
            call,
            kind,
            path: path.to_owned(),
            to: to.map(str::to_owned),
        },
        by_worker: false,
    };
    let (file, aside) = ("handlers/A.B-1/config/0.settings", "handlers/A.B-1/config/.0.tmp");
    let record = event("pwrite64", Kind::Write, "state/hostler.sqlite-wal", None);
    let recorded = event("fdatasync", Kind::Sync, "state/hostler.sqlite-wal", None);
    let right = [
        event("openat", Kind::MakeFile, aside, None),
        event("write", Kind::Write, aside, None),
        event("fsync", Kind::Sync, aside, None),
        event("renameat2", Kind::Rename, aside, Some(file)),
        event("fsync", Kind::Sync, "handlers/A.B-1/config", None),
        record,
        recorded,
        event("renameat", Kind::Rename, "handlers/A.B-1", Some("staging/removed")),
        event("fsync", Kind::Sync, "handlers", None),
    ];
    assert_eq!(faults(&right), [""; 0]);
    // Without any of what brings it to the disk.
    let syncs: Vec<usize> = (0..right.len())
        .filter(|at| right[*at].change.kind == Kind::Sync)
        .collect();
    for without in syncs {
        let mut wrong = right.to_vec();
        wrong.remove(without);
        assert!(!faults(&wrong).is_empty(), "without {:?}", right[without]);
    }
    let elsewhere = [event("write", Kind::Write, "somewhere/else", None)];
    assert_eq!(faults(&elsewhere).len(), 1, "every place has a promise");
}
