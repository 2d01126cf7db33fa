//! `hostler settings`: protected settings, made as a publisher of settings makes them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hostler_contract::{Refused, Settings, Source, codes};
use serde_json::json;

use super::failure::{Failure, Reply, to_json};
use super::place::{file_name, not_readable, read_input};
use crate::secrets::{MAX_PROTECTED_BYTES, SealError, Sealed, Secret, seal};

/// Largest certificate and largest file of public settings, in bytes.
const MAX_INPUT: usize = 1 << 20;

/// Make settings for tests and trials.
#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    #[command(subcommand)]
    command: SettingsCommand,
}

#[derive(Debug, Subcommand)]
enum SettingsCommand {
    Seal(SealArgs),
}

/// Encrypt protected settings for a certificate, and print the settings file that holds them.
///
/// What is encrypted is read from a file or from standard input, and never from the command line, which others can see.
#[derive(Debug, Args)]
struct SealArgs {
    /// The certificate to encrypt for, in PEM or DER; an RSA key has to belong to it.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// The protected settings, a JSON object; `-` for standard input.
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// Public settings that go with them: a settings file, or just public settings.
    #[arg(long, value_name = "FILE")]
    public: Option<PathBuf>,
}

pub(super) fn settings(args: &SettingsArgs, json: bool) -> Result<Reply, Failure> {
    let SettingsCommand::Seal(args) = &args.command;
    let certificate = read_input(&args.cert, MAX_INPUT)?;
    let secret = read_secret(&args.input)?;
    let public = match &args.public {
        Some(path) => {
            let bytes = read_input(path, MAX_INPUT)?;
            Settings::whole_or_public(Source::new(&file_name(path), &bytes))?
                .value
                .public()
                .cloned()
        }
        None => None,
    };
    let Sealed { protected, thumbprint } = seal(&secret, &certificate).map_err(|error| {
        let hint = match error {
            SealError::Made(_) => "look at the installation of OpenSSL",
            _ => "name a certificate with an RSA key, as `openssl req -x509 -newkey rsa:2048` makes one",
        };
        Failure::usage(codes::SETTINGS_KEY, &file_name(&args.cert), error.to_string(), hint)
    })?;
    if json {
        return Ok(Reply::done(to_json(&json!({
            "protectedSettings": protected,
            "protectedSettingsCertThumbprint": thumbprint,
        }))));
    }
    let settings = Settings::from_parts("settings", public, Some(protected), Some(thumbprint))?;
    Ok(Reply::done(settings.to_agent_json() + "\n"))
}

/// The protected settings in the file at `path`, or on standard input.
///
/// # Errors
///
/// A refusal that shows nothing of them.
pub(super) fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::with_capacity(MAX_PROTECTED_BYTES + 1);
        let input = std::io::stdin().lock();
        let read = input.take(MAX_PROTECTED_BYTES as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| not_readable(path, format!("it cannot be read: {error}")))?;
        bytes
    } else {
        read_input(path, MAX_PROTECTED_BYTES)?
    };
    Secret::new(bytes).map_err(|failure| Refused::new(failure.finding(&file_name(path))).into())
}
