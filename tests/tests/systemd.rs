//! The systemd units in `docs/systemd`: every line of them is explained, they are what systemd understands, and they
//! take nothing away that hostler needs.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the project has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hostler_tests::not_run;

const UNITS: [&str; 3] = ["hostler.service", "hostler.timer", "hostler-agent.service"];

/// Those that start hostler.
const SERVICES: [&str; 2] = ["hostler.service", "hostler-agent.service"];

/// The most that `systemd-analyze security` may find open, in tenths: it calls up to 4.9 "OK", and 10 is no protection.
const EXPOSURE: &str = "20";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Names and values of the lines of a unit.
fn directives(unit: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(docs().join("systemd").join(unit)).unwrap();
    text.lines()
        .filter(|line| !line.starts_with(['#', '[']) && !line.is_empty())
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn every_line_is_explained_and_no_other() {
    let used: BTreeSet<String> = UNITS.into_iter().flat_map(directives).map(|(name, _)| name).collect();
    let text = fs::read_to_string(docs().join("operators.md")).unwrap();
    let (_, table) = text.split_once("### Every line of the unit").unwrap();
    let explained: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .filter_map(|name| Some(name.split_once('=')?.0.to_owned()))
        .collect();
    assert_eq!(used, explained);
}

/// Workers write code and then run it, lock themselves down, and are spoken to over a pair of sockets.
#[test]
fn nothing_that_hostler_needs_is_taken_away() {
    for unit in SERVICES {
        takes_nothing_away(unit);
    }
}

fn takes_nothing_away(unit: &str) {
    let service = directives(unit);
    let values = |wanted: &str| -> Vec<&str> {
        let found = service.iter().filter(|(name, _)| name == wanted);
        found.flat_map(|(_, value)| value.split(' ')).collect()
    };
    assert!(values("MemoryDenyWriteExecute").is_empty());
    assert!(values("DynamicUser").is_empty(), "it makes the root a link");
    assert!(values("RestrictAddressFamilies").contains(&"AF_UNIX"));
    let calls = values("SystemCallFilter");
    for call in [
        "@system-service",
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
        "seccomp",
    ] {
        assert!(calls.contains(&call), "{call}");
    }
    // What may be written is where the root is, and that is what the state directory makes.
    assert_eq!(values("ReadWritePaths"), ["/var/lib/hostler"]);
    assert_eq!(values("StateDirectory"), ["hostler"]);
    assert!(values("ExecStart").contains(&"/var/lib/hostler"));
}

/// The agent is held as tightly as a single `apply`: the units differ in when and how it runs, not in what it may.
#[test]
fn the_agent_is_held_as_tightly() {
    let when = [
        "Conflicts",
        "Description",
        "ExecReload",
        "ExecStart",
        "KillMode",
        "Restart",
        "RestartPreventExitStatus",
        "RestartSec",
        "StartLimitIntervalSec",
        "TimeoutStartSec",
        "TimeoutStopSec",
        "Type",
        "WantedBy",
        "WatchdogSec",
    ];
    let held = SERVICES.map(|unit| {
        let mut held = directives(unit);
        held.retain(|(name, _)| !when.contains(&name.as_str()));
        held
    });
    assert_eq!(held[0], held[1]);
    // The agent's own time to stop is shorter than what systemd gives it, and only it is told to: not the workers.
    let agent = directives("hostler-agent.service");
    let has = |name: &str, value: &str| agent.contains(&(name.to_owned(), value.to_owned()));
    assert!(
        has("KillMode", "mixed") && has("TimeoutStopSec", "45s") && has("Type", "notify"),
        "{agent:?}"
    );
}

/// Runs `systemd-analyze`, or nothing where there is none.
fn analyze(arguments: &[&str]) -> Option<Output> {
    match Command::new("systemd-analyze").args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            not_run("systemd-analyze");
            None
        }
    }
}

/// What systemd says of the units, with a program that is there in the place of hostler.
#[test]
fn systemd_understands_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for unit in UNITS {
        let text = fs::read_to_string(docs().join("systemd").join(unit)).unwrap();
        let path = folder.path().join(unit);
        fs::write(&path, text.replace("/usr/bin/hostler", "/bin/true")).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = ["verify", "--man=no"]
        .into_iter()
        .chain(paths.iter().map(String::as_str))
        .collect();
    let Some(output) = analyze(&arguments) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    // Units of the machine itself are looked at on the way; what is wrong with those is not ours.
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("hostler.") || line.contains("hostler-agent."))
        .collect();
    assert!(ours.is_empty(), "{}", ours.join("\n"));

    let security = ["security", "--offline=true", "--no-pager"];
    let threshold = format!("--threshold={EXPOSURE}");
    for path in paths.iter().filter(|path| path.ends_with(".service")) {
        let Some(output) = analyze(&[&security[..], &[&threshold, path]].concat()) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if said.contains("unrecognized option") {
            return not_run("systemd-analyze security --offline");
        }
        assert!(output.status.success(), "{said}");
    }
}
