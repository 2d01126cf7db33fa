//! Whether a version manifest is what a repository says that it is. Asks no clock, no file and no network.

use hostler_contract::repository_index::INDEX_FILE;
use hostler_contract::{Code, Finding, Place, Refused, RepositoryIndex, SignedIndex, Source, codes};
use sha2::Digest as _;

use super::{RepositoryKeys, SeenIndex};

/// An index that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    index: RepositoryIndex,
    digest: String,
}

/// Reads the index in `bytes` and judges it as of `now` (in seconds since 1970). `seen` gives what was seen before of a key
/// ([`SeenIndex::key`]).
///
/// # Errors
/// `repo.index` for what is none; `repo.signature` where no key of `keys` signed it; `repo.expired`; `repo.rollback` for one
/// older than what was seen, and for another one of the same number. Only what is signed is looked at any further.
pub fn judge(
    bytes: &[u8],
    keys: &RepositoryKeys,
    now: i64,
    seen: impl FnOnce(&str) -> Option<SeenIndex>,
) -> Result<Judged, Refused> {
    let signed = SignedIndex::parse(Source::new(INDEX_FILE, bytes))?;
    if !keys.signed(&signed) {
        let named: Vec<&str> = signed.signatures.iter().map(|by| by.key.as_str()).take(4).collect();
        let what = match named.is_empty() {
            true => "nobody signed it".to_owned(),
            false => format!(
                "it has no good signature by a key that was told; it names {}",
                named.join(", ")
            ),
        };
        let hint = "check the file of --repository-key, and who answers for this location";
        return Err(refuse(codes::REPO_SIGNATURE, what, hint));
    }
    let index = signed.content(INDEX_FILE)?;
    if index.expires <= now {
        let what = format!("it held until {} s after 1970, and it is {now}", index.expires);
        let hint = "the repository signs a new one before that: look whether it runs, whether the mirror is fed, and at this machine's clock";
        return Err(refuse(codes::REPO_EXPIRED, what, hint));
    }
    let digest = hex::encode(sha2::Sha256::digest(signed.signed.as_bytes()));
    if let Some(seen) = seen(&SeenIndex::key(&index.repository, &index.region)) {
        let what = match index.version.cmp(&seen.version) {
            std::cmp::Ordering::Less => Some(format!(
                "it is number {}, and number {} was seen",
                index.version, seen.version
            )),
            std::cmp::Ordering::Equal if seen.digest != digest => Some(format!(
                "it is number {}, and so was another one that was seen",
                index.version
            )),
            _ => None,
        };
        if let Some(what) = what {
            let hint = "an old copy is served: look at the mirror or the cache in between";
            return Err(refuse(codes::REPO_ROLLBACK, what, hint));
        }
    }
    Ok(Judged { index, digest })
}

impl Judged {
    /// The key of what is to be remembered of it, and that.
    pub fn seen(&self) -> (String, SeenIndex) {
        let seen = SeenIndex {
            version: self.index.version,
            digest: self.digest.clone(),
        };
        (SeenIndex::key(&self.index.repository, &self.index.region), seen)
    }

    /// Refuses a version manifest, the file `name` of `size` bytes with this digest, that is not in the index as it is.
    ///
    /// # Errors
    /// `repo.unlisted` and `repo.digest`.
    pub fn lists(&self, name: &str, size: u64, sha256: [u8; 32]) -> Result<(), Refused> {
        let found = hex::encode(sha256);
        let Some(files) = self.index.files.get(name) else {
            let (region, what) = (&self.index.region, format!("it does not list {name}"));
            return Err(refuse(
                codes::REPO_UNLISTED,
                what,
                format!("it is the index of the region {region}; name a version manifest of it"),
            ));
        };
        match files.iter().any(|file| file.size == size && file.sha256 == found) {
            true => Ok(()),
            false => {
                let what = format!("it does not list {name} with {size} bytes and the SHA-256 {found}");
                let hint = "the manifest is another one, or index and manifest are not of the same time: try again, then look at the mirror";
                Err(refuse(codes::REPO_DIGEST, what, hint))
            }
        }
    }
}

fn refuse(code: Code, what: String, hint: impl AsRef<str>) -> Refused {
    Finding::refusal(code, INDEX_FILE, Place::Whole, what, hint).into()
}

#[cfg(test)]
mod tests {
    use hostler_contract::repository_index::{INDEX_KIND, IndexSignature, IndexedFile};
    use hostler_contract::{RepositoryIndex, SignedIndex, Source};
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    use super::{Judged, judge};
    use crate::repository::{RepositoryKeys, SeenIndex};

    const NOW: i64 = 1_800_000_000;
    const MANIFEST: &str = "Contoso_Demo_westus_manifest.xml";

    struct Repository(Ed25519KeyPair);

    impl Repository {
        fn new() -> Self {
            let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
            Self(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
        }

        fn public(&self) -> String {
            hex::encode(self.0.public_key())
        }

        fn keys(&self) -> RepositoryKeys {
            RepositoryKeys::parse(Source::new("keys", self.public().as_bytes())).unwrap()
        }

        fn sign(&self, signed: &str) -> IndexSignature {
            IndexSignature {
                key: self.public(),
                signature: hex::encode(self.0.sign(&SignedIndex::signed_bytes(signed))),
            }
        }

        fn index(&self, version: u64, expires: i64, content: &[u8]) -> SignedIndex {
            let index = RepositoryIndex {
                kind: INDEX_KIND.to_owned(),
                repository: "r".to_owned(),
                region: "westus".to_owned(),
                version,
                expires,
                files: [(MANIFEST.to_owned(), vec![indexed(content)])].into(),
            };
            let signed = index.to_signed_text();
            SignedIndex {
                signatures: vec![self.sign(&signed)],
                signed,
            }
        }
    }

    fn digest(content: &[u8]) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::digest(content).into()
    }

    fn indexed(content: &[u8]) -> IndexedFile {
        IndexedFile {
            sha256: hex::encode(digest(content)),
            size: content.len() as u64,
        }
    }

    fn judged(index: &SignedIndex, keys: &RepositoryKeys, seen: Option<&Judged>) -> Result<Judged, String> {
        let seen = |key: &str| seen.map(Judged::seen).filter(|(of, _)| of == key).map(|(_, seen)| seen);
        judge(index.to_json().as_bytes(), keys, NOW, seen).map_err(|refused| refused.to_string())
    }

    /// REP-15, REP-16, REP-17: the ways to serve a host something that is good by itself.
    #[test]
    fn rep_15_rep_16_rep_17_what_is_signed_and_new_holds() {
        let ours = Repository::new();
        let keys = ours.keys();
        let first = judged(&ours.index(7, NOW + 1, b"a"), &keys, None).unwrap();
        let refused = |index: &SignedIndex, seen: Option<&Judged>, code: &str| {
            let said = judged(index, &keys, seen).unwrap_err();
            assert!(said.contains(code), "{said}");
        };
        // Rollback, and two truths of one number.
        refused(&ours.index(6, NOW + 1, b"a"), Some(&first), "repo.rollback");
        refused(&ours.index(7, NOW + 1, b"b"), Some(&first), "repo.rollback");
        judged(&ours.index(7, NOW + 1, b"a"), &keys, Some(&first)).unwrap();
        judged(&ours.index(8, NOW + 1, b"b"), &keys, Some(&first)).unwrap();
        // Freeze.
        refused(&ours.index(9, NOW, b"a"), None, "repo.expired");
        // Another key, no key, a good signature of another text, and the name of our key on another's signature.
        refused(&Repository::new().index(9, NOW + 1, b"a"), None, "repo.signature");
        let mut index = ours.index(9, NOW + 1, b"a");
        index.signatures.clear();
        refused(&index, None, "repo.signature");
        let mut index = ours.index(9, NOW + 1, b"a");
        index.signed = index.signed.replace("westus", "eastus");
        refused(&index, None, "repo.signature");
        let other = Repository::new();
        let mut index = other.index(9, NOW + 1, b"a");
        index.signatures.iter_mut().for_each(|by| by.key = ours.public());
        refused(&index, None, "repo.signature");
        // Another manifest, one cut short, one of another extension or region.
        let lists = |name: &str, content: &[u8]| {
            let listed = first.lists(name, content.len() as u64, digest(content));
            listed.map_err(|refused| refused.first().code().name())
        };
        assert_eq!(lists(MANIFEST, b"a"), Ok(()));
        assert_eq!(lists(MANIFEST, b"b"), Err("repo.digest"));
        assert_eq!(lists(MANIFEST, b""), Err("repo.digest"));
        assert_eq!(lists("Contoso_Demo_eastus_manifest.xml", b"a"), Err("repo.unlisted"));
    }

    /// While a key is replaced both sign; a host that knows either is served, one that knows neither is not.
    #[test]
    fn rep_16_a_key_can_be_replaced() {
        let (old, new, neither) = (Repository::new(), Repository::new(), Repository::new());
        let mut index = old.index(7, NOW + 1, b"a");
        index.signatures.push(new.sign(&index.signed));
        judged(&index, &old.keys(), None).unwrap();
        judged(&index, &new.keys(), None).unwrap();
        judged(&index, &neither.keys(), None).unwrap_err();
        index.signatures.remove(0);
        judged(&index, &old.keys(), None).unwrap_err();
    }

    #[test]
    fn what_was_seen_is_kept_apart_by_repository_and_region() {
        assert_ne!(SeenIndex::key("r", "westus"), SeenIndex::key("r", "eastus"));
    }
}
