//! Against Python's `zipfile`, with which the agent unpacks: whatever is accepted here means the same there.
//!
//! The other way round does not hold and need not: `zipfile` takes much that is refused here. What it *writes* is
//! accepted, though.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use hostler_package::{EntryKind, Package, PackageLimits};
use hostler_tests::{ZipEntry, ZipForge, not_run};
use proptest::{
    collection,
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};

use crate::support::{good_entries, with};

/// Prints, for each archive in a folder, its entries as `[name, is a folder, content in hexadecimal]`.
const LIST: &str = r"
import json, os, sys, zipfile
found = {}
for name in sorted(os.listdir(sys.argv[1])):
    with zipfile.ZipFile(os.path.join(sys.argv[1], name)) as z:
        found[name] = [[i.filename, i.is_dir(), z.read(i).hex()] for i in z.infolist()]
print(json.dumps(found))
";

/// Writes the same package in the ways that `zipfile` has.
const WRITE: &str = r"
import io, os, sys, zipfile
out, manifest, component = sys.argv[1], open(sys.argv[2], 'rb').read(), open(sys.argv[3], 'rb').read()
class Pipe(io.RawIOBase):
    def __init__(self, f): self.f = f
    def writable(self): return True
    def write(self, b): return self.f.write(b)
for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
    for streamed in (False, True):
        if streamed and method == zipfile.ZIP_STORED: continue
        with open(os.path.join(out, f'{method}-{streamed}.zip'), 'wb') as f:
            with zipfile.ZipFile(Pipe(f) if streamed else f, 'w', method) as z:
                z.writestr('HandlerManifest.json', manifest)
                z.writestr('handler.wasm', component)
                if not streamed: z.writestr(zipfile.ZipInfo('lib/'), b'')
                z.writestr('lib/\u00e9.txt', 'text' * 100)
";

type Listing = BTreeMap<String, Vec<(String, bool, String)>>;

/// Runs `script` with `arguments`; nothing where there is no Python.
fn python(script: &str, arguments: &[&Path]) -> Option<String> {
    let output = Command::new("python3")
        .args(["-I", "-c", script])
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        not_run("python3");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What this crate finds in an archive, as Python lists it.
fn listing(package: &Package) -> Vec<(String, bool, String)> {
    let archive = package.archive();
    let entries = archive.entries().iter();
    entries
        .map(|entry| match entry.kind() {
            EntryKind::Directory => (format!("{}/", entry.name()), true, String::new()),
            EntryKind::File => {
                let content = archive.content(entry.name()).unwrap();
                (entry.name().to_owned(), false, hex::encode(content))
            }
        })
        .collect()
}

#[test]
fn accepted_archives_mean_the_same_to_python() {
    let folder = tempfile::tempdir().unwrap();
    let mut ours = Listing::new();
    for bytes in samples() {
        if let Ok(package) = Package::from_bytes("p.zip", bytes.clone(), &PackageLimits::default()) {
            let name = format!("{:06}.zip", ours.len());
            fs::write(folder.path().join(&name), bytes).unwrap();
            ours.insert(name, listing(&package.value));
        }
    }
    assert!(ours.len() > 100, "only {} of the samples were accepted", ours.len());
    if let Some(text) = python(LIST, &[folder.path()]) {
        let theirs: Listing = serde_json::from_str(&text).unwrap();
        assert_eq!(ours, theirs);
    }
}

/// Good archives, and good ones with a byte or two changed.
fn samples() -> Vec<Vec<u8>> {
    let streamed = ZipEntry::deflated("lib/streamed", &b"text ".repeat(100)).streamed();
    let rich = with([
        ZipEntry::folder("lib/"),
        ZipEntry::stored("lib/é ñ.txt", b"text"),
        ZipEntry::deflated("lib/b", &[7; 1000]),
        streamed,
        ZipEntry::stored("empty", b""),
    ]);
    let reversed = ZipForge::of(good_entries().into_iter().rev());
    let mut samples = vec![rich.build(), reversed.build(), with([]).build()];
    // Most changed bytes make an archive bad; those that do not, times and versions for example, must not matter.
    for base in samples.clone() {
        for at in 0..base.len() {
            for bit in [0, 3, 5] {
                let mut changed = base.clone();
                changed[at] ^= 1 << bit;
                samples.push(changed);
            }
        }
        let mut runner = TestRunner::deterministic();
        let changes = collection::vec((0..base.len(), proptest::num::u8::ANY), 1..3);
        for _ in 0..500 {
            let mut changed = base.clone();
            for (at, byte) in changes.new_tree(&mut runner).unwrap().current() {
                changed[at] = byte;
            }
            samples.push(changed);
        }
    }
    samples
}

#[test]
fn archives_written_by_python_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = tempfile::tempdir().unwrap();
    let (manifest, component) = (inputs.path().join("manifest"), inputs.path().join("component"));
    fs::write(&manifest, crate::support::manifest("handler.wasm")).unwrap();
    fs::write(&component, crate::support::COMPONENT).unwrap();
    if python(WRITE, &[folder.path(), &manifest, &component]).is_none() {
        return;
    }
    let mut opened = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let package = Package::open(&path, &PackageLimits::default());
        let package = package.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = package.value.archive().content("lib/é.txt").unwrap();
        assert_eq!(text, "text".repeat(100).as_bytes());
        opened += 1;
    }
    assert_eq!(opened, 3);
}
