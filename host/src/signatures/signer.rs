//! Who may sign, as the operator names them.

use std::path::PathBuf;

use openssl::error::ErrorStack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509PurposeId};

/// A signer: the name that rules and reports call it by, and the certificates that its own have to lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signer {
    /// Its name.
    pub name: String,
    /// Files with certificates in PEM: of an authority, or the signer's own.
    pub roots: Vec<PathBuf>,
    /// Whether a certificate counts only while it is valid. The native agent does not ask.
    pub check_time: bool,
    /// What is in those files, in DER.
    certificates: Vec<Vec<u8>>,
}

impl Signer {
    /// A signer whose certificates are still to be taken.
    pub fn new(name: String, roots: Vec<PathBuf>, check_time: bool) -> Self {
        Self {
            name,
            roots,
            check_time,
            certificates: vec![],
        }
    }

    /// Takes the certificates in `pem`, what one of its files holds.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn take(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let certificates = X509::stack_from_pem(pem).map_err(|_| "it is not a list of certificates in PEM")?;
        if certificates.is_empty() {
            return Err("there is no certificate in it");
        }
        for certificate in certificates {
            let der = certificate.to_der().map_err(|_| "a certificate in it cannot be used")?;
            self.certificates.push(der);
        }
        Ok(())
    }

    /// What a chain has to end in. Of any purpose, as in the agent (contract 8.7); one that was named itself is trusted
    /// though another signed it.
    pub(super) fn store(&self, check_time: bool) -> Result<X509Store, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        for certificate in &self.certificates {
            store.add_cert(X509::from_der(certificate)?)?;
        }
        let mut flags = X509VerifyFlags::PARTIAL_CHAIN;
        flags.set(X509VerifyFlags::NO_CHECK_TIME, !check_time);
        store.set_flags(flags)?;
        store.set_purpose(X509PurposeId::ANY)?;
        Ok(store.build())
    }
}
