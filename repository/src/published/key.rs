//! Keys that indexes are signed with (ed25519).

use std::fmt;

use hostler_contract::SignedIndex;
use hostler_contract::repository_index::IndexSignature;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// What is wrong with a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no key.
    #[error("{0} is not a key for an index (ed25519, PKCS #8)")]
    NoKey(String),
    /// The system gives no random numbers.
    #[error("no key can be made: the system gives no random numbers")]
    Random,
    /// There is no such key.
    #[error("there is no key {0}")]
    Unknown(String),
    /// The folder of keys, or a file in it.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A key that signs.
pub struct IndexKey {
    pair: Ed25519KeyPair,
}

impl IndexKey {
    /// A new key: its bytes for keeping, as PKCS #8.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Vec<u8>, KeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::Random)?;
        Ok(document.as_ref().to_vec())
    }

    /// The key in `bytes`; `name` is what an error calls it.
    ///
    /// # Errors
    /// [`KeyError::NoKey`].
    pub fn from_pkcs8(name: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(bytes).map_err(|_| KeyError::NoKey(name.to_owned()))?;
        Ok(Self { pair })
    }

    /// The public half, 64 lower-case hexadecimal digits: what hosts are told, and what the key is called.
    pub fn public(&self) -> String {
        hex::encode(self.pair.public_key())
    }

    /// Signs the text of an index.
    pub fn sign(&self, signed: &str) -> IndexSignature {
        let signature = self.pair.sign(&SignedIndex::signed_bytes(signed));
        IndexSignature {
            key: self.public(),
            signature: hex::encode(signature),
        }
    }
}

impl fmt::Debug for IndexKey {
    /// The public half alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexKey({})", self.public())
    }
}

/// Whether one of the signatures of `index` is by one of the public keys `told`, and good.
pub(super) fn is_signed(index: &SignedIndex, told: &[String]) -> bool {
    index.signatures.iter().any(|by| {
        let known = told.iter().any(|key| key.eq_ignore_ascii_case(&by.key));
        let (Ok(key), Ok(signature)) = (hex::decode(&by.key), hex::decode(&by.signature)) else {
            return false;
        };
        let key = UnparsedPublicKey::new(&ED25519, key);
        known
            && key
                .verify(&SignedIndex::signed_bytes(&index.signed), &signature)
                .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use hostler_contract::SignedIndex;

    use super::{IndexKey, is_signed};

    #[test]
    fn a_signature_is_good_for_its_key_and_its_text() {
        let [mine, other] = [(); 2].map(|()| IndexKey::from_pkcs8("k", &IndexKey::generate().unwrap()).unwrap());
        let index = SignedIndex {
            signed: "text".to_owned(),
            signatures: vec![mine.sign("text")],
        };
        assert!(is_signed(&index, &[other.public(), mine.public().to_uppercase()]));
        assert!(!is_signed(&index, &[other.public()]));
        let changed = SignedIndex {
            signed: "Text".to_owned(),
            ..index.clone()
        };
        assert!(!is_signed(&changed, &[mine.public()]));
        let mut renamed = index;
        renamed.signatures.first_mut().unwrap().key = other.public();
        assert!(!is_signed(&renamed, &[other.public()]), "a key's name is not enough");
        assert!(IndexKey::from_pkcs8("k", b"not a key").is_err());
    }
}
