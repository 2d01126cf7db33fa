//! Compiled code that is kept from one run to the next.

use hostler_contract::Source;
use hostler_host::sandbox::{CodeCache, Origin, Sandbox};

use crate::all_ways::{run_component, with_workers};

#[test]
fn code_is_compiled_once_and_never_taken_from_a_changed_file() {
    code_is_kept_by(|| Sandbox::in_process().unwrap());
    code_is_kept_by(with_workers);
}

/// Each look is by a sandbox of its own, as after a start of the host: one keeps at hand what it has seen.
fn code_is_kept_by(sandbox: impl Fn() -> Sandbox) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let component = run_component("", "");
    let source = Source::new("test.wasm", &component);
    let origin = || {
        sandbox()
            .code(source, Some(&CodeCache::open(&path).unwrap()))
            .unwrap()
            .origin()
    };
    assert!(matches!(origin(), Origin::Compiled(_)));
    assert_eq!(origin(), Origin::Kept);

    // CMP-17: one bit flipped at the start, in the middle and at the end; cut short; empty.
    let entry = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap() != "key")
        .unwrap();
    let good = std::fs::read(&entry).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bad in [
        flipped(0),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
        good[..good.len() - 1].to_vec(),
        vec![],
    ] {
        std::fs::write(&entry, bad).unwrap();
        assert!(matches!(origin(), Origin::Compiled(_)));
        assert_eq!(origin(), Origin::Kept, "what was compiled anew is kept");
    }
    // An entry of another component does not pass for this one, and one under another key not at all.
    let other = run_component("", "(drop (i32.const 5))");
    sandbox()
        .code(
            Source::new("other.wasm", &other),
            Some(&CodeCache::open(&path).unwrap()),
        )
        .unwrap();
    let other_entry = std::fs::read_dir(&path)
        .unwrap()
        .map(|found| found.unwrap().path())
        .find(|path| path.file_name().unwrap() != "key" && *path != entry)
        .unwrap();
    std::fs::copy(other_entry, &entry).unwrap();
    assert!(matches!(origin(), Origin::Compiled(_)));
    std::fs::remove_file(path.join("key")).unwrap();
    assert!(matches!(origin(), Origin::Compiled(_)));
}

#[test]
fn a_cache_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(
        CodeCache::open(&path)
            .unwrap_err()
            .to_string()
            .contains("nobody else may write")
    );
}
