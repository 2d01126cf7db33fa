//! A component that attacks, run for the native agent: it stays inside, and leaves nothing over which an agent that is root
//! would stumble.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hostler_tests::package;
use serde_json::{Value, json};

use crate::agent::{Agent, Found, pack};

const HOSTILE: &str = "Hostler.Samples.Hostile";

/// The hostile handler with a launcher, on a machine with a folder that it is to attack.
fn attacker() -> (Agent, PathBuf) {
    let agent = Agent::of(HOSTILE);
    let source = agent.beside().join("source");
    unpack(&package(HOSTILE), &source);
    let packed = pack(&source, "1.0.0", HOSTILE, agent.beside(), &[]);
    assert_eq!(packed.exit, 0, "{packed:?}");
    agent.unpack("1.0.0", &agent.beside().join(format!("{HOSTILE}-1.0.0.launcher.zip")));
    let outside = agent.beside().join("outside");
    fs::create_dir_all(outside.join("folder")).unwrap();
    fs::write(outside.join("canary"), "canary").unwrap();
    (agent, outside)
}

fn unpack(package: &Path, folder: &Path) {
    let mut archive = zip::ZipArchive::new(File::open(package).unwrap()).unwrap();
    fs::create_dir_all(folder).unwrap();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        fs::write(folder.join(entry.name().unwrap().as_ref()), content).unwrap();
    }
}

fn attack(agent: &Agent, public: &Value) -> Found {
    agent.settings("1.0.0", 0, &json!({"public": public}));
    agent.run("1.0.0", "enable", 0)
}

/// Every link below `folder`.
fn links(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            found.push(entry.path());
        } else if kind.is_dir() {
            found.extend(links(&entry.path()));
        }
    }
    found
}

/// FSX-01 to FSX-06: nothing leads out of its folders, with every path that it can think of. And no link is left in them:
/// the agent is root, and follows what it finds in logs, statuses and events.
#[test]
fn nothing_leads_out_and_no_link_stays() {
    let (agent, outside) = attacker();
    let found = attack(&agent, &json!({"verb": "escape", "outside": outside}));
    assert_eq!(found.exit, 0, "{found:?}");
    let table: Value = serde_json::from_str(&found.stdout).unwrap();
    assert!(table["tried"].as_u64().unwrap() > 1_000, "{table}");
    // Names of links that were refused, so that what is made under them, or below, lies in the folder itself.
    let is_inside = |path: &str| path.starts_with("to-");
    for one in table["succeeded"].as_array().unwrap() {
        assert!(is_inside(one["path"].as_str().unwrap()), "{one}");
    }
    assert_eq!(fs::read_to_string(outside.join("canary")).unwrap(), "canary");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 2);
    assert_eq!(links(agent.beside()), Vec::<PathBuf>::new());
}

/// Its status as a link to what it may not read, or as a folder: the agent would report what it finds there.
#[test]
fn a_status_that_is_no_file_is_replaced() {
    let (agent, outside) = attacker();
    let secret = outside.join("canary");
    for public in [
        json!({"verb": "symlink-status", "target": secret}),
        json!({"verb": "symlink-status", "target": "../../../outside/canary"}),
        json!({"verb": "directory-status"}),
    ] {
        attack(&agent, &public);
        let file = agent.base("1.0.0").join("status/0.status");
        assert!(file.symlink_metadata().unwrap().is_file(), "{public}");
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.contains("formattedMessage") && text != "canary",
            "{public}: {text}"
        );
    }
    assert_eq!(links(agent.beside()), Vec::<PathBuf>::new());
}

/// The log that the agent itself appends to lies in a folder of the handler's: no link takes its place.
#[test]
fn the_agents_log_is_no_link() {
    let (agent, outside) = attacker();
    let target = outside.join("canary");
    fs::write(agent.log().join("CommandExecution.log"), "the agent's\n").unwrap();
    attack(&agent, &json!({"verb": "hosts-log", "as": "link", "outside": target}));
    let log = agent.log().join("CommandExecution.log");
    assert!(log.symlink_metadata().map_or(true, |found| found.is_file()));
    assert_eq!(fs::read_to_string(target).unwrap(), "canary");
}

/// What a handler may not change is what runs next: its package, the launcher, the agent's files.
#[test]
fn it_changes_nothing_of_the_package() {
    let (agent, _) = attacker();
    let base = agent.base("1.0.0");
    let files = [
        "HandlerManifest.json",
        "HandlerEnvironment.json",
        "hostler-package.json",
        "handler/hostile.wasm",
    ];
    let read = || files.map(|file| fs::read(base.join(file)).unwrap());
    let before = read();
    let found = attack(&agent, &json!({"verb": "wreck"}));
    assert_eq!(read(), before, "{found:?}");
    assert!(base.join("bin/hostler-launcher").is_file());
    let again = attack(&agent, &json!({"verb": "list"}));
    assert_eq!(again.exit, 0, "{again:?}");
}

/// It sees the contract's variables and nothing else of the agent's environment.
#[test]
fn it_sees_nothing_of_the_agents_environment() {
    let (agent, _) = attacker();
    let found = attack(&agent, &json!({"verb": "environment"}));
    assert_eq!(found.exit, 0, "{found:?}");
    assert!(found.stdout.contains("ConfigSequenceNumber"), "{found:?}");
    for foreign in ["AGENTS_OWN", "\"PATH\"", "\"HOME\""] {
        assert!(!found.stdout.contains(foreign), "{foreign}: {found:?}");
    }
}
