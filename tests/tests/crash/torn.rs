//! What lies in a root is cut off, changed, gone, joined by something foreign, or a link, when `apply` begins (HST-09, HST-12).
//! The database has tests of its own ([`crate::damaged`]); its journal is here.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::changes::{Kind, change};
use crate::life::{LIFE, Life, apply};
use crate::machine::{HANDLER, Machine};
use crate::random::Random;
use crate::standing::{Standing, codes};
use crate::tracer::{Call, Order, Thread, Watch, can_trace};

/// What comes of damage.
struct Outcome {
    exit: i32,
    /// What may be found.
    found: &'static [&'static str],
    /// The commands that run.
    ran: &'static [&'static str],
    /// Whether the audit log is whole.
    log: bool,
    /// What may be another than in an undisturbed root.
    differs: &'static [&'static str],
}

/// As if nothing had been.
const NOTHING: Outcome = Outcome {
    exit: 0,
    found: &[],
    ran: &["e@1.0.0"],
    log: true,
    differs: &[],
};

/// What happened to the log is found, and the work is done.
const LOG: Outcome = Outcome {
    found: &["audit.end"],
    log: false,
    differs: &["audit.end"],
    ..NOTHING
};

/// The log knows of a state that is gone.
const ANEW_AND_FOUND: Outcome = Outcome {
    ran: &["i@1.0.0", "e@1.0.0"],
    ..LOG
};

const ANEW: Outcome = Outcome {
    ran: &["i@1.0.0", "e@1.0.0"],
    ..NOTHING
};

/// Nothing of a package that is not what was installed runs.
const REFUSED: Outcome = Outcome {
    exit: 1,
    found: &["pkg.changed", "manifest.missing", "manifest.command_target"],
    ran: &[],
    differs: &["HandlerManifest.json", "recorder.wasm", "pkg.changed", "manifest."],
    ..NOTHING
};

/// A handler's data is its own: nothing else has it.
const DATA: Outcome = Outcome {
    differs: &["data/Contoso.Demo/"],
    ..NOTHING
};

/// Files and folders by how they end, the first that fits counts, and what comes of damage to them.
const OUTCOMES: [(&str, Outcome); 18] = [
    ("audit", LOG),
    (".jsonl", LOG),
    ("cache", NOTHING),
    ("HandlerEnvironment.json", NOTHING),
    ("HandlerManifest.json", REFUSED),
    ("recorder.wasm", REFUSED),
    ("config", NOTHING),
    ("0.settings", NOTHING),
    ("status", NOTHING),
    ("heartbeat", NOTHING),
    ("CommandExecution.log", NOTHING),
    ("events", NOTHING),
    ("status.json", NOTHING),
    ("lock", NOTHING),
    ("data/Contoso.Demo", DATA),
    ("data", DATA),
    ("handlers/Contoso.Demo-1.0.0", ANEW),
    ("", NOTHING),
];

fn outcome(name: &str) -> &'static Outcome {
    match name {
        "handlers" => &ANEW,
        "state" => &ANEW_AND_FOUND,
        _ => {
            let fits = |(end, _): &&(&str, Outcome)| name.ends_with(end);
            &OUTCOMES.iter().find(fits).unwrap().1
        }
    }
}

/// A root in which a handler is enabled, what lies in it, and how it stands.
fn good() -> (Machine, Standing) {
    let life = Life::lived();
    life.put_back(1);
    let machine = life.machine;
    assert_eq!(machine.apply(&LIFE[0].wanted()).status.code(), Some(0));
    machine.keep();
    let standing = Standing::of(&machine);
    (machine, standing)
}

/// Damages the root, applies the goal state again, and names what did not come as `expected`.
fn problems(machine: &Machine, good: &Standing, expected: &Outcome, damage: impl FnOnce(&Path)) -> Vec<String> {
    machine.put_back();
    let before = machine.ran().len();
    damage(&machine.root());
    let looked = machine.status();
    let ran = machine.apply(&LIFE[0].wanted());
    let mut problems = Vec::new();
    if !matches!(looked.status.code(), Some(0 | 1)) {
        problems.push(format!("status ended with {}", looked.status));
    }
    if ran.status.code() != Some(expected.exit) {
        problems.push(format!("apply ended with {}", ran.status));
    }
    let commands = machine.ran().split_off(before);
    if commands != expected.ran {
        problems.push(format!("{commands:?} ran"));
    }
    let found = codes(&ran.json());
    problems.extend(
        found
            .into_iter()
            .filter(|code| !expected.found.contains(&code.as_str())),
    );
    if machine.audit_faults().is_empty() != expected.log {
        problems.push("the audit log is whole, or not".to_owned());
    }
    let differs = |problem: &String| expected.differs.iter().any(|words| problem.contains(words));
    let standing = Standing::of(machine).problems(good).into_iter();
    problems.extend(standing.filter(|problem| !differs(problem)));
    problems
}

/// The files that are the host's, by what they are called in the root, and the folders.
fn names(good: &Standing) -> (Vec<String>, Vec<String>) {
    // The first two are the handler's own, and the last one is this test's eye.
    let others = [
        "data/Contoso.Demo/",
        "behaviour.json",
        "state/hostler.sqlite",
        "record.jsonl",
    ];
    let mine = |name: &&String| !others.iter().any(|other| name.contains(other));
    let entries = good.folders().iter().filter(|(name, _)| mine(name));
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|(_, (mode, _))| mode & 0o170_000 == 0o040_000);
    let names = |entries: Vec<(&String, _)>| entries.into_iter().map(|(name, _)| name.clone()).collect();
    (names(files), names(folders))
}

/// HST-09, HST-12: cut at the edges and somewhere, a bit of each part changed, gone.
#[test]
fn a_file_that_is_not_what_was_written_is_found_or_made_anew() {
    let (machine, good) = good();
    let (seed, mut random) = Random::seeded();
    let (files, _) = names(&good);
    assert!(files.len() >= 10, "{files:?}");
    let mut all = Vec::new();
    for name in files {
        let expected = outcome(&name);
        machine.put_back();
        let bytes = fs::read(machine.root().join(&name)).unwrap();
        let mut try_it = |way: String, damage: &dyn Fn(&Path)| {
            let found = problems(&machine, &good, expected, |root| damage(&root.join(&name)));
            all.extend(found.iter().map(|problem| format!("{name} {way}: {problem}")));
        };
        for length in [0, random.below(bytes.len()), bytes.len() - 1] {
            try_it(format!("cut to {length}"), &|path| {
                fs::write(path, &bytes[..length]).unwrap()
            });
        }
        for _ in 0..2 {
            let (at, bit) = (random.below(bytes.len()), random.below(8));
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            // A changed letter of a status is another status, which its handler may write.
            try_it(format!("with byte {at} changed"), &|path| {
                fs::write(path, &changed).unwrap()
            });
        }
        try_it("gone".to_owned(), &|path| fs::remove_file(path).unwrap());
    }
    assert!(all.is_empty(), "HOSTLER_SEED={seed}:\n{}", all.join("\n"));
}

#[test]
fn a_folder_that_is_gone_comes_back() {
    let (machine, good) = good();
    let (_, folders) = names(&good);
    let mut all = Vec::new();
    // Without its logs the commands that ran are not known here.
    for name in folders
        .iter()
        .filter(|name| !["logs", "logs/Contoso.Demo"].contains(&name.as_str()))
    {
        let damage = |root: &Path| fs::remove_dir_all(root.join(name)).unwrap();
        let found = problems(&machine, &good, outcome(name), damage);
        all.extend(found.iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// What is not of hostler is left alone, but in the folders that are emptied.
#[test]
fn foreign_files_stay_where_they_are() {
    let (machine, good) = good();
    let (_, folders) = names(&good);
    let mut all = Vec::new();
    for name in folders {
        let foreign = |root: &Path| {
            fs::write(root.join(&name).join("foreign.txt"), "x").unwrap();
            fs::create_dir(root.join(&name).join("foreign-folder")).unwrap();
        };
        // That of events is emptied too, and what it was is told.
        let is_emptied = name == "staging" || name.ends_with("/events");
        let expected = Outcome {
            differs: &["/foreign.txt: ", "/foreign-folder: ", "report/events.jsonl: "],
            ..NOTHING
        };
        let mut found = problems(&machine, &good, &expected, foreign);
        let there = ["foreign.txt", "foreign-folder"].map(|file| machine.root().join(&name).join(file).exists());
        if there != [!is_emptied; 2] {
            found.push(format!("there are {there:?}"));
        }
        all.extend(found.iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Nothing is read or written through a link in the place of a folder; what it is in the place of is said, or made anew.
#[test]
fn a_link_in_the_place_of_a_folder_is_never_followed() {
    let (machine, good) = good();
    let (_, folders) = names(&good);
    let elsewhere = machine.folder().join("elsewhere");
    let mut all = Vec::new();
    for name in folders {
        machine.put_back();
        let path = machine.root().join(&name);
        fs::create_dir(&elsewhere).unwrap();
        fs::remove_dir_all(&path).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let ran = machine.apply(&LIFE[0].wanted());
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &ran.stderr_text();
        let fine = match ran.status.code() {
            Some(0) => path.symlink_metadata().unwrap().is_dir(),
            Some(4) => said.contains("host.io") || said.contains("error:"),
            _ => false,
        };
        if !fine {
            all.push(format!("{name}: it ended with {}: {said}", ran.status));
        }
        if fs::read_dir(&elsewhere).unwrap().next().is_some() {
            all.push(format!("{name}: something lies where the link leads to"));
        }
        fs::remove_dir_all(&elsewhere).unwrap();
        // Without it all is well at once.
        if path.is_symlink() {
            fs::remove_file(&path).unwrap();
        }
        if machine.apply(&LIFE[0].wanted()).status.code() != Some(0) {
            all.push(format!("{name}: it does not go on when the link is gone"));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Kills before the journal is moved into the database, when it holds all that the stage has recorded.
struct AtEnd<'m>(&'m Machine);

impl Watch for AtEnd<'_> {
    fn before(&mut self, thread: &Thread, call: &Call) -> Order {
        let change = change(&self.0.folder().join("root"), thread, call);
        match change {
            Some(change) if change.kind == Kind::Write && change.path.ends_with(".sqlite") => Order::Kill,
            _ => Order::GoOn,
        }
    }
}

/// HST-09: the journal of the database is cut or changed where it was left. What it held is lost from there on, which is an
/// older state and a whole one; the audit log may be ahead of that, and says so.
#[test]
fn hst_09_a_torn_journal_is_an_older_state() {
    if !can_trace() {
        return hostler_tests::not_run("ptrace");
    }
    const UPDATE: usize = 2;
    let life = Life::lived();
    let machine = &life.machine;
    let (seed, mut random) = Random::seeded();
    life.put_back(UPDATE);
    assert_eq!(
        apply(machine, &LIFE[UPDATE], &mut AtEnd(machine)),
        None,
        "it was killed"
    );
    machine.keep();
    let journal = machine.root().join("state/hostler.sqlite-wal");
    let good = fs::read(&journal).unwrap();
    assert!(good.len() > 40_960, "the journal holds records: {} bytes", good.len());
    let mut all = Vec::new();
    for attempt in 0..12 {
        let mut bytes = good.clone();
        let at = random.below(good.len());
        match attempt % 2 {
            0 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << random.below(8),
        }
        machine.put_back();
        fs::write(&journal, bytes).unwrap();
        let ran = machine.apply(&LIFE[UPDATE].wanted());
        let known = ["audit.end", "handler.interrupted"];
        let mut found: Vec<String> = codes(&ran.json())
            .into_iter()
            .filter(|code| !known.contains(&code.as_str()))
            .collect();
        if ran.status.code() != Some(0) {
            found.push(format!("apply ended with {}", ran.status));
        }
        let told = |problem: &String| problem.contains("audit.end");
        let standing = Standing::of(machine).problems(&life.undisturbed[UPDATE]).into_iter();
        found.extend(standing.filter(|problem| !told(problem)));
        if !machine.ran().ends_with(&["e@1.1.0".to_owned()]) {
            found.push(format!("{:?} ran for {HANDLER}", machine.ran()));
        }
        all.extend(
            found
                .iter()
                .map(|problem| format!("attempt {attempt} at {at}: {problem}")),
        );
    }
    assert!(all.is_empty(), "HOSTLER_SEED={seed}:\n{}", all.join("\n"));
}
