//! The keys that an operator trusts to sign indexes.

use hostler_contract::{Finding, Place, Refused, SignedIndex, Source, codes};
use ring::signature::{ED25519, UnparsedPublicKey};

/// Most bytes of a file of keys.
pub const MAX_KEYS_BYTES: usize = 16 * 1024;
/// Most keys.
const MAX_KEYS: usize = 64;

/// Public keys (ed25519), of which any may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryKeys(Vec<[u8; 32]>);

impl RepositoryKeys {
    /// Reads keys: one a line, 64 hexadecimal digits. Blank lines are left out, and what follows a `#`.
    ///
    /// # Errors
    /// `repo.key` for a line that is none, no key at all, more than 64 of them, and more than 16 KiB.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let refuse = |place: Place, what: &str| {
            let hint =
                "write one key a line, the 64 hexadecimal digits that `hostler-repository index key list` prints";
            Refused::new(Finding::refusal(codes::REPO_KEY, source.file, place, what, hint))
        };
        let text = match std::str::from_utf8(source.bytes) {
            Ok(text) if text.len() <= MAX_KEYS_BYTES => text,
            Ok(_) => return Err(refuse(Place::Whole, "it has more than 16384 bytes")),
            Err(_) => return Err(refuse(Place::Whole, "it is not text")),
        };
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let mut key = [0; 32];
            if hex::decode_to_slice(line, &mut key).is_err() {
                let place = Place::Text {
                    line: index + 1,
                    column: 1,
                };
                return Err(refuse(place, "this is not a key"));
            }
            keys.push(key);
        }
        match keys.len() {
            0 => Err(refuse(Place::Whole, "there is no key in it")),
            1..=MAX_KEYS => Ok(Self(keys)),
            _ => Err(refuse(Place::Whole, "there are more than 64 keys in it")),
        }
    }

    /// Whether one of these keys signed `index`. What a signature says of its key only finds the key; it is trusted for
    /// nothing.
    pub(super) fn signed(&self, index: &SignedIndex) -> bool {
        let bytes = SignedIndex::signed_bytes(&index.signed);
        index.signatures.iter().any(|by| {
            let Ok(signature) = hex::decode(&by.signature) else {
                return false;
            };
            let named = self
                .0
                .iter()
                .filter(|key| by.key.eq_ignore_ascii_case(&hex::encode(key)));
            named
                .into_iter()
                .any(|key| UnparsedPublicKey::new(&ED25519, key).verify(&bytes, &signature).is_ok())
        })
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::Source;

    use super::RepositoryKeys;

    #[test]
    fn a_file_of_keys_says_where_it_is_wrong() {
        let key = "ab".repeat(32);
        let read = |text: &str| RepositoryKeys::parse(Source::new("keys", text.as_bytes())).map_err(|e| e.to_string());
        assert_eq!(
            read(&format!("# ours\n\n{key} # of 2026\n{}", key.to_uppercase()))
                .unwrap()
                .0
                .len(),
            2
        );
        for (text, says) in [
            (String::new(), "no key in it"),
            ("# nothing".to_owned(), "no key in it"),
            (format!("{key}\nxyz"), "keys:2:1: this is not a key"),
            (format!("{key}00"), "keys:1:1"),
            (format!("{key}\n").repeat(65), "more than 64"),
            (" ".repeat(20_000), "more than 16384"),
        ] {
            let said = read(&text).unwrap_err();
            assert!(said.contains(says) && said.contains("repo.key"), "{said}");
        }
    }
}
