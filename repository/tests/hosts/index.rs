//! The signed index: there from the first key on, about what lies there, signed with every key.

use std::fs;

use hostler_contract::repository_index::INDEX_FILE;
use hostler_contract::{RepositoryIndex, SignedIndex, Source};
use hostler_package::PackageDigest;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::registration::{manifest_name, package};
use crate::server::{Repository, wait};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";

/// The index of the one region, and the keys of its good signatures.
fn index(repository: &Repository) -> Option<(RepositoryIndex, Vec<String>)> {
    let answer = repository.published("local", INDEX_FILE);
    if answer.status != 200 {
        return None;
    }
    let signed = SignedIndex::parse(Source::new("index", &answer.body)).unwrap();
    let bytes = SignedIndex::signed_bytes(&signed.signed);
    let good = signed.signatures.iter().filter(|by| {
        let key = UnparsedPublicKey::new(&ED25519, hex::decode(&by.key).unwrap());
        key.verify(&bytes, &hex::decode(&by.signature).unwrap()).is_ok()
    });
    Some((
        signed.content("index").unwrap(),
        good.map(|by| by.key.clone()).collect(),
    ))
}

/// REP-16: every index is newer than the one before it, and about the manifest that lies there.
#[test]
fn rep_16_the_index_says_what_lies_there() {
    let mut repository = Repository::start(&[]);
    let first = repository.command(&["index", "key", "new"]).trim().to_owned();
    repository.register("1.0.0", &package("one"), INTERNAL);
    let (before, signers) = index(&repository).unwrap();
    assert_eq!(signers.iter().filter(|key| **key == first).count(), 1);
    repository.register("1.0.1", &package("two"), INTERNAL);
    let (after, _) = index(&repository).unwrap();
    assert!(after.version > before.version);
    assert_eq!(after.region, "local");
    let manifest = repository.published("local", &manifest_name("local")).body;
    let listed = after.files.get(&manifest_name("local")).unwrap();
    let digests: Vec<&str> = listed.iter().map(|file| file.sha256.as_str()).collect();
    assert_eq!(digests, [PackageDigest::of(&manifest).to_string()]);
    // A second key signs beside the first without a restart, and alone once that is retired.
    let second = repository.command(&["index", "key", "new"]).trim().to_owned();
    repository.register("1.0.2", &package("three"), INTERNAL);
    let (_, signers) = index(&repository).unwrap();
    assert!(signers.contains(&first) && signers.contains(&second), "{signers:?}");
    repository.command(&["index", "key", "retire", &first]);
    repository.register("1.0.3", &package("four"), INTERNAL);
    let (last, signers) = index(&repository).unwrap();
    assert!(signers.contains(&second) && !signers.contains(&first), "{signers:?}");
    // One that was lost or damaged is made anew when the server starts, and is newer all the same.
    repository.kill();
    let file = repository.path("data/store/published/local").join(INDEX_FILE);
    fs::write(&file, "damaged").unwrap();
    repository.run();
    let (again, _) = wait("a new index", || {
        let text = fs::read(&file).unwrap();
        (text != b"damaged").then(|| index(&repository)).flatten()
    });
    assert!(again.version > last.version);
    assert_eq!(again.files, last.files);
    assert_eq!(again.repository, last.repository);
}
