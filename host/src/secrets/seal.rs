//! Protected settings made for a certificate: what `hostler settings seal` does, and a trial with a key of its own.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use zeroize::Zeroizing;

use super::{Keys, Secret, envelope};

/// Why protected settings were not made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The certificate is none.
    #[error("it is not a certificate in PEM or DER")]
    Certificate,
    /// It is for a key that cannot encrypt.
    #[error("nothing can be encrypted for it; a certificate for an RSA key is needed")]
    Recipient,
    /// OpenSSL, or a file.
    #[error("a key and a certificate cannot be made: {0}")]
    Made(String),
}

/// Encrypted settings and the thumbprint that goes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// `protectedSettings`: base64 of CMS EnvelopedData.
    pub protected: String,
    /// `protectedSettingsCertThumbprint`.
    pub thumbprint: String,
}

/// Encrypts `secret` for the certificate in `certificate`, PEM or DER.
///
/// # Errors
///
/// [`SealError`].
pub fn seal(secret: &Secret, certificate: &[u8]) -> Result<Sealed, SealError> {
    let certificate = X509::from_pem(certificate)
        .or_else(|_| X509::from_der(certificate))
        .map_err(|_| SealError::Certificate)?;
    let thumbprint = thumbprint(&certificate).map_err(|_| SealError::Certificate)?;
    let blob = envelope::make(secret.expose(), certificate).map_err(|_| SealError::Recipient)?;
    Ok(Sealed {
        protected: STANDARD.encode(blob),
        thumbprint,
    })
}

fn thumbprint(certificate: &X509) -> Result<String, ErrorStack> {
    Ok(hex::encode_upper(certificate.digest(MessageDigest::sha1())?))
}

/// A certificate and its key, made for one trial.
pub struct ThrowAwayKey {
    certificate: X509,
    key: PKey<Private>,
}

impl ThrowAwayKey {
    /// A new RSA key of 2048 bits with a certificate of its own, good for a day.
    ///
    /// # Errors
    ///
    /// [`SealError::Made`].
    pub fn generate() -> Result<Self, SealError> {
        let made = || -> Result<Self, ErrorStack> {
            let key = PKey::from_rsa(Rsa::generate(2048)?)?;
            let mut name = X509NameBuilder::new()?;
            name.append_entry_by_text("CN", "hostler trial")?;
            let name = name.build();
            let mut serial = BigNum::new()?;
            serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
            let mut builder = X509::builder()?;
            builder.set_version(2)?;
            let serial = serial.to_asn1_integer()?;
            builder.set_serial_number(&serial)?;
            builder.set_subject_name(&name)?;
            builder.set_issuer_name(&name)?;
            let (from, to) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(1)?);
            builder.set_not_before(&from)?;
            builder.set_not_after(&to)?;
            builder.set_pubkey(&key)?;
            builder.sign(&key, MessageDigest::sha256())?;
            Ok(Self {
                certificate: builder.build(),
                key,
            })
        };
        made().map_err(|error| SealError::Made(error.to_string()))
    }

    /// Encrypts `secret` for it.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal(&self, secret: &Secret) -> Result<Sealed, SealError> {
        let pem = self.certificate.to_pem().map_err(|_| SealError::Certificate)?;
        seal(secret, &pem)
    }

    /// Writes both files into `folder`, which belongs to the trial, and returns its keys.
    ///
    /// # Errors
    ///
    /// [`SealError::Made`].
    pub fn put_in(&self, folder: &Path) -> Result<Keys, SealError> {
        let made = |error: &dyn std::error::Error| SealError::Made(error.to_string());
        let thumbprint = thumbprint(&self.certificate).map_err(|error| made(&error))?;
        let certificate = self.certificate.to_pem().map_err(|error| made(&error))?;
        let key = Zeroizing::new(self.key.private_key_to_pem_pkcs8().map_err(|error| made(&error))?);
        for (extension, bytes) in [("crt", &certificate), ("prv", &*key)] {
            let path = folder.join(format!("{thumbprint}.{extension}"));
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            let written = options.open(path).and_then(|mut file| file.write_all(bytes));
            written.map_err(|error| made(&error))?;
        }
        Ok(Keys::open_folder(folder))
    }
}
