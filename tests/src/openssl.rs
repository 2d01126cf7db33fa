//! The program `openssl`, as clouds and publishers use it: certificates, envelopes and signatures that hostler did not make.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::not_run;

/// The program.
#[derive(Debug, Clone, Copy)]
pub struct OpenSsl(());

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate in PEM.
    pub certificate: PathBuf,
    /// The key in PEM.
    pub key: PathBuf,
}

impl OpenSsl {
    /// The program; where there is none it is said that the test is not run.
    pub fn find() -> Option<Self> {
        let found = Command::new("openssl").arg("version").output().is_ok();
        if !found {
            not_run("openssl");
        }
        found.then_some(Self(()))
    }

    /// Runs it with `arguments` and `input`, and gives what it writes.
    ///
    /// # Panics
    /// When it fails.
    pub fn run<A: AsRef<OsStr>>(self, arguments: &[A], input: &[u8]) -> Vec<u8> {
        let mut process = Command::new("openssl")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("openssl does not start: {error}"));
        if let Some(mut stdin) = process.stdin.take() {
            // One that wants no input may have ended.
            let _ = stdin.write_all(input);
        }
        let output = process
            .wait_with_output()
            .unwrap_or_else(|error| panic!("openssl cannot be waited for: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl: {}: {said}", output.status);
        output.stdout
    }

    /// Makes a key and a certificate called `name` in `folder`, signed by itself or by `issuer`, with further `options` of
    /// `openssl x509`.
    ///
    /// # Panics
    /// When it cannot.
    pub fn identity(self, folder: &Path, name: &str, issuer: Option<&Identity>, options: &[&str]) -> Identity {
        let path = |extension: &str| folder.join(format!("{name}.{extension}"));
        let (key, request, certificate) = (path("key"), path("csr"), path("crt"));
        let subject = format!("/O=Test/CN={name}");
        let text = |path: &Path| path.display().to_string();
        self.run(
            &[
                "req",
                "-new",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                &subject,
                "-keyout",
                &text(&key),
                "-out",
                &text(&request),
            ],
            b"",
        );
        let mut arguments = vec!["x509".to_owned(), "-req".to_owned(), "-in".to_owned(), text(&request)];
        arguments.extend(["-out".to_owned(), text(&certificate)]);
        match issuer {
            Some(issuer) => arguments.extend(
                [
                    "-CA",
                    &text(&issuer.certificate),
                    "-CAkey",
                    &text(&issuer.key),
                    "-CAcreateserial",
                ]
                .map(str::to_owned),
            ),
            None => arguments.extend(["-signkey", &text(&key)].map(str::to_owned)),
        }
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        self.run(&arguments, b"");
        Identity { certificate, key }
    }

    /// The thumbprint of `identity`: upper-case hexadecimal SHA-1.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn thumbprint(self, identity: &Identity) -> String {
        let certificate = identity.certificate.display().to_string();
        let said = self.run(&["x509", "-in", &certificate, "-noout", "-fingerprint", "-sha1"], b"");
        let said = String::from_utf8_lossy(&said).into_owned();
        said.trim().rsplit('=').next().unwrap_or_default().replace(':', "")
    }

    /// Puts `identity` into the folder `keys` under its thumbprint, as the native agent does, and gives that.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub fn put_in(self, identity: &Identity, keys: &Path) -> String {
        let thumbprint = self.thumbprint(identity);
        let copy = |from: &Path, extension: &str| {
            let to = keys.join(format!("{thumbprint}.{extension}"));
            fs::copy(from, &to).and_then(|_| fs::set_permissions(&to, fs::Permissions::from_mode(0o400)))
        };
        let copied = fs::create_dir_all(keys)
            .and_then(|()| fs::set_permissions(keys, fs::Permissions::from_mode(0o700)))
            .and_then(|()| copy(&identity.certificate, "crt"))
            .and_then(|()| copy(&identity.key, "prv"));
        copied.unwrap_or_else(|error| panic!("{}: {error}", keys.display()));
        thumbprint
    }

    /// Base64 of `content` encrypted for `identity`, by `openssl cms` or `openssl smime` (`tool`) with `options`.
    ///
    /// # Panics
    /// When it cannot.
    pub fn encrypt(self, tool: &str, options: &[&str], identity: &Identity, content: &[u8]) -> String {
        let certificate = identity.certificate.display().to_string();
        let mut arguments = vec![tool, "-encrypt", "-binary", "-outform", "DER"];
        arguments.extend(options);
        arguments.push(&certificate);
        let blob = self.run(&arguments, content);
        self.base64(&blob)
    }

    /// Base64 of a detached signature over `content` by `signer`, with the certificates in `chain` in it and further
    /// `options`.
    ///
    /// # Panics
    /// When it cannot.
    pub fn sign(self, signer: &Identity, chain: Option<&Identity>, options: &[&str], content: &[u8]) -> String {
        let text = |path: &Path| path.display().to_string();
        let (certificate, key) = (text(&signer.certificate), text(&signer.key));
        let chain = chain.map(|chain| text(&chain.certificate));
        let mut arguments = vec![
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-signer",
            &certificate,
            "-inkey",
            &key,
        ];
        if let Some(chain) = &chain {
            arguments.extend(["-certfile", chain]);
        }
        arguments.extend(options);
        let signature = self.run(&arguments, content);
        self.base64(&signature)
    }

    /// Base64 on one line.
    fn base64(self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&self.run(&["base64", "-A"], bytes))
            .trim()
            .to_owned()
    }
}
