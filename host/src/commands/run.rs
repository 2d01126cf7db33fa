//! `hostler run`: one package through its commands, in a root of its own.

mod settings;
mod trial;
mod workplace;

use std::path::PathBuf;

use clap::Args;
use hostler_contract::Command;
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::{IsolationArgs, probed};
use super::keys_option::KeysArgs;
use super::limit_option::parse_limits;
use super::place;
use super::policy_option::{protected, read_policy};
use super::settings::read_secret;
use super::sign::read_signature;
use crate::report::{AtFault, RootAddition, account, document, isolation_lines};
use crate::sandbox::CodeCache;
use crate::secrets::Keys;
pub(super) use settings::GivenSettings;
pub(super) use trial::Trial;
pub(super) use workplace::Workplace;

/// Run a handler package in the sandbox and show what came of it.
///
/// The package is checked, its folders are laid out in a throw-away root, and its commands run one after another, each
/// within its limits. A command that fails ends the run.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The package: a zip.
    package: PathBuf,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
    /// A settings file, or a file with just public settings. Its name says the sequence number (`3.settings`), else 0.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Protected settings that are not encrypted yet, a JSON object: they are, for a key that is made for this run; `-` for
    /// standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "keys")]
    protected_settings: Option<PathBuf>,
    #[command(flatten)]
    keys: KeysArgs,
    /// The package's signature, as `hostler sign` writes it [default: none].
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The operator's policy: what the handler may get beyond its own folders [default: nothing].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The commands to run, in this order [default: install,enable; in a kept root that has the handler: enable].
    #[arg(long, value_delimiter = ',', value_name = "COMMAND,...", value_parser = parse_command)]
    commands: Vec<Command>,
    /// Lower a limit, as in cmd.deadline=10s or guest.memory_total=64MiB; can be given several times.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Keep the root in this folder; run again in it, the handler finds what it left.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Where compiled code is kept [default: the folder `cache` of the default root].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Compile anew and keep nothing.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    #[command(flatten)]
    isolation: IsolationArgs,
}

pub(super) fn run(args: &RunArgs, json: bool) -> Result<Reply, Failure> {
    let lowered = parse_limits(&args.limits)?;
    let sandbox = args.isolation.sandbox()?;
    let bytes = place::read_package(&args.package)?;
    let policy = read_policy(args.policy.as_deref())?;
    let signed = read_signature(args.signature.as_deref(), &bytes, &policy)?;
    let identity = place::identity(args.handler.as_deref(), &args.package)?;
    let settings = GivenSettings::read(args.settings.as_deref())?;
    let secret = args.protected_settings.as_deref().map(read_secret).transpose()?;
    let cache = match (&args.cache, args.no_cache) {
        (Some(folder), _) => Some(CodeCache::open(folder)?),
        (None, false) => place::default_cache(),
        (None, true) => None,
    };
    let own = args
        .keep
        .iter()
        .cloned()
        .chain(cache.as_ref().map(|cache| cache.path().to_owned()));
    let trial = Trial {
        policy: policy.protecting(protected(own)),
        identity,
        bytes,
        signed,
        file: place::file_name(&args.package),
        sandbox: sandbox.clone(),
        settings,
        keys: args.keys.keys.as_deref().map(Keys::open_folder),
        secret,
        commands: args.commands.clone(),
        lowered,
        keep: args.keep.clone(),
        cache,
    };
    let isolation = probed(&sandbox)?;
    let run = trial.run()?;
    let stdout = if json {
        to_json(&document(
            std::slice::from_ref(&run),
            None,
            Some(RootAddition::of_run(isolation)),
            OffsetDateTime::now_utc(),
        ))
    } else {
        isolation_lines(&isolation) + &account(&run)
    };
    Ok(Reply {
        stdout,
        exit_code: AtFault::exit_code(run.failed()),
        ..Reply::default()
    })
}

pub(super) fn parse_command(text: &str) -> Result<Command, String> {
    Command::parse(text).ok_or_else(|| format!("a command is one of {}", Command::ALL.map(Command::name).join(", ")))
}
