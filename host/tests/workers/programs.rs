//! The program that is a run worker and nothing else, and what comes of it where it is missing or another one.

use std::fs;

use crate::components::{Does, run, sandbox_of};
use crate::processes::{alone, children};

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
    assert!(
        report
            .lacks(hostler_host::sandbox::RequiredIsolation::Process)
            .is_none()
    );
    let workers = children().into_iter();
    // One that has just ended is not there any more, and one that has just been made is still this program.
    let mut names: Vec<String> = workers
        .filter_map(|child| fs::read_to_string(format!("/proc/{child}/comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .filter(|name| name.starts_with("hostler"))
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
