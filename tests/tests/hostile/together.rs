//! Several hosts at once: attackers beside a victim, a package that eight take in at the same time, and a host that is
//! asked to end.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use hostler_tests::{Isolation, hostler, kept_code, package, run_hostler};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::packages::Package;
use crate::seen::{cache, start, warm_up};
use crate::victim;

/// How much longer the victim may take beside attackers than alone (O7).
const SLOWER: u32 = 3;

/// How often the victim is timed; the shortest counts, on either side.
const TIMES: usize = 5;

/// How often all of it is tried before it counts: the machine may have had something else to do.
const TRIES: usize = 10;

/// Verbs that take processor, memory, calls of the host and output for as long as they are let.
const GREEDY: [&str; 4] = ["loop", "memory-fill", "hostcalls", "stdout"];

/// The shortest time in which the victim was enabled in `root`, which has it already.
fn time(root: &Path, isolation: Isolation) -> Duration {
    let one = || {
        let ran = victim::enable(root, isolation.arguments());
        assert!(ran.status.success(), "the victim: {}", ran.stderr_text());
        ran.wall
    };
    (0..TIMES).map(|_| one()).min().expect("it was run")
}

/// GST-18, GST-06 (O7): each handler in a process of the host's own, as many attackers as processors.
#[test]
fn a_victim_beside_attackers_is_not_held_up() {
    warm_up();
    let attackers = thread::available_parallelism().map_or(2, usize::from);
    for isolation in Isolation::ALL {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        // Laid out, and its code compiled.
        time(&root, *isolation);
        let mut tried = Vec::new();
        let held = (0..TRIES).any(|_| {
            let alone = time(&root, *isolation);
            let beside = beside(&root, *isolation, attackers);
            tried.push((alone, beside));
            beside <= alone * SLOWER
        });
        assert!(held, "{}: alone and beside attackers: {tried:?}", isolation.name());
    }
}

/// As [`time`], while attackers are at it all the time.
fn beside(root: &Path, isolation: Isolation, attackers: usize) -> Duration {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for attacker in 0..attackers {
            let done = &done;
            scope.spawn(move || {
                let options = [&["--json", "--limit", "cmd.deadline=400ms"], isolation.arguments()].concat();
                // Each begins with another verb, and goes on with the next.
                for verb in GREEDY.iter().cycle().skip(attacker) {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    start(&Package::Hostile.path(), verb, &json!({}), &options);
                }
            });
        }
        let time = time(root, isolation);
        done.store(true, Ordering::Relaxed);
        time
    })
}

/// CMP-19: each has the package installed and its code compiled; no one's code is torn, and it is kept once.
#[test]
fn eight_hosts_take_in_one_package_at_once() {
    const HOSTS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("cache");
    let settings = folder.path().join("0.settings");
    fs::write(&settings, r#"{"name": "Ada"}"#).unwrap();
    let run = |root: &str| {
        let root = folder.path().join(root);
        let package = package("Hostler.Samples.Hello");
        let arguments = [
            "run".as_ref(),
            package.as_os_str(),
            "--json".as_ref(),
            "--settings".as_ref(),
            settings.as_os_str(),
            "--keep".as_ref(),
            root.as_os_str(),
            "--cache".as_ref(),
            code.as_os_str(),
        ];
        let ran = run_hostler(&arguments, folder.path(), Duration::from_secs(600));
        assert!(ran.status.success(), "{}", ran.json());
        assert_eq!(ran.stderr_text(), "");
        ran.json()
    };
    let origins = |report: &Value| {
        let commands = &report["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["commands"];
        let origins = commands.as_array().into_iter().flatten();
        origins
            .map(|command| command["component"]["origin"].clone())
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let run = &run;
        let hosts: Vec<_> = (0..HOSTS)
            .map(|host| scope.spawn(move || run(&format!("root-{host}"))))
            .collect();
        for host in hosts {
            let report = host.join().expect("every host comes back");
            assert_eq!(
                report["aggregateStatus"]["handlerAggregateStatus"][0]["status"],
                "Ready"
            );
        }
    });
    // With the key and a note of what the package holds.
    assert_eq!(kept_code(&code).len(), 1);
    assert_eq!(fs::read_dir(&code).unwrap().count(), 3, "nothing half written");
    assert_eq!(origins(&run("root-9")), ["kept", "kept"]);
}

/// GST-19: a handler that listens to nobody does not keep its host from ending, and what it was in the middle of does
/// not keep the next from beginning.
#[test]
fn a_host_that_is_asked_to_end_does() {
    for isolation in Isolation::ALL {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let settings = folder.path().join("0.settings");
        fs::write(&settings, r#"{"verb": "success-then-loop"}"#).unwrap();
        let mut host = Command::new(hostler());
        host.arg("run")
            .arg(Package::Hostile.path())
            .arg("--settings")
            .arg(&settings);
        host.arg("--keep")
            .arg(&root)
            .arg("--cache")
            .arg(cache())
            .args(isolation.arguments());
        host.env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut host = host.spawn().unwrap();
        let status = root.join("handlers/Hostler.Samples.Hostile-1.0.0/status/0.status");
        until(&mut host, "its handler began", || {
            fs::metadata(&status).is_ok_and(|status| status.len() > 0)
        });
        kill_process(Pid::from_child(&host), Signal::TERM).unwrap();
        until_ended(&mut host);

        let options = [&["--json", "--keep", root.to_str().unwrap()], isolation.arguments()].concat();
        let (ran, _) = start(&Package::Hostile.path(), "list", &json!({}), &options);
        assert!(ran.status.success(), "{}: {}", isolation.name(), ran.json());
    }
}

/// How long something may take that takes no time.
const PATIENCE: Duration = Duration::from_secs(300);

fn runs(host: &mut Child) -> bool {
    host.try_wait().expect("a process can be asked for").is_none()
}

fn until(host: &mut Child, what: &str, mut there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !there() {
        assert!(runs(host), "the host ended before {what}");
        assert!(started.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the end that it was asked for; a host that does not end is killed.
fn until_ended(host: &mut Child) {
    let asked = Instant::now();
    while runs(host) {
        if asked.elapsed() > PATIENCE {
            host.kill().expect("it can be killed");
            host.wait().expect("and waited for");
            panic!("the host has not ended {PATIENCE:?} after it was asked to");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
