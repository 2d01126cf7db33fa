//! A signature made: what a publisher does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// What should be certificates is none.
    #[error("it is not a certificate in PEM, with those between it and its root behind it")]
    Certificate,
    /// What should be a key is none.
    #[error("it is not a private key in PEM without a passphrase")]
    Key,
    /// They do not belong together.
    #[error("the key is not that of the certificate")]
    Pair,
    /// OpenSSL could not sign.
    #[error("nothing can be signed with it")]
    Failed,
}

/// Signs `package` with the first certificate in `certificates` and its `key`, both PEM: base64 of CMS in DER, detached, with
/// all of the certificates, as a goal state's `encodedSignature` has it.
///
/// # Errors
///
/// [`SignError`].
pub fn sign(package: &[u8], certificates: &[u8], key: &[u8]) -> Result<String, SignError> {
    let mut chain = X509::stack_from_pem(certificates)
        .map_err(|_| SignError::Certificate)?
        .into_iter();
    let certificate = chain.next().ok_or(SignError::Certificate)?;
    // Without a passphrase: nobody is there who could be asked.
    let key = PKey::private_key_from_pem_passphrase(key, b"").map_err(|_| SignError::Key)?;
    if !certificate.public_key().is_ok_and(|public| public.public_eq(&key)) {
        return Err(SignError::Pair);
    }
    let mut others = Stack::new().map_err(|_| SignError::Failed)?;
    for other in chain {
        others.push(other).map_err(|_| SignError::Failed)?;
    }
    let options = CMSOptions::BINARY | CMSOptions::DETACHED | CMSOptions::NOSMIMECAP;
    let made = CmsContentInfo::sign(Some(&certificate), Some(&key), Some(&others), Some(package), options);
    let der = made.and_then(|cms| cms.to_der()).map_err(|_| SignError::Failed)?;
    Ok(STANDARD.encode(der))
}
