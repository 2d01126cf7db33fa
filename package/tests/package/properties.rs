//! What must hold for all packages: no bytes make the reader panic, and the reader takes whatever was packed.

use std::{collections::BTreeMap, fs};

use hostler_package::{EntryKind, PackError, PackOptions, Package, PackageLimits, pack};
use hostler_tests::ZipEntry;
use proptest::{collection, prelude::*, sample::Index};

use crate::support::{COMPONENT, manifest, with};

/// A package with something of everything in it.
fn base() -> Vec<u8> {
    with([
        ZipEntry::folder("lib/"),
        ZipEntry::deflated("lib/text", &b"some text ".repeat(50)),
        ZipEntry::deflated("lib/streamed", b"more text").streamed(),
        ZipEntry::stored("é", b"x"),
    ])
    .build()
}

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Mutation {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        1 => (any::<Index>(), collection::vec(any::<u8>(), 1..40)).prop_map(|(at, new)| Mutation::Insert(at, new)),
        1 => (any::<Index>(), 1..80usize).prop_map(|(at, n)| Mutation::Remove(at, n)),
        1 => (any::<Index>(), 1..80usize).prop_map(|(at, n)| Mutation::Repeat(at, n)),
    ]
}

impl Mutation {
    fn apply(self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let range = |at: Index, n: usize| at.index(bytes.len())..(at.index(bytes.len()) + n).min(bytes.len());
        match self {
            Self::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            Self::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new);
            }
            Self::Remove(at, n) => {
                bytes.drain(range(at, n));
            }
            Self::Repeat(at, n) => {
                let again = bytes[range(at, n)].to_vec();
                let at = at.index(bytes.len());
                bytes.splice(at..at, again);
            }
        }
    }
}

/// Opens `bytes` and reads all that is in them; the verdict must be the same twice.
fn open_and_read(bytes: &[u8]) -> Result<(), TestCaseError> {
    let open = || Package::from_bytes("p.zip", bytes.to_vec(), &PackageLimits::default());
    match (open(), open()) {
        (Ok(package), Ok(_)) => {
            let archive = package.value.archive();
            for entry in archive.entries().iter().filter(|entry| entry.kind() == EntryKind::File) {
                let content = archive.content(entry.name());
                prop_assert_eq!(content.map(|c| c.len() as u64).ok(), Some(entry.size()));
            }
        }
        (Err(one), Err(two)) => prop_assert_eq!(one, two),
        _ => prop_assert!(false, "the same bytes, another verdict"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in collection::vec(any::<u8>(), 0..300)) {
        open_and_read(&bytes)?;
    }

    #[test]
    fn changed_packages_are_read_or_refused(mutations in collection::vec(mutation(), 1..4)) {
        let mut bytes = base();
        for mutation in mutations {
            mutation.apply(&mut bytes);
        }
        open_and_read(&bytes)?;
    }
}

/// Parts of names, some of which no package may have.
const PARTS: [&str; 12] = [
    "a", "A", "b.txt", "é", "e\u{301}", "dir", "config", "x:y", "end.", "test", "z.pyc", "s p",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_packed_is_read(
        files in collection::btree_map(
            collection::vec(proptest::sample::select(&PARTS[..]), 1..4),
            collection::vec(any::<u8>(), 0..200),
            0..6,
        ),
    ) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("Contoso.Any");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("HandlerManifest.json"), manifest("handler.wasm")).unwrap();
        fs::write(folder.join("handler.wasm"), COMPONENT).unwrap();
        let mut written: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (parts, content) in files {
            let name = parts.join("/");
            let path = folder.join(&name);
            // A name that is a folder's already stays a folder.
            if fs::create_dir_all(path.parent().unwrap()).is_ok() && fs::write(&path, &content).is_ok() {
                written.insert(name, content);
            }
        }
        let options = PackOptions { out: root.path().join("build"), ..PackOptions::default() };
        match pack(&folder, "1.0", &options) {
            Ok(packed) => {
                let package = Package::open(&packed.path, &PackageLimits::default()).unwrap().value;
                for (name, content) in written {
                    let left_out = packed.left_out.iter().any(|out| name == *out || name.starts_with(&format!("{out}/")));
                    match package.archive().content(&name) {
                        Ok(read) => prop_assert_eq!(read, content),
                        Err(error) => prop_assert!(left_out, "{}", error),
                    }
                }
            }
            Err(PackError::Refused(refused)) => {
                let code = refused.first().code().name();
                prop_assert!(["pkg.name", "pkg.duplicate", "pkg.reserved", "pkg.conflict"].contains(&code), "{}", refused);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
