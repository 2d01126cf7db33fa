//! Every verb once more, as a service of a handler that an agent keeps: no deadline ends it, it is started again when it
//! falls, and others work beside it in the same root all the while.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hostler_tests::{
    Isolation, Snapshot, ZipEntry, ZipForge, goal_state, goal_state_entry, hostler, make_canary, package,
    version_manifest,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::packages::{Package, component_of, manifest};
use crate::row::{Ended, Row};
use crate::seen::{cache, warm_up};
use crate::victim::Victim;

/// How many attack at one time.
const AT_ONCE: usize = 12;

/// How long one that does not end is looked at: long enough for whoever would fall over at once.
const RUNS: Duration = Duration::from_secs(1);

/// How long anything may take before the test gives up on it: far beyond what is waited for.
const PATIENCE: Duration = Duration::from_secs(900);

/// Most memory of the agent itself, in KiB; what attackers use is their workers'.
const AGENT_KIB: u64 = 96 << 10;

const VICTIM: &str = "Hostler.Samples.FileConfig";

/// A root with an agent, a victim, and a folder beside them that the attackers are told of.
struct Machine {
    folder: tempfile::TempDir,
    outside: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let outside = make_canary(folder.path());
        let source = folder.path().join("source");
        fs::create_dir(&source).expect("a folder can be made");
        let offer = |name: &str, file: &str| {
            let manifest = version_manifest(&[("1.0.0", &[file.to_owned()], "")]);
            fs::write(source.join(format!("{name}.xml")), manifest).expect("a file can be written or read");
        };
        fs::copy(package(VICTIM), source.join("victim.zip")).expect("a file can be written or read");
        offer(VICTIM, "victim.zip");
        fs::write(source.join("attacker.zip"), attacker()).expect("a file can be written or read");
        for index in 0..AT_ONCE {
            offer(&name(index), "attacker.zip");
        }
        let policy = "[[rule]]\nname = \"attackers stay\"\npublisher = \"Contoso\"\nservice = true\n";
        fs::write(folder.path().join("policy.toml"), policy).expect("a file can be written or read");
        Self { folder, outside }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a goal state with the victim and `rows` in place.
    fn put(&self, rows: &[&Row]) {
        let files = json!({"files": [{"path": "secret.conf", "content": Victim::secret().text()}]});
        let mut entries = vec![goal_state_entry(VICTIM, "1.0.0", "enabled", 0, &files)];
        for (index, row) in rows.iter().enumerate() {
            let mut public = row.parameters.clone();
            public["verb"] = json!(row.verb);
            public["asService"] = json!(true);
            public["outside"] = json!(self.outside);
            entries.push(goal_state_entry(&name(index), "1.0.0", "enabled", 0, &public));
        }
        fs::write(self.path("source/goal.json"), goal_state(&entries)).expect("a file can be written or read");
    }

    fn start(&self, isolation: Isolation) -> Child {
        let mut agent = Command::new(hostler());
        agent.env_clear().args(["agent", "--period", "100ms", "--goal-state"]);
        agent.arg(self.path("source/goal.json"));
        agent.arg("--root").arg(self.path("root")).arg("--cache").arg(cache());
        agent.arg("--policy").arg(self.path("policy.toml"));
        agent
            .args(isolation.arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        agent.stderr(fs::File::create(self.path("stderr")).expect("a file can be written or read"));
        agent.spawn().expect("hostler can be started")
    }

    /// The entries of the report, by handler.
    fn report(&self) -> BTreeMap<String, Value> {
        let text = fs::read(self.path("root/report/status.json")).unwrap_or_default();
        let report: Value = serde_json::from_slice(&text).unwrap_or_default();
        let entries = report["aggregateStatus"]["handlerAggregateStatus"].as_array();
        let entries = entries.into_iter().flatten();
        entries
            .map(|entry| {
                (
                    entry["handlerName"].as_str().unwrap_or_default().to_owned(),
                    entry.clone(),
                )
            })
            .collect()
    }

    fn victims_folders(&self) -> Vec<PathBuf> {
        let root = self.path("root");
        vec![
            root.join("handlers").join(format!("{VICTIM}-1.0.0")),
            root.join("data").join(VICTIM),
            root.join("logs").join(VICTIM),
        ]
    }
}

fn name(index: usize) -> String {
    format!("Contoso.Attacker{index}")
}

/// The hostile component in a package that has a service.
fn attacker() -> Vec<u8> {
    let mut manifest = manifest("hostile.wasm", false);
    manifest[0]["sandbox"] = json!({"serviceCommand": "hostile.wasm service"});
    let component = component_of(&Package::Hostile.path());
    ZipForge::of([
        ZipEntry::stored("HandlerManifest.json", manifest.to_string().as_bytes()),
        ZipEntry::stored("hostile.wasm", &component),
    ])
    .build()
}

/// One row for each verb and its parameters.
fn attacks(rows: Vec<Row>) -> Vec<Row> {
    let mut known = Vec::new();
    let mut attacks = Vec::new();
    for row in rows.into_iter().filter(|row| matches!(row.package, Package::Hostile)) {
        let what = (row.verb, row.parameters.to_string());
        if !known.contains(&what) {
            known.push(what);
            attacks.push(row);
        }
    }
    attacks
}

/// Whether the service has to be ended by the host or by a trap, whatever limits and deadlines a command would have. How
/// one ends that comes back by itself depends on what enable has left it.
fn has_to_end(row: &Row) -> bool {
    row.limits.is_empty() && matches!(row.ended, Ended::Trapped(_) | Ended::Stopped(..))
}

/// What is wrong about how the service of `row` ended the last time.
fn wrong_end(row: &Row, service: &Value) -> Option<String> {
    let last = &service["lastEnd"];
    let (kind, _, code) = row.ended.reported();
    let is_right = match last["end"]["kind"].as_str() {
        Some(found) if has_to_end(row) => (found, last["code"].as_str()) == (kind, code),
        Some(found) => found == kind || !row.limits.is_empty(),
        // It still runs; what has to end was waited for.
        None => !has_to_end(row),
    };
    (!is_right).then(|| format!("{}: {kind} {code:?} expected: {service}", row.title()))
}

/// Whether the service of `row`, of which `entry` tells, has come as far as it will.
fn is_done(row: &Row, entry: Option<&Value>, running_since: &mut Option<Instant>) -> bool {
    let service = entry.map_or(&Value::Null, |entry| &entry["hostler"]["service"]);
    if !service["lastEnd"].is_null() {
        return true;
    }
    if service["state"] == "running" && !has_to_end(row) {
        return running_since.get_or_insert_with(Instant::now).elapsed() >= RUNS;
    }
    false
}

/// Lets `rows` attack at once and gives all that is not as it must be.
fn attack(rows: &[&Row], isolation: Isolation) -> Vec<String> {
    let machine = Machine::new();
    machine.put(&[]);
    let mut agent = machine.start(isolation);
    let mut problems = Vec::new();
    let until = |agent: &mut Child, what: &str, done: &mut dyn FnMut(&BTreeMap<String, Value>) -> bool| {
        let began = Instant::now();
        loop {
            let report = machine.report();
            if done(&report) {
                return Ok(());
            }
            if let Some(status) = agent.try_wait().expect("a process can be asked for") {
                return Err(format!("the agent ended with {status} before {what}"));
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("not after {PATIENCE:?}: {what}: {report:#?}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    };
    let ready = |report: &BTreeMap<String, Value>| report.get(VICTIM).is_some_and(|entry| entry["status"] == "Ready");
    problems.extend(until(&mut agent, "the victim is ready", &mut |report| ready(report)).err());
    let victim: Vec<Snapshot> = machine.victims_folders().iter().map(|folder| victims(folder)).collect();
    let outside = Snapshot::of(&machine.outside);

    machine.put(rows);
    let mut since = vec![None; rows.len()];
    let all = |report: &BTreeMap<String, Value>| {
        let mut done = true;
        for (index, (row, since)) in rows.iter().zip(&mut since).enumerate() {
            done &= is_done(row, report.get(&name(index)), since);
        }
        done
    };
    problems.extend(until(&mut agent, "every service ran", &mut { all }).err());
    let report = machine.report();
    if !ready(&report) {
        problems.push(format!("the victim is not ready beside them: {}", report[VICTIM]));
    }
    for (index, row) in rows.iter().enumerate() {
        let service = &report.get(&name(index)).unwrap_or(&Value::Null)["hostler"]["service"];
        problems.extend(wrong_end(row, service));
    }
    let status = fs::read_to_string(format!("/proc/{}/status", agent.id())).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0);
    if isolation == Isolation::Worker && !(1..=AGENT_KIB).contains(&peak) {
        problems.push(format!("the agent had {peak} KiB"));
    }
    problems.extend(stop(&mut agent).err());
    for (folder, before) in machine.victims_folders().iter().zip(victim) {
        problems.extend(before.differences(&victims(folder)));
    }
    problems.extend(outside.differences(&Snapshot::of(&machine.outside)));
    problems.extend(Victim::secret().found_below(&machine.path("root"), &machine.victims_folders()));
    let stderr = fs::read_to_string(machine.path("stderr")).expect("a file can be written or read");
    if stderr.contains("panicked at") || stderr.contains("internal error") {
        problems.push(format!("the agent panicked: {stderr}"));
    }
    problems
}

/// What is in a folder of the victim, but for what each enable of it writes anew.
fn victims(folder: &Path) -> Snapshot {
    let status = folder.join("status");
    let is_log = |path: &Path| path.extension().is_some_and(|end| end == "log");
    Snapshot::of_all_but(folder, &|path| path.starts_with(&status) || is_log(path)).without([folder.to_owned()])
}

/// Stops the agent in order, with all that it keeps.
fn stop(agent: &mut Child) -> Result<(), String> {
    kill_process(Pid::from_child(agent), Signal::TERM).expect("it can be asked to end");
    let asked = Instant::now();
    loop {
        match agent.try_wait().expect("a process can be asked for") {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("asked to stop, the agent ended with {status}")),
            None if asked.elapsed() > PATIENCE => {
                agent.kill().expect("it can be killed");
                agent.wait().expect("and waited for");
                return Err("the agent does not stop".to_owned());
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// What GST, FSX, SEC and STA try in a command, tried by what stays.
#[test]
fn every_verb_as_a_service() {
    warm_up();
    let rows = attacks(crate::tables());
    let mut problems = Vec::new();
    for isolation in Isolation::ALL {
        let rows: Vec<&Row> = rows.iter().collect();
        for (batch, rows) in rows.chunks(AT_ONCE).enumerate() {
            let found = attack(rows, *isolation);
            let names: Vec<&str> = rows.iter().map(|row| row.verb).collect();
            let where_ = format!("{} {batch} ({})", isolation.name(), names.join(" "));
            problems.extend(found.into_iter().map(|problem| format!("{where_}: {problem}")));
        }
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}
