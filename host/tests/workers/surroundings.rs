//! What a worker is behind while it runs a component, as the kernel tells it.

use std::fs;
use std::thread;
use std::time::Instant;

use hostler_host::sandbox::{End, LayerState, RequiredIsolation};

use crate::components::{Does, invocation, sandbox, with_folder};
use crate::processes::{LONG, about, alone, busy_worker, signal, status, wait_until_none_is_busy};

/// CMP-18, SEC-02, SEC-07: nothing of the host's environment, no descriptor but its own, no way to more.
#[test]
fn a_worker_has_nothing_but_its_job() {
    let _alone = alone();
    let sandbox = sandbox();
    let isolation = sandbox.isolation().unwrap();
    let code = Does::LoopsForEver.code(&sandbox);
    let folder = tempfile::tempdir().unwrap();
    let (invocation, folders) = with_folder(invocation(60_000), folder.path());
    wait_until_none_is_busy();
    let running = thread::spawn(move || sandbox.run(&code, &invocation, folders));
    let worker = busy_worker();

    assert_eq!(about(worker, "environ"), "", "the environment is cleared");
    assert_eq!(
        about(worker, "cmdline"),
        "hostler\0__worker\0run\0",
        "no secret is an argument"
    );
    assert_eq!(
        fs::read_link(format!("/proc/{worker}/cwd")).unwrap().to_str(),
        Some("/")
    );
    for (field, value) in [
        ("NoNewPrivs", "1"),
        ("CapEff", NONE),
        ("CapPrm", NONE),
        ("CapInh", NONE),
    ] {
        assert_eq!(status(worker, field), value, "{field}");
    }
    for layer in &isolation.layers {
        if layer.name.name() == "seccomp" && layer.state == LayerState::On {
            assert_eq!(status(worker, "Seccomp"), "2");
            assert_eq!(status(worker, "Seccomp_filters"), "3");
        }
    }
    let limits = about(worker, "limits");
    for (name, columns) in [("Max core file size", "0 0"), ("Max file size", "16777216 16777216")] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<_> = line[name.len()..].split_whitespace().take(2).collect();
        assert_eq!(words.join(" "), columns, "{line}");
    }
    // Its channel, nothing twice over, the code, the folder as it came and as the engine has it.
    let open = || -> Vec<String> {
        let entries = fs::read_dir(format!("/proc/{worker}/fd")).unwrap().flatten();
        // One may just be closed.
        let links = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
        links.map(|path| path.to_string_lossy().into_owned()).collect()
    };
    let known = |path: &str| {
        path.starts_with("socket:")
            || path == "/dev/null"
            || path.starts_with("/memfd:hostler-code")
            || path == folder.path().to_str().unwrap()
    };
    // It may only just begin.
    let started = Instant::now();
    while !open().iter().all(|path| known(path)) {
        assert!(started.elapsed() < LONG, "{:?}", open());
        thread::yield_now();
    }
    assert!(open().contains(&"/dev/null".to_owned()), "{:?}", open());

    // A crash of the worker leaves no picture of its memory and tells nothing of it.
    // The engine's handler takes the first that comes from outside for a fault that will come back.
    while !running.is_finished() {
        signal(worker, rustix::process::Signal::SEGV);
        thread::yield_now();
    }
    let outcome = running.join().unwrap();
    let End::WorkerDied { message } = &outcome.end else {
        panic!("{:?}", outcome.end);
    };
    assert_eq!(message, "its worker ended before it did: it was ended by signal 11");
    assert!(!format!("{outcome:?}").contains("canary"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// No capability.
const NONE: &str = "0000000000000000";

/// What is asked for and what is there are compared, and less is refused.
#[test]
fn the_layers_are_told_as_they_are() {
    let isolation = sandbox().isolation().unwrap();
    assert_eq!(isolation.layers.len(), 4);
    assert!(isolation.level >= RequiredIsolation::Process);
    let all_on = isolation.layers.iter().all(|layer| layer.state == LayerState::On);
    assert_eq!(all_on, isolation.level == RequiredIsolation::Full);
}
