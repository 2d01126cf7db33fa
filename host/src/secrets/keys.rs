//! The folder of certificates and keys: `<THUMBPRINT>.crt` and `<THUMBPRINT>.prv`, as the native agent keeps them.
//!
//! The names are believed only as far as they say where to look: a certificate has to have the thumbprint, and the key
//! has to be the certificate's.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hostler_contract::Thumbprint;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::known::AtHand;
use super::{Secret, SecretFailure, envelope};

/// Largest file of a certificate or a key, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// Most thumbprints that are listed.
const MAX_LISTED: usize = 256;

/// What may not be of a file with a key that others could read: reading by group or others.
const OTHERS_READ: u32 = 0o044;
/// Nor changing.
const OTHERS_WRITE: u32 = 0o022;
/// Nor entering its folder.
const OTHERS_ENTER: u32 = 0o011;

/// A folder of certificates and keys. Nothing of it is kept in memory: each opening reads what it needs.
#[derive(Debug, Clone)]
pub struct Keys {
    folder: PathBuf,
    pub(super) at_hand: AtHand,
}

impl Keys {
    /// The keys in the folder `path`, which is looked at when one is needed; it need not exist until then.
    pub fn open_folder(path: &Path) -> Self {
        Self {
            folder: path.to_owned(),
            at_hand: AtHand::default(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens `protected`, base64 of CMS EnvelopedData (contract 4.5), with the certificate and key of `thumbprint`.
    ///
    /// # Errors
    ///
    /// [`SecretFailure`]; none of them shows anything of the content.
    pub fn open(&self, protected: &str, thumbprint: &str) -> Result<Secret, SecretFailure> {
        let thumbprint =
            Thumbprint::parse(thumbprint).ok_or_else(|| SecretFailure::Thumbprint(thumbprint.to_owned()))?;
        let (certificate, key) = self.pair(&thumbprint)?;
        let refuse = || SecretFailure::Cms(thumbprint.as_str().to_owned());
        // Base64 as tools print it has line breaks.
        let text: String = protected.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let blob = STANDARD.decode(text).map_err(|_| refuse())?;
        let opened = envelope::open(&blob, &certificate, &key).map_err(|_| refuse())?;
        Secret::new(opened)
    }

    /// The thumbprints of which both files are there, in order; as their names say.
    pub fn thumbprints(&self) -> Vec<String> {
        let Ok(listing) = self.open_own().and_then(|folder| Ok(Dir::read_from(folder)?)) else {
            return vec![];
        };
        let names: Vec<String> = listing
            .filter_map(|entry| entry.ok()?.file_name().to_str().ok().map(str::to_owned))
            .collect();
        let mut thumbprints: Vec<String> = names
            .iter()
            .filter_map(|name| Some(Thumbprint::parse(name.strip_suffix(".crt")?)?.as_str().to_owned()))
            .filter(|thumbprint| names.iter().any(|name| name.strip_suffix(".prv") == Some(thumbprint)))
            .collect();
        thumbprints.sort_unstable();
        thumbprints.truncate(MAX_LISTED);
        thumbprints
    }

    fn open_own(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
        Ok(openat(CWD, &self.folder, flags, Mode::empty())?)
    }

    /// Certificate and key of `thumbprint`.
    fn pair(&self, thumbprint: &Thumbprint) -> Result<(X509, PKey<Private>), SecretFailure> {
        let folder = match self.open_own() {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.not_found(thumbprint, &format!("{}.crt", thumbprint.as_str())));
            }
            Err(error) => return Err(unusable(self.folder.clone(), &error.to_string())),
        };
        let own = fstat(&folder).map_err(|error| unusable(self.folder.clone(), &error.to_string()))?;
        check_owner(&own, &self.folder)?;
        if own.st_mode & OTHERS_WRITE != 0 {
            return Err(unusable(self.folder.clone(), "others can write in the folder"));
        }
        let file = |extension: &str| {
            let name = format!("{}.{extension}", thumbprint.as_str());
            let path = self.folder.join(&name);
            match read(&folder, &name, &path)? {
                None => Err(self.not_found(thumbprint, &name)),
                Some((bytes, stat)) => Ok((bytes, stat, path)),
            }
        };
        let (bytes, _, path) = file("crt")?;
        let certificate =
            X509::from_pem(&bytes).map_err(|_| unusable(path.clone(), "it is not a certificate in PEM"))?;
        let digest = certificate
            .digest(MessageDigest::sha1())
            .map_err(|_| unusable(path.clone(), "its thumbprint cannot be made"))?;
        let real = hex::encode_upper(digest);
        if real != thumbprint.as_str() {
            return Err(unusable(
                path,
                &format!("the certificate in it has the thumbprint {real}"),
            ));
        }
        let (bytes, stat, path) = file("prv")?;
        if stat.st_mode & OTHERS_READ != 0 && own.st_mode & OTHERS_ENTER != 0 {
            return Err(unusable(path, "others can read it"));
        }
        let key =
            PKey::private_key_from_pem(&bytes).map_err(|_| unusable(path.clone(), "it is not a private key in PEM"))?;
        let is_pair = certificate.public_key().is_ok_and(|public| public.public_eq(&key));
        if !is_pair {
            return Err(unusable(path, "the key in it is not that of the certificate"));
        }
        Ok((certificate, key))
    }

    fn not_found(&self, thumbprint: &Thumbprint, missing: &str) -> SecretFailure {
        SecretFailure::NotFound {
            wanted: thumbprint.as_str().to_owned(),
            missing: missing.to_owned(),
            present: self.thumbprints(),
            folder: self.folder.clone(),
        }
    }
}

/// What is in a file, and what it is.
type FileRead = (Zeroizing<Vec<u8>>, Stat);

/// The regular file `name`, `path` in words, with what it is; `None` where there is none. Follows no link.
fn read(folder: &OwnedFd, name: &str, path: &Path) -> Result<Option<FileRead>, SecretFailure> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match openat(folder, name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(unusable(path.to_owned(), "it is a link")),
        Err(error) => return Err(unusable(path.to_owned(), &io::Error::from(error).to_string())),
    };
    let failed = |error: io::Error| unusable(path.to_owned(), &error.to_string());
    let stat = fstat(&file).map_err(|error| failed(error.into()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(unusable(path.to_owned(), "it is not a regular file"));
    }
    check_owner(&stat, path)?;
    if stat.st_mode & OTHERS_WRITE != 0 {
        return Err(unusable(path.to_owned(), "others can write to it"));
    }
    // At its full size at once: a buffer that grew would leave parts of a key behind in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize + 1));
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(unusable(path.to_owned(), "it is larger than 64 KiB"));
    }
    Ok(Some((bytes, stat)))
}

fn check_owner(stat: &Stat, path: &Path) -> Result<(), SecretFailure> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid == user || stat.st_uid == 0 {
        return Ok(());
    }
    Err(unusable(path.to_owned(), "it belongs to another user"))
}

fn unusable(path: PathBuf, why: &str) -> SecretFailure {
    SecretFailure::Key {
        path,
        why: why.to_owned(),
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
