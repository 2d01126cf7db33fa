//! CMS EnvelopedData, made and opened by OpenSSL: DER and BER, of `openssl cms` and of `openssl smime`.

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;

/// Opens `blob`. The certificate is handed over, so that a blob for another recipient is an error and not made-up bytes.
///
/// # Errors
///
/// What OpenSSL says, which is not for others to see.
pub(super) fn open(blob: &[u8], certificate: &X509, key: &PKeyRef<Private>) -> Result<Vec<u8>, ErrorStack> {
    CmsContentInfo::from_der(blob)?.decrypt(key, certificate)
}

/// Encrypts `content` for `certificate` with AES-256-CBC, as DER.
///
/// # Errors
///
/// A certificate whose key cannot encrypt.
pub(super) fn make(content: &[u8], certificate: X509) -> Result<Vec<u8>, ErrorStack> {
    let mut recipients = Stack::new()?;
    recipients.push(certificate)?;
    CmsContentInfo::encrypt(&recipients, content, Cipher::aes_256_cbc(), CMSOptions::BINARY)?.to_der()
}
