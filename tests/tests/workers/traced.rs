//! What the supervisor and a run worker ask the system for, as `strace` sees it (DESIGN D7): the supervisor writes no file
//! of a package, and maps no code after its own start; a run worker opens nothing but what it was given.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use hostler_tests::{hostler, not_run, package};

/// The calls of one process with its threads, in their order.
#[derive(Debug, Default)]
struct Calls(Vec<String>);

impl Calls {
    fn named<'c>(&'c self, names: &'c [&str]) -> impl Iterator<Item = &'c str> {
        let is_named = |line: &&String| names.iter().any(|name| line.starts_with(&format!("{name}(")));
        self.0.iter().filter(is_named).map(String::as_str)
    }

    fn has(&self, what: &str) -> bool {
        self.0.iter().any(|line| line.contains(what))
    }
}

/// Runs the hello handler under `strace`; the supervisor, and the workers. `None` where there is no `strace` that may.
fn traced(home: &Path) -> Option<(Calls, Vec<Calls>)> {
    let settings = home.join("0.settings");
    fs::write(&settings, r#"{"name": "x"}"#).unwrap();
    let calls =
        "--trace=open,openat,openat2,creat,execve,mmap,mprotect,mkdirat,memfd_create,seccomp,clone,clone3,vfork,fork";
    let mut command = Command::new("strace");
    command
        .args(["-f", "-s", "300", "-o", home.join("trace").to_str()?, calls, "--"])
        .arg(hostler())
        .args(["run", "--json", "--settings", settings.to_str()?, "--cache"])
        .arg(home.join("cache"))
        .arg(package("Hostler.Samples.Hello"))
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", path);
    if command.status().ok()?.code() != Some(0) {
        return None;
    }
    Some(by_process(&fs::read_to_string(home.join("trace")).unwrap()))
}

/// Takes the lines of a trace apart: a thread belongs to the process that started it. A call that was interrupted by
/// another thread's is put together again.
fn by_process(trace: &str) -> (Calls, Vec<Calls>) {
    let mut process_of: BTreeMap<u32, u32> = BTreeMap::new();
    let mut unfinished: BTreeMap<u32, String> = BTreeMap::new();
    let mut calls: BTreeMap<u32, Calls> = BTreeMap::new();
    let mut first = None;
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let thread: u32 = thread.parse().unwrap();
        let call = call.trim_start();
        first.get_or_insert(thread);
        let call = match call.strip_suffix(" <unfinished ...>") {
            Some(begun) => {
                unfinished.insert(thread, begun.to_owned());
                // A thread is at work before the call that made it has come back.
                continue;
            }
            None => match call.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
                Some((_, rest)) => unfinished.remove(&thread).unwrap_or_default() + rest,
                None => call.to_owned(),
            },
        };
        let process = *process_of.entry(thread).or_insert(thread);
        if call.starts_with("clone") && call.contains("CLONE_THREAD") {
            let made = call.rsplit_once("= ").and_then(|(_, made)| made.trim().parse().ok());
            if let Some(made) = made {
                let earlier = process_of.insert(made, process);
                if let Some(earlier) = earlier.filter(|earlier| *earlier == made) {
                    let early = calls.remove(&earlier).unwrap_or_default();
                    calls.entry(process).or_default().0.extend(early.0);
                }
            }
        }
        calls.entry(process).or_default().0.push(call);
    }
    let supervisor = calls.remove(&first.unwrap()).unwrap();
    (supervisor, calls.into_values().collect())
}

#[test]
fn supervisor_and_workers_do_only_what_is_theirs() {
    let home = tempfile::tempdir().unwrap();
    let Some((supervisor, workers)) = traced(home.path()) else {
        return not_run("strace that may trace");
    };
    let role = |name: &str| {
        let started = format!("\"__worker\", \"{name}\"");
        workers.iter().filter(|worker| worker.has(&started)).collect::<Vec<_>>()
    };
    let (opens, compiles, run) = (role("package"), role("compile"), role("run"));
    assert_eq!((opens.len(), compiles.len()), (1, 1));
    assert_eq!(run.len(), 2, "one for each command, and none that nobody needs");

    // The files of the package are written by the worker that opens it.
    let writes_component = |calls: &Calls| {
        let made = calls
            .named(&["openat", "open", "creat"])
            .filter(|call| call.contains("O_CREAT"));
        made.filter(|call| call.contains("hello.wasm") || call.contains("HandlerManifest.json"))
            .count()
    };
    assert_eq!(writes_component(&supervisor), 0);
    assert_eq!(opens.iter().map(|worker| writes_component(worker)).sum::<usize>(), 2);

    // Compiled code is nothing that is only read: what runs nowhere is never made fit to run.
    let libraries = |call: &str| call.contains("MAP_DENYWRITE");
    let code: Vec<_> = supervisor
        .named(&["mmap", "mprotect"])
        .filter(|call| call.contains("PROT_EXEC") && !libraries(call))
        .collect();
    assert_eq!(code, [""; 0], "the supervisor makes no code");
    let runs_code = |worker: &&&Calls| worker.named(&["mprotect"]).any(|call| call.contains("PROT_EXEC"));
    let used: Vec<_> = run.iter().filter(runs_code).collect();
    assert_eq!(used.len(), 2, "install and enable ran, each in a worker of its own");
    // No process but those that the supervisor starts as workers.
    for worker in &workers {
        assert_eq!(worker.named(&["execve"]).count(), 1);
        assert_eq!(worker.named(&["fork", "vfork"]).count(), 0);
    }
    used.into_iter().for_each(|worker| opens_only_what_it_was_given(worker));
}

/// From the last filter on, what is opened is what was handed over, or lies below it and is named by a path that cannot
/// lead out.
fn opens_only_what_it_was_given(worker: &Calls) {
    let locked = worker
        .0
        .iter()
        .enumerate()
        .filter(|(_, call)| call.starts_with("seccomp("))
        .nth(2);
    let (locked, _) = locked.expect("there are three filters");
    let after = Calls(worker.0[locked..].to_vec());
    let mut below = 0;
    for call in after.named(&["open", "openat", "openat2", "creat"]) {
        if call.contains("= -1 ") {
            continue;
        }
        let is_handed_over = call.starts_with("openat(AT_FDCWD, \"/proc/self/fd/");
        let is_itself = call.starts_with("openat(") && call.contains(", \".\", ");
        let is_below = call.starts_with("openat2(")
            && !call.starts_with("openat2(AT_FDCWD")
            && call.contains("RESOLVE_BENEATH")
            && call.contains("RESOLVE_NO_MAGICLINKS");
        below += usize::from(is_below);
        assert!(is_handed_over || is_itself || is_below, "{call}");
    }
    assert!(below > 0, "it has read its environment at least");
}
