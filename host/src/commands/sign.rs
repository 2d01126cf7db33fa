//! `hostler sign`: a publisher's signature over a package, and how one is read again.

use std::path::{Path, PathBuf};

use clap::Args;
use hostler_contract::codes;
use serde_json::json;

use super::failure::{Failure, Reply, to_json};
use super::place::{file_name, identity, open_package, read_input, read_package};
use crate::grants::Policy;
use crate::signatures::{SignError, Signed, Signer, bind, sign as make_signature, verify};

/// Largest certificate, key and signature, in bytes.
const MAX_INPUT: usize = 256 << 10;

/// Sign a package: print the signature that goes into a goal state as `encodedSignature`.
///
/// It is CMS in DER, detached, over the bytes of the zip, in base64. The manifest has to say in `signingInfo` which handler
/// it is, since the signature is worth nothing for another one.
#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// The package: a zip.
    package: PathBuf,
    /// The certificate in PEM, with those between it and its root behind it.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// Its private key in PEM, without a passphrase.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
}

pub(super) fn sign(args: &SignArgs, json: bool) -> Result<Reply, Failure> {
    let (package, _) = open_package(&args.package)?;
    let handler = identity(args.handler.as_deref(), &args.package)?;
    let bytes = read_package(&args.package)?;
    let certificates = read_input(&args.cert, MAX_INPUT)?;
    let key = zeroize::Zeroizing::new(read_input(&args.key, MAX_INPUT)?);
    let signature = make_signature(&bytes, &certificates, &key).map_err(|error| {
        let (file, hint) = match error {
            SignError::Certificate => (&args.cert, "name a file that begins with `-----BEGIN CERTIFICATE-----`"),
            _ => (&args.key, "name the private key of the first certificate in `--cert`"),
        };
        Failure::usage(codes::SETTINGS_KEY, &file_name(file), error.to_string(), hint)
    })?;
    // As whoever trusts the certificate itself would verify it: what nobody could use is not made.
    let mut own = Signer::new("its own certificate".to_owned(), vec![], false);
    let signed = match own.take(&certificates) {
        Ok(()) => verify(Some(&signature), &bytes, &[own]),
        Err(why) => Signed::Bad { why: why.to_owned() },
    };
    if let Signed::Bad { why } = bind(signed, package.manifest().signing_info(), &handler) {
        let hint = "write signingInfo with publisher, type and version beside handlerManifest, and pack it again";
        return Err(Failure::Refused(
            hostler_contract::Finding::refusal(
                codes::PKG_SIGNATURE,
                &file_name(&args.package),
                hostler_contract::Place::Whole,
                format!("it is not signed: {why}"),
                hint,
            )
            .into(),
        ));
    }
    if json {
        return Ok(Reply::done(to_json(&json!({
            "handler": handler.to_string(),
            "digest": package.digest().to_string(),
            "encodedSignature": signature,
        }))));
    }
    Ok(Reply::done(signature + "\n"))
}

/// What the signature in the file `named` is worth for the package with these `bytes` under `policy`.
///
/// # Errors
///
/// A refusal: it cannot be read.
pub(super) fn read_signature(named: Option<&Path>, bytes: &[u8], policy: &Policy) -> Result<Signed, Failure> {
    let Some(path) = named else { return Ok(Signed::Unsigned) };
    let text = read_input(path, MAX_INPUT)?;
    // An empty file is a signature that is none, not none.
    let text = match String::from_utf8_lossy(&text).trim() {
        "" => "-".to_owned(),
        text => text.to_owned(),
    };
    Ok(verify(Some(&text), bytes, policy.signers()))
}
