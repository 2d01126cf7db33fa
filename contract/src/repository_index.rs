//! The signed index of a repository: what its version manifests are, until when that holds, and who says so.
//!
//! One file, `hostler-index.json`, lies beside the version manifests of a region. In it the index itself is a text, so
//! that what was signed is exactly what is read, and beside it are the signatures (ed25519 over the bytes of that text). It lists
//! each version manifest with its digest and length; the manifest does so for each package. This crate reads and writes the
//! documents. Who signs, and whether a signature is good, is not its business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Finding, Place, Refused, Source, codes};

/// File name of an index.
pub const INDEX_FILE: &str = "hostler-index.json";
/// Most bytes of an index that are read.
pub const MAX_INDEX_BYTES: usize = 16 * 1024 * 1024;
/// What an index says that it is.
pub const INDEX_KIND: &str = "hostler-index-1";
/// Most signatures of one index.
pub const MAX_INDEX_SIGNATURES: usize = 16;
/// What stands before the bytes of the index in what is signed, so that a signature is good for nothing else.
const SIGNED_AS: &[u8] = b"hostler-index-1\n";

/// An index as it lies in its file: nobody has looked at its signatures yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIndex {
    /// The index as text.
    pub signed: String,
    /// Who signed it.
    pub signatures: Vec<IndexSignature>,
}

/// A signature of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexSignature {
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// The signature, 128 hexadecimal digits.
    pub signature: String,
}

/// What an index says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryIndex {
    /// [`INDEX_KIND`].
    pub kind: String,
    /// The name of the repository: a text that no other repository has.
    pub repository: String,
    /// The region, as in names of files.
    pub region: String,
    /// Goes up with every index of this region.
    pub version: u64,
    /// When it stops to hold, in seconds since 1970 (UTC).
    pub expires: i64,
    /// Each version manifest by its file name, with what it may be: one, or two while it is being replaced.
    pub files: BTreeMap<String, Vec<IndexedFile>>,
}

/// What a file may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedFile {
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
}

impl SignedIndex {
    /// Reads an index with its signatures.
    ///
    /// # Errors
    /// `repo.index` for more than 16 MiB, what is not JSON of this shape, and more than 16 signatures.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        if source.bytes.len() > MAX_INDEX_BYTES {
            let what = format!("it has {} bytes", source.bytes.len());
            return Err(refuse(source.file, Place::Whole, what));
        }
        let index: Self = serde_json::from_slice(source.bytes).map_err(|e| json(source.file, &e))?;
        match index.signatures.len() {
            0..=MAX_INDEX_SIGNATURES => Ok(index),
            many => Err(refuse(source.file, Place::Whole, format!("it has {many} signatures"))),
        }
    }

    /// The bytes that a signature is made over.
    pub fn signed_bytes(signed: &str) -> Vec<u8> {
        [SIGNED_AS, signed.as_bytes()].concat()
    }

    /// The index as a file.
    pub fn to_json(&self) -> String {
        // Maps of texts and numbers always are JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What the index says. For whoever found a signature of it good; `file` is what findings call it.
    ///
    /// # Errors
    /// `repo.index` for what is no index, or one of another kind.
    pub fn content(&self, file: &str) -> Result<RepositoryIndex, Refused> {
        let index: RepositoryIndex = serde_json::from_str(&self.signed).map_err(|e| json(file, &e))?;
        match index.kind.as_str() {
            INDEX_KIND => Ok(index),
            other => Err(refuse(
                file,
                Place::Json("$.kind".to_owned()),
                format!("it is `{other}`"),
            )),
        }
    }
}

impl RepositoryIndex {
    /// The index as the text that is signed.
    pub fn to_signed_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn json(file: &str, error: &serde_json::Error) -> Refused {
    let place = match error.line() {
        0 => Place::Whole,
        line => Place::Text {
            line,
            column: error.column(),
        },
    };
    refuse(file, place, format!("it is not an index: {error}"))
}

fn refuse(file: &str, place: Place, what: String) -> Refused {
    let hint = format!(
        "fetch {INDEX_FILE} from the repository again; it writes `kind` as `{INDEX_KIND}`, with at most 16 signatures"
    );
    Finding::refusal(codes::REPO_INDEX, file, place, what, hint).into()
}

#[cfg(test)]
mod tests {
    use super::{INDEX_KIND, RepositoryIndex, SignedIndex};
    use crate::Source;

    fn read(text: &str) -> Result<RepositoryIndex, String> {
        let signed = SignedIndex::parse(Source::new("i", text.as_bytes())).map_err(|e| e.to_string())?;
        signed.content("i").map_err(|e| e.to_string())
    }

    #[test]
    fn an_index_is_read_as_it_was_written() {
        let index = RepositoryIndex {
            kind: INDEX_KIND.to_owned(),
            repository: "abc".to_owned(),
            region: "westus".to_owned(),
            version: 7,
            expires: 1_800_000_000,
            files: [("a_b_westus_manifest.xml".to_owned(), Vec::new())].into(),
        };
        let signed = SignedIndex {
            signed: index.to_signed_text(),
            signatures: Vec::new(),
        };
        assert_eq!(read(&signed.to_json()), Ok(index));
    }

    #[test]
    fn what_is_no_index_is_refused_with_its_place() {
        for (text, says) in [
            ("", "i:1:0"),
            ("[]", "not an index"),
            (r#"{"signed": "{}"}"#, "missing field `signatures`"),
            (r#"{"signed": "{}", "signatures": []}"#, "missing field `kind`"),
            (
                r#"{"signed": "{\"kind\": \"other\", \"repository\": \"\", \"region\": \"\", \"version\": 1, \"expires\": 0, \"files\": {}}", "signatures": []}"#,
                "it is `other`",
            ),
            (r#"{"signed": "{\"version\": -1}", "signatures": []}"#, "invalid value"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(says), "{text}: {said}");
            assert!(said.contains("repo.index"), "{said}");
        }
    }
}
