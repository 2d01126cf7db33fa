//! `--repository-key`: a version manifest counts only as its repository signed it, REP-15 to REP-18.

use hostler_contract::RepositoryIndex;
use hostler_contract::SignedIndex;
use hostler_contract::repository_index::{INDEX_FILE, INDEX_KIND, IndexSignature, IndexedFile};
use hostler_package::PackageDigest;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use time::OffsetDateTime;

use crate::downloads::{far, manifest, package, plain};
use crate::offered::DEMO;
use crate::server::{Answer, Server};
use crate::workbench::{Said, Workbench};

/// Who signs.
struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    fn public(&self) -> String {
        self.0
            .public_key()
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// An index of number `version` that lists `content` as `name`, and holds for `seconds`.
    fn index(&self, version: u64, seconds: i64, name: &str, content: &[u8]) -> String {
        let listed = IndexedFile {
            sha256: PackageDigest::of(content).to_string(),
            size: content.len() as u64,
        };
        let index = RepositoryIndex {
            kind: INDEX_KIND.to_owned(),
            repository: "0123456789abcdef".to_owned(),
            region: "west".to_owned(),
            version,
            expires: OffsetDateTime::now_utc().unix_timestamp() + seconds,
            files: [(name.to_owned(), vec![listed])].into(),
        };
        let signed = index.to_signed_text();
        let signature = self.0.sign(&SignedIndex::signed_bytes(&signed));
        let signature = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let by = IndexSignature {
            key: self.public(),
            signature,
        };
        SignedIndex {
            signed,
            signatures: vec![by],
        }
        .to_json()
    }
}

/// The name of a handler's version manifest, in the bench's folder of what is offered.
const MANIFEST: &str = "Contoso.Demo.xml";
const HOUR: i64 = 3600;

/// Applies a goal state with one handler; its version manifest is beside the goal state, and so is the index.
fn applied(bench: &Workbench, key: &Key) -> Said {
    let keys = bench.write("keys", key.public());
    let entry = bench.offer(DEMO, &json!({}));
    bench.apply(&[entry], &["--repository-key", keys.to_str().unwrap()])
}

fn offered(bench: &Workbench) -> Vec<u8> {
    bench.offer(DEMO, &json!({}));
    std::fs::read(bench.path("source").join(MANIFEST)).unwrap()
}

#[track_caller]
fn assert_refused(said: &Said, code: &str) {
    let all = said.all();
    assert_eq!(said.exit, 1, "{all}");
    assert!(all.contains(&format!("[{code}]")), "{code}: {all}");
    assert!(all.contains("ran       nothing"), "{all}");
}

#[test]
fn rep_15_rep_16_rep_17_only_what_is_signed_and_new_is_installed() {
    let (bench, key) = (Workbench::new(), Key::new());
    let content = offered(&bench);
    let index = |text: String| bench.write(&format!("source/{INDEX_FILE}"), text);
    // Nothing there, somebody else's, past its time, about another manifest.
    assert_refused(&applied(&bench, &key), "download.unreachable");
    index(Key::new().index(7, HOUR, MANIFEST, &content));
    assert_refused(&applied(&bench, &key), "repo.signature");
    index(key.index(7, -1, MANIFEST, &content));
    assert_refused(&applied(&bench, &key), "repo.expired");
    index(key.index(7, HOUR, MANIFEST, b"another manifest"));
    assert_refused(&applied(&bench, &key), "repo.digest");
    index(key.index(7, HOUR, "Contoso.Other.xml", &content));
    assert_refused(&applied(&bench, &key), "repo.rollback");
    index(key.index(8, HOUR, "Contoso.Other.xml", &content));
    assert_refused(&applied(&bench, &key), "repo.unlisted");
    // As it should be; and then the one of before, which was good when it was signed.
    index(key.index(9, HOUR, MANIFEST, &content));
    let said = applied(&bench, &key);
    assert_eq!(said.exit, 0, "{}", said.all());
    index(key.index(8, HOUR, MANIFEST, &content));
    assert_refused(&applied(&bench, &key), "repo.rollback");
    // What is installed stays.
    assert!(bench.handler("Contoso.Demo-1.0.0").is_dir());
}

#[test]
fn rep_18_an_index_without_end() {
    let key = Key::new();
    let server = Server::start([
        ("/m", manifest(&["p.zip"], "")),
        ("/hostler-index.json", Answer::Endless),
    ]);
    let bench = Workbench::new();
    let keys = bench.write("keys", key.public());
    let said = bench.apply(&[far(&server.url("/m"))], &["--repository-key", keys.to_str().unwrap()]);
    assert_eq!(said.exit, 1);
    let all = plain(&server, &said);
    assert!(all.contains("and at most 16777216 are read [download.size]"), "{all}");
}

#[test]
fn rep_18_redirects_without_end() {
    let key = Key::new();
    let around = Answer::Redirect("/hostler-index.json".to_owned());
    let server = Server::start([
        ("/m", manifest(&["p.zip"], "")),
        ("/p.zip", Answer::Whole(package())),
        ("/hostler-index.json", around),
    ]);
    let bench = Workbench::new();
    let keys = bench.write("keys", key.public());
    let said = bench.apply(&[far(&server.url("/m"))], &["--repository-key", keys.to_str().unwrap()]);
    let all = plain(&server, &said);
    assert!(said.exit == 1 && all.contains("[download.redirect]"), "{all}");
}

#[test]
fn a_file_of_keys_that_is_none_is_refused_at_once() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({}));
    let keys = bench.write("keys", "not a key\n");
    let said = bench.apply(&[entry], &["--repository-key", keys.to_str().unwrap()]);
    let all = said.all();
    assert!(said.exit == 3 && all.contains("[repo.key]"), "{all}");
    bench.assert_nothing_installed("keys");
}
