//! Workers that are killed while `apply` works: what was under way is an error that says so, nothing else changes, and the
//! next apply brings about what was wanted.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hostler_tests::{goal_state, goal_state_entry, hostler, publish};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const HANDLER: &str = "Contoso.Demo";
const PATIENCE: Duration = Duration::from_secs(300);

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// A machine on which nothing is installed; `enable` of the handler does what `behaviour` says.
    fn new(behaviour: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder };
        fs::create_dir(machine.path("source")).unwrap();
        publish(&machine.path("source"), HANDLER, &[("1.0.0", behaviour.clone())]);
        let entry = goal_state_entry(HANDLER, "1.0.0", "enabled", 0, &json!({}));
        fs::write(machine.path("source/goal-state.json"), goal_state(&[entry])).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn apply(&self, options: &[&str]) -> Command {
        let mut command = Command::new(hostler());
        command
            .args(["apply", "--json", "--root"])
            .arg(self.path("root"))
            .arg(self.path("source/goal-state.json"))
            .args(options)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Until the handler itself says that it runs `command`.
    fn wait_for(&self, command: &str) {
        let record = self.path("root/logs").join(HANDLER).join("record.jsonl");
        let begun = format!(r#""command":"{command}""#);
        let started = Instant::now();
        while !fs::read_to_string(&record).unwrap_or_default().contains(&begun) {
            assert!(started.elapsed() < PATIENCE, "{command} did not begin");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Applies to the end: exit code and report.
    fn applied(&self, options: &[&str]) -> (Option<i32>, Value) {
        let output = self.apply(options).output().unwrap();
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    }
}

/// Every process that `parent` started, by any of its threads.
fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"))
        .into_iter()
        .flatten()
        .flatten();
    tasks
        .flat_map(|task| {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            children
                .split_whitespace()
                .map(|id| id.parse().unwrap())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// The workers of that role, ready ones and such as have just ended among them: some when one is at work. None where the
/// parent ended before one was seen.
fn workers(parent: &mut Child, role: &str) -> Vec<u32> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let mut found = children(parent.id());
        found.retain(|child| {
            let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            line == format!("hostler\0__worker\0{role}\0").as_bytes()
        });
        if !found.is_empty() || parent.try_wait().unwrap().is_some() {
            return found;
        }
    }
    panic!("there was never a {role} worker");
}

fn signal(process: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal);
}

fn handler(report: &Value) -> &Value {
    &report["aggregateStatus"]["handlerAggregateStatus"][0]
}

/// All files below `folder` but what the host keeps for itself.
fn handler_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_run_worker_that_is_killed_is_an_error_that_says_so() {
    let machine = Machine::new(&json!({"enable": {"delayMs": 200_000}}));
    let mut apply = machine.apply(&[]).spawn().unwrap();
    machine.wait_for("enable");
    // The one at work is among them; the others are nobody's loss.
    let workers = workers(&mut apply, "run");
    let before = handler_files(&machine.path("root/handlers"));
    workers.iter().for_each(|worker| signal(*worker, Signal::KILL));
    let output = apply.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "a handler failed, not the host");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let handler = handler(&report);
    assert_eq!(
        (&handler["status"], &handler["code"]),
        (&json!("NotReady"), &json!(1009))
    );
    let message = handler["formattedMessage"]["message"].as_str().unwrap();
    assert!(message.contains("ended by signal 9"), "{message}");
    let status = &handler["runtimeSettingsStatus"]["settingsStatus"]["status"];
    assert_eq!(status["status"], "error", "{status}");
    assert_eq!(handler["hostler"]["commands"][1]["code"], "worker.died");
    assert_eq!(
        handler_files(&machine.path("root/handlers")),
        before,
        "nothing else changes"
    );
    assert!(workers.into_iter().all(is_gone));
}

/// Three files that take a while to unpack and to hash, beside what is in the package of the handler; no byte of it unpacks
/// to more than one of a package may.
fn weigh_down(package: &Path) {
    const LENGTH: usize = 48 << 20;
    let mut content = vec![0_u8; LENGTH];
    let mut state = 1_u32;
    for (index, byte) in content.iter_mut().enumerate().filter(|(index, _)| index % 1024 < 32) {
        state = state
            .wrapping_mul(1_664_525)
            .wrapping_add(u32::try_from(index).unwrap());
        *byte = state.to_be_bytes()[0];
    }
    let mut light = ZipArchive::new(Cursor::new(fs::read(package).unwrap())).unwrap();
    let mut writer = ZipWriter::new(fs::File::create(package).unwrap());
    for index in 0..light.len() {
        writer.raw_copy_file(light.by_index_raw(index).unwrap()).unwrap();
    }
    for name in ["first.bin", "second.bin", "third.bin"] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap();
}

/// Kills the worker that unpacks, once it does: what it wrote is there then. False where `apply` ended before.
fn kill_over_package(machine: &Machine, apply: &mut Child) -> bool {
    let started = Instant::now();
    while handler_files(&machine.path("root/staging")).is_empty() {
        if apply.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(started.elapsed() < PATIENCE, "nothing is unpacked");
    }
    let workers = workers(apply, "package");
    workers.iter().for_each(|worker| signal(*worker, Signal::KILL));
    !workers.is_empty()
}

/// A package whose worker is killed is refused as a whole, and comes in at the next apply.
#[test]
fn a_worker_that_is_killed_over_a_package_leaves_nothing() {
    // On a machine that is busy it may be done before it is killed.
    const TRIES: usize = 20;
    let mut tries = (0..TRIES).filter_map(|_| {
        let machine = Machine::new(&json!({}));
        weigh_down(&machine.path("source").join(format!("{HANDLER}-1.0.0.zip")));
        let mut apply = machine.apply(&[]).spawn().unwrap();
        let killed = kill_over_package(&machine, &mut apply);
        let output = apply.wait_with_output().unwrap();
        (killed && output.status.code() != Some(0)).then_some((machine, output))
    });
    let (machine, output) = tries.next().expect("one that is killed in time");
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(handler(&report)["status"], "NotReady");
    let message = handler(&report)["formattedMessage"]["message"].as_str().unwrap();
    assert!(message.contains("ended by signal 9 [pkg.worker]"), "{message}");
    assert_eq!(handler_files(&machine.path("root/staging")), [""; 0]);
    assert_eq!(handler_files(&machine.path("root/handlers")), [""; 0]);
    let (code, report) = machine.applied(&[]);
    assert_eq!((code, &handler(&report)["status"]), (Some(0), &json!("Ready")));
}

/// GST-19: a host that is stopped takes its workers along, whatever the handler does.
#[test]
fn a_host_that_is_stopped_takes_its_workers_along() {
    for how in [Signal::TERM, Signal::KILL] {
        let machine = Machine::new(&json!({"install": {"delayMs": 200_000}}));
        let mut apply = machine.apply(&[]).spawn().unwrap();
        machine.wait_for("install");
        let workers = workers(&mut apply, "run");
        assert!(!workers.is_empty(), "install waits");
        signal(apply.id(), how);
        apply.wait().unwrap();
        assert!(workers.into_iter().all(is_gone), "{how:?}");
    }
}

/// Whether `worker` goes within some seconds.
fn is_gone(worker: u32) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap_or_default();
        if status.is_empty() || status.contains("State:\tZ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
