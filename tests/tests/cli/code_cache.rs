//! Compiled code is kept: nothing is compiled the second time, and nothing that was changed is loaded.

use std::fs;
use std::path::{Path, PathBuf};

use crate::made::with;
use crate::workbench::Workbench;

/// Where the code of the one command of a run came from.
fn origin(bench: &Workbench, package: &Path, options: &[&str]) -> String {
    let said = bench.hostler(
        &[
            &["run", package.to_str().unwrap(), "--json", "--commands", "enable"],
            options,
        ]
        .concat(),
    );
    assert_eq!(said.exit, 0, "{}", said.all());
    let component = &said.handler()["hostler"]["commands"][0]["component"];
    let origin = component["origin"].as_str().unwrap().to_owned();
    assert_eq!(component.get("compileMs").is_some(), origin == "compiled");
    origin
}

/// The files of compiled code in `cache`, without the key.
fn entries(cache: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.file_name().is_some_and(|name| name != "key"))
        .collect()
}

#[test]
fn nothing_is_compiled_the_second_time() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    // Not told otherwise, the cache lies in the default root, which depends on who runs the tests.
    let cache = bench.path("cache");
    let option = ["--cache", cache.to_str().unwrap()];
    assert_eq!(origin(&bench, &package, &option), "compiled");
    assert_eq!(origin(&bench, &package, &option), "kept");
    // The same component in another package.
    let other = bench.package(&with([hostler_tests::ZipEntry::stored("more", b"more")]));
    assert_eq!(origin(&bench, &other, &option), "kept");
    assert_eq!(entries(&cache).len(), 1);
}

/// CMP-17: a changed byte, wherever it lies, a missing end, and an empty file.
#[test]
fn what_was_changed_is_compiled_anew() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let cache = bench.path("cache");
    let option = ["--cache", cache.to_str().unwrap()];
    assert_eq!(origin(&bench, &package, &option), "compiled");
    let entry = entries(&cache).pop().unwrap();
    let good = fs::read(&entry).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let changes = [0, 31, 32, good.len() / 2, good.len() - 1].map(flipped);
    let shorter = [good[..good.len() - 1].to_vec(), good[..16].to_vec(), Vec::new()];
    for changed in changes.into_iter().chain(shorter) {
        fs::write(&entry, &changed).unwrap();
        assert_eq!(origin(&bench, &package, &option), "compiled");
        assert_eq!(origin(&bench, &package, &option), "kept");
        assert_ne!(fs::read(&entry).unwrap(), changed);
    }
    // A key of another installation authenticates nothing.
    fs::write(cache.join("key"), [7; 64]).unwrap();
    assert_eq!(origin(&bench, &package, &option), "compiled");
}

#[test]
fn without_a_cache_everything_is_compiled() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    for _ in 0..2 {
        assert_eq!(origin(&bench, &package, &["--no-cache"]), "compiled");
    }
}
