//! The program for all but compiling, and what comes of it where it is missing, another one, or does not get ready.

use std::fs;

use hostler_host::sandbox::{KnownJobs, RequiredIsolation, Sandbox, WorkerOptions};
use rustix::process::Signal;

use crate::components::{Does, run, sandbox_of};
use crate::processes::{about, alone, children, signal};

/// Runs a command by a hostler in a folder with `worker` beside it, and says which programs its workers were.
fn programs_with(worker: Option<&[u8]>) -> Vec<String> {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let hostler = folder.path().join("hostler");
    fs::copy(env!("CARGO_BIN_EXE_hostler"), &hostler).unwrap();
    if let Some(bytes) = worker {
        let path = folder.path().join("hostler-worker");
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::metadata(&hostler).unwrap().permissions()).unwrap();
    }
    let sandbox = sandbox_of(&hostler);
    let outcome = run(&sandbox, &Does::Nothing.code(&sandbox), 60_000);
    assert!(outcome.end.is_success(), "{:?}", outcome.end);
    let report = sandbox.isolation().unwrap();
    assert!(report.lacks(RequiredIsolation::Process).is_none());
    let workers = children().into_iter();
    // One that has just ended is no program any more, one that has just been made is still this one, and one of an earlier
    // test may not be gone yet.
    let mut names: Vec<String> = workers
        .filter_map(|child| fs::read_link(format!("/proc/{child}/exe")).ok())
        .filter(|program| program.starts_with(folder.path()))
        .filter_map(|program| Some(program.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn commands_run_in_the_small_program_where_it_is_there() {
    let worker = fs::read(env!("CARGO_BIN_EXE_hostler-worker")).unwrap();
    assert_eq!(programs_with(Some(&worker)), ["hostler-worker"]);
}

#[test]
fn without_it_hostler_is_its_own_run_worker() {
    assert_eq!(programs_with(None), ["hostler"]);
}

/// Not even begun by the system, gone at once, and one that says another build's name.
#[test]
fn one_that_is_none_is_done_without() {
    let mut of_another_build = fs::read(env!("CARGO_BIN_EXE_hostler-worker")).unwrap();
    let name = hostler_host::sandbox::BUILD.as_bytes();
    let places: Vec<usize> = of_another_build
        .windows(name.len())
        .enumerate()
        .filter_map(|(place, window)| (window == name).then_some(place))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        of_another_build[place..place + name.len()].copy_from_slice(b"ffffffffffffffff");
    }
    for worker in [&b"nothing"[..], b"#!/bin/true\n", &of_another_build] {
        assert_eq!(programs_with(Some(worker)), ["hostler"]);
    }
}

/// A worker that is needed is started while another one, which is only expected, does not get ready for as long as it may.
#[test]
fn what_is_needed_overtakes_what_is_expected() {
    // A machine that is busy may take longer for all of it than a worker may take to get ready.
    const TRIES: usize = 5;
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let stuck = folder.path().join("stuck");
    fs::write(&stuck, "#!/bin/sh\nexec sleep 600\n").unwrap();
    let executable = fs::metadata(env!("CARGO_BIN_EXE_hostler")).unwrap().permissions();
    fs::set_permissions(&stuck, executable).unwrap();
    let overtaken = (0..TRIES).any(|_| {
        let options = WorkerOptions {
            small_program: Some(stuck.clone()),
            known: Some(KnownJobs { commands: 1 }),
            ..WorkerOptions::of_program(env!("CARGO_BIN_EXE_hostler").as_ref(), RequiredIsolation::Process)
        };
        let sandbox = Sandbox::with_workers(&options).unwrap();
        // It is compiled in a worker that nobody expected.
        Does::Nothing.code(&sandbox);
        let is_stuck = |child: &u32| about(*child, "comm").starts_with("sleep");
        let stuck: Vec<u32> = children().into_iter().filter(is_stuck).collect();
        stuck.iter().for_each(|child| signal(*child, Signal::KILL));
        !stuck.is_empty()
    });
    assert!(overtaken, "it waited for the other one");
}
