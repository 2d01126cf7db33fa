//! Why protected settings cannot be handed over.

use std::path::PathBuf;

use hostler_contract::{Code, Finding, Place, codes, escape_bounded};

/// Most thumbprints that are named.
const MAX_NAMED: usize = 8;

/// Why protected settings were not opened. None of these shows anything of what they hold, nor of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretFailure {
    /// The thumbprint is none; it was not used as a part of any path (SET-01).
    #[error("the thumbprint `{}` is not 40 of the characters 0-9 and A-F", escape_bounded(.0, 80))]
    Thumbprint(String),
    /// There is no certificate, or no key, of that thumbprint (SET-02).
    #[error("there is no {missing} for the certificate with thumbprint {wanted} in {}{}", folder.display(), in_words(.present))]
    NotFound {
        /// What was asked for.
        wanted: String,
        /// The name of the file that is missing.
        missing: String,
        /// The thumbprints of which certificate and key are there.
        present: Vec<String>,
        /// Where was looked.
        folder: PathBuf,
    },
    /// A file of a certificate or key cannot be used.
    #[error("{} cannot be used: {why}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// They are not CMS for that certificate: one text for whatever is wrong, since more would tell an attacker
    /// something about the key (SET-03, SET-04).
    #[error("they are not base64 of CMS EnvelopedData that the key of certificate {0} opens")]
    Cms(String),
    /// What was opened is larger than [`MAX_PROTECTED_BYTES`](super::MAX_PROTECTED_BYTES).
    #[error("they have {0} bytes when opened, and at most {max} can be", max = super::MAX_PROTECTED_BYTES)]
    Size(usize),
    /// What was opened is no JSON object.
    #[error("they were opened, and {0}")]
    Json(String),
}

impl SecretFailure {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Thumbprint(_) => codes::SETTINGS_THUMBPRINT,
            Self::NotFound { .. } => codes::SETTINGS_KEY_NOT_FOUND,
            Self::Key { .. } => codes::SETTINGS_KEY,
            Self::Cms(_) => codes::SETTINGS_CMS,
            Self::Size(_) => codes::SETTINGS_PROTECTED_SIZE,
            Self::Json(_) => codes::SETTINGS_PROTECTED_JSON,
        }
    }

    /// What would be right.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Thumbprint(_) => "write the SHA-1 of the certificate in upper-case hexadecimal, without separators",
            Self::NotFound { .. } => {
                "put <thumbprint>.crt and <thumbprint>.prv there, or encrypt for a certificate that is there"
            }
            Self::Key { .. } => "write certificate and key as PEM, each in a file that only its owner can read",
            Self::Cms(_) => {
                "encrypt them again, for the certificate with that thumbprint, as `hostler settings seal` does"
            }
            Self::Size(_) => "leave out what need not be secret",
            Self::Json(_) => "encrypt a JSON object in UTF-8",
        }
    }

    /// The refusal of `file`, whose protected settings these are.
    pub fn finding(&self, file: &str) -> Finding {
        let what = format!("its protected settings cannot be opened: {self}");
        Finding::refusal(self.code(), file, Place::Whole, what, self.hint())
    }
}

/// Which thumbprints there are, in words.
fn in_words(thumbprints: &[String]) -> String {
    if thumbprints.is_empty() {
        return ", which has no certificate with its key".to_owned();
    }
    let named = thumbprints.iter().take(MAX_NAMED).map(String::as_str);
    let more = thumbprints.len().saturating_sub(MAX_NAMED);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(", which has {}{more}", named.collect::<Vec<_>>().join(", "))
}
