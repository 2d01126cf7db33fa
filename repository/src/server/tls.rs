//! The server's own certificate, and what it agrees to in a handshake.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::client_certificate::AnyCertificate;

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read or written.
    #[error("{path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file has no certificate or no key in it.
    #[error("{path}: {what}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        what: String,
    },
    /// Certificate and key do not go together, or are of a kind that is not known.
    #[error("the certificate and the key cannot be used")]
    Unusable(#[from] rustls::Error),
    /// No certificate could be made.
    #[error("no certificate could be made")]
    Make(#[from] rcgen::Error),
}

/// Files with the server's certificate, those that signed it after it, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificates, in PEM form.
    pub certificate: PathBuf,
    /// The key, in PEM form.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// A certificate that nobody signed, in `data/tls`, for this machine under its usual names and for `host`. It is
    /// made once, and made anew only if it is for another host.
    ///
    /// # Errors
    /// When the files cannot be read or written.
    pub fn self_signed(data: &Path, host: &str) -> Result<Self, TlsError> {
        let folder = data.join("tls");
        let files = Self {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        };
        let names_file = folder.join("names");
        let names = names(host);
        let listed = names.join("\n") + "\n";
        let as_before = fs::read_to_string(&names_file).is_ok_and(|before| before == listed);
        if as_before && files.certificate.exists() && files.key.exists() {
            return Ok(files);
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Io { path, source }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(io(&folder))?;
        let made = rcgen::generate_simple_self_signed(names)?;
        // The key first: a certificate that is there has its key.
        replace(&files.key, made.signing_key.serialize_pem().as_bytes(), 0o600).map_err(io(&files.key))?;
        replace(&files.certificate, made.cert.pem().as_bytes(), 0o644).map_err(io(&files.certificate))?;
        replace(&names_file, listed.as_bytes(), 0o644).map_err(io(&names_file))?;
        Ok(files)
    }

    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let bytes = |path: &Path| {
            fs::read(path).map_err(|source| TlsError::Io {
                path: path.to_owned(),
                source,
            })
        };
        let pem = |path: &Path, what: &str| TlsError::Pem {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let text = bytes(&self.certificate)?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let certificates = certificates
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| pem(&self.certificate, "there is no certificate in PEM form in it"))?;
        let key = PrivateKeyDer::from_pem_slice(&bytes(&self.key)?).map_err(|_| {
            pem(
                &self.key,
                "there is no private key in PEM form in it, or one with a password",
            )
        })?;
        Ok((certificates, key))
    }
}

/// The names of a certificate that nobody signed.
fn names(host: &str) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let is_any = host.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified());
    if !is_any && !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    names
}

/// Writes a whole file in the place of another.
fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// What the server agrees to in a handshake.
///
/// # Errors
/// When the files cannot be read or used.
pub fn server_config(files: &CertificateFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let (certificates, key) = files.read()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = AnyCertificate::new(&provider);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The first certificate in a file in PEM form, which may have a key in it as well, as clients keep them.
///
/// # Errors
/// When the file cannot be read, or there is none in it.
pub fn certificate_in(path: &Path) -> Result<Vec<u8>, TlsError> {
    let text = fs::read(path).map_err(|source| TlsError::Io {
        path: path.to_owned(),
        source,
    })?;
    let certificate = CertificateDer::from_pem_slice(&text).map_err(|_| TlsError::Pem {
        path: path.to_owned(),
        what: "there is no certificate in PEM form in it".to_owned(),
    })?;
    if super::der::public_key(&certificate).is_none() {
        return Err(TlsError::Pem {
            path: path.to_owned(),
            what: "what it calls a certificate is none".to_owned(),
        });
    }
    Ok(certificate.to_vec())
}
