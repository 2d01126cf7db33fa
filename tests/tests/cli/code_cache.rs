//! Compiled code is kept: nothing is compiled the second time, and nothing that was changed is loaded.

use std::fs;
use std::path::{Path, PathBuf};

use hostler_package::PackageDigest;
use hostler_tests::{NOTE, kept_code, recorder_package};
use serde_json::json;

use crate::made::{command, done, with, with_component};
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

/// The note about `package` in `cache`.
fn note(cache: &Path, package: &Path) -> PathBuf {
    let digest = PackageDigest::of(&fs::read(package).unwrap());
    cache.join(format!("{digest}{NOTE}"))
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
    assert_eq!(kept_code(&cache).len(), 1);
}

/// CMP-17: a changed byte, wherever it lies, a missing end, and an empty file.
#[test]
fn what_was_changed_is_compiled_anew() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let cache = bench.path("cache");
    let option = ["--cache", cache.to_str().unwrap()];
    assert_eq!(origin(&bench, &package, &option), "compiled");
    let entry = kept_code(&cache).pop().unwrap();
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

/// It says what to get ready and what was looked over; a package that holds something else is as new.
#[test]
fn what_is_noted_of_a_package_is_not_believed() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let cache = bench.path("cache");
    let option = ["--cache", cache.to_str().unwrap()];
    assert_eq!(origin(&bench, &package, &option), "compiled");
    let good = fs::read(note(&cache, &package)).unwrap();
    assert_eq!(good, PackageDigest::of(done()).as_bytes());
    for rubbish in [
        vec![],
        vec![7; 31],
        vec![7; 32],
        [&*good, &good].concat(),
        vec![7; 1000],
    ] {
        fs::write(note(&cache, &package), rubbish).unwrap();
        assert_eq!(origin(&bench, &package, &option), "kept");
        assert_eq!(fs::read(note(&cache, &package)).unwrap(), good);
    }
    // A component that is not fit, in a package that is said to hold the one that is, or to have been seen with it before.
    let component = command("(func (export \"run\") (result i32) (i64.const 0))");
    let unfit = bench.package(&with_component(&component));
    let itself = PackageDigest::of(&component).as_bytes().to_vec();
    for noted in [None, Some(&good), Some(&itself)] {
        if let Some(noted) = noted {
            fs::write(note(&cache, &unfit), noted).unwrap();
        }
        let said = bench.run_alone(&unfit, &["--json"]);
        assert_eq!(said.codes(), ["wasm.invalid"], "{}", said.all());
        bench.assert_nothing_installed("not fit");
        // It was refused when it was looked over, and not only when it was to be compiled.
        let is_audited = |path: &String| path.starts_with("audit/") && !path.ends_with('/');
        let audited = bench.kept().into_iter().filter(is_audited);
        let audited: String = audited
            .map(|path| fs::read_to_string(bench.path("root").join(path)).unwrap())
            .collect();
        assert!(!audited.contains("package-accepted"), "{audited}");
    }
}

/// A worker gets ready with code that is at hand before anybody looks whether the component is still what was installed.
#[test]
fn what_was_changed_in_its_place_does_not_run_though_its_code_is_at_hand() {
    let bench = Workbench::new();
    let package = bench.write("Contoso.Demo-1.0.0.zip", recorder_package("Contoso.Demo", &json!({})));
    let said = bench.run_alone(&package, &["--json"]);
    assert_eq!(said.exit, 0, "{}", said.all());
    let component = bench.handler("Contoso.Demo-1.0.0").join("recorder.wasm");
    let mut bytes = fs::read(&component).unwrap();
    // A custom section more, which changes nothing of what it does.
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&component, bytes).unwrap();
    // What the recorder appends a line to whenever it runs.
    let record = bench
        .kept()
        .into_iter()
        .find(|path| path.ends_with("record.jsonl"))
        .unwrap();
    let record = bench.path("root").join(record);
    let before = fs::read(&record).unwrap();
    let said = bench.run_alone(&package, &["--json"]);
    assert_eq!(said.codes(), ["pkg.changed"], "{}", said.all());
    assert_eq!(fs::read(&record).unwrap(), before, "it ran");
}

#[test]
fn without_a_cache_everything_is_compiled() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    for _ in 0..2 {
        assert_eq!(origin(&bench, &package, &["--no-cache"]), "compiled");
    }
}
