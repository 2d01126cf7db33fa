//! A signature against a package's bytes and the signers that are known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hostler_contract::escape_bounded;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::pkcs7::{Pkcs7, Pkcs7Flags};
use openssl::stack::Stack;
use openssl::x509::{X509, X509Ref};
use serde::{Deserialize, Serialize};

use super::Signer;

/// Largest signature, in bytes of base64.
const MAX_SIGNATURE: usize = 256 << 10;

/// Longest name of a certificate, in bytes.
const MAX_NAME: usize = 200;

/// What was verified of a package's signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Signed {
    /// It has none.
    #[default]
    Unsigned,
    /// It has one, and no signer is known that it could be verified against.
    Unchecked,
    /// It is that signer's.
    Verified {
        /// The signer, as the policy names it.
        signer: String,
        /// The subject of the certificate, where it can be told.
        certificate: Option<String>,
    },
    /// It does not verify.
    Bad {
        /// Why.
        why: String,
    },
}

impl Signed {
    /// In one word: `unsigned`, `unchecked`, `verified` or `bad`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Unchecked => "unchecked",
            Self::Verified { .. } => "verified",
            Self::Bad { .. } => "bad",
        }
    }

    /// The signer that it was verified to be of.
    pub fn signer(&self) -> Option<&str> {
        match self {
            Self::Verified { signer, .. } => Some(signer),
            Self::Unsigned | Self::Unchecked | Self::Bad { .. } => None,
        }
    }

    /// For people.
    pub fn describe(&self) -> String {
        match self {
            Self::Unsigned => "unsigned".to_owned(),
            Self::Unchecked => "signed, not verified: no signer is named in the policy".to_owned(),
            Self::Verified { signer, certificate } => {
                let certificate = certificate
                    .as_ref()
                    .map(|name| format!(" ({name})"))
                    .unwrap_or_default();
                format!("signed by {signer}{certificate}")
            }
            Self::Bad { why } => format!("its signature does not verify: {why}"),
        }
    }
}

/// Verifies `encoded`, base64 of CMS detached over `package`, against `signers`; an empty one is none.
pub fn verify(encoded: Option<&str>, package: &[u8], signers: &[Signer]) -> Signed {
    let Some(encoded) = encoded.map(str::trim).filter(|text| !text.is_empty()) else {
        return Signed::Unsigned;
    };
    if signers.is_empty() {
        return Signed::Unchecked;
    }
    match verified(encoded, package, signers) {
        Ok((signer, certificate)) => Signed::Verified {
            signer: signer.to_owned(),
            certificate,
        },
        Err(why) => Signed::Bad { why },
    }
}

type Verified<'s> = (&'s str, Option<String>);

fn verified<'s>(encoded: &str, package: &[u8], signers: &'s [Signer]) -> Result<Verified<'s>, String> {
    const NO_CMS: &str = "it is not base64 of CMS in DER";
    if encoded.len() > MAX_SIGNATURE {
        return Err(format!("it is larger than {MAX_SIGNATURE} bytes"));
    }
    let text: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(text).map_err(|_| NO_CMS)?;
    let name = certificate(&der).map(|certificate| subject(&certificate));
    let holds = |store: Option<&openssl::x509::store::X509StoreRef>| -> Result<bool, String> {
        let mut cms = CmsContentInfo::from_der(&der).map_err(|_| NO_CMS)?;
        let mut options = CMSOptions::BINARY;
        options.set(CMSOptions::NO_SIGNER_CERT_VERIFY, store.is_none());
        Ok(cms.verify(None, store, Some(package), None, options).is_ok())
    };
    if !holds(None)? {
        return Err("it is over other bytes than the package's, or does not hold its signer's certificate".to_owned());
    }
    for signer in signers {
        let store = signer.store(signer.check_time).map_err(|_| unusable(signer))?;
        if holds(Some(&store))? {
            return Ok((&signer.name, name));
        }
    }
    let whose = name.map(|name| format!(" of {name}")).unwrap_or_default();
    for signer in signers.iter().filter(|signer| signer.check_time) {
        let store = signer.store(false).map_err(|_| unusable(signer))?;
        if holds(Some(&store))? {
            return Err(format!(
                "the certificate{whose} leads to a root of {}, and is not valid at this time",
                signer.name
            ));
        }
    }
    let names: Vec<&str> = signers.iter().map(|signer| signer.name.as_str()).collect();
    Err(format!(
        "the certificate{whose} leads to no root of {}",
        names.join(", ")
    ))
}

fn unusable(signer: &Signer) -> String {
    format!("the roots of {} cannot be used", signer.name)
}

/// The certificate of the signer, for people alone: of a signature that names it by its key only, it is not told.
fn certificate(der: &[u8]) -> Option<X509> {
    let none: Stack<X509> = Stack::new().ok()?;
    let signers = Pkcs7::from_der(der).ok()?.signers(&none, Pkcs7Flags::empty()).ok()?;
    signers.into_iter().next()
}

/// What it is for, as in `O=Example, CN=Publisher`.
fn subject(certificate: &X509Ref) -> String {
    let parts = certificate.subject_name().entries().filter_map(|entry| {
        let name = entry.object().nid().short_name().ok()?;
        let value = entry.data().to_string().ok()?;
        Some(format!("{name}={value}"))
    });
    escape_bounded(&parts.collect::<Vec<_>>().join(", "), MAX_NAME)
}
