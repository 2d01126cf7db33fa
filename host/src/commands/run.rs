//! `hostler run`: one package through its commands, in a root of its own.

mod learn;
mod settings;
mod trial;
mod watch;
mod workplace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use hostler_contract::{Command, HandlerIdentity};
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::{IsolationArgs, probed};
use super::keys_option::KeysArgs;
use super::limit_option::parse_limits;
use super::place;
use super::policy_option::{protected, read_policy};
use super::settings::read_secret;
use super::sign::read_signature;
use crate::grants::Policy;
use crate::report::{AtFault, RootAddition, account, document, isolation_lines};
use crate::sandbox::{CodeCache, Foreseen, HeadStart, RequiredIsolation, Sandbox, WorkerOptions};
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
    /// The package: a zip; not with --watch.
    #[arg(required_unless_present = "watch")]
    package: Option<PathBuf>,
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
    /// Grant all that the package asks for, and find out what of it these commands need with these settings: they run again
    /// and again, each time with less.
    #[arg(long, conflicts_with_all = ["policy", "keep", "watch"])]
    learn: bool,
    /// Build the project in this folder with its build.sh, run its folder `package`, and do both again whenever a file
    /// changes, until it is stopped; tells what changed in status and files.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["package", "keep"])]
    watch: Option<PathBuf>,
    /// With --watch: end after so many runs.
    #[arg(long, value_name = "COUNT", requires = "watch", hide = true)]
    runs: Option<u32>,
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

/// Begins to start the worker that opens the package, where these `arguments` of this process, which nobody has looked at
/// otherwise, are likely to need one: it takes longer to start than it takes to read them.
pub(super) fn head_start(arguments: &[OsString]) -> Option<HeadStart> {
    let needs_none = ["in-process", "--watch", "--learn", "--help"];
    let says = |argument: &OsString| needs_none.iter().any(|word| argument.to_string_lossy().contains(word));
    if arguments.iter().any(says) {
        return None;
    }
    // What is required of it is looked at before it is given anything; and where it does not start, it is started again.
    HeadStart::for_package(&WorkerOptions::this_program(RequiredIsolation::Process)).ok()
}

pub(super) fn run(args: &RunArgs, begun: Option<HeadStart>, json: bool) -> Result<Reply, Failure> {
    if let Some(folder) = &args.watch {
        return watch::watch(args, folder, json);
    }
    let package = args.package.clone().unwrap_or_default();
    let sandbox = match args.learn {
        // Nobody knows how often it will run.
        true => args.isolation.sandbox()?,
        false => args.isolation.sandbox_for(expected_commands(args), begun)?,
    };
    let bytes = place::read_package(&package)?;
    let identity = place::identity(args.handler.as_deref(), &package)?;
    let trial = trial(args, &sandbox, bytes, place::file_name(&package), identity)?;
    let (isolation, run, learned) = if args.learn {
        let isolation = probed(&sandbox)?;
        let (opened, _) = place::open_package(&package)?;
        let identity = trial.identity.clone();
        let again = |policy: Policy| {
            let policy = policy.protecting(trial.policy.protected().clone());
            let trial = Trial {
                policy,
                without_the_rest: true,
                ..trial.clone()
            };
            trial.run()
        };
        let (run, learned) = learn::learn(opened.manifest().sandbox(), &identity, again)?;
        (isolation, run, Some(learned))
    } else {
        let workplace = trial.workplace()?;
        // Not before: the first worker gets ready meanwhile.
        let isolation = probed(&sandbox)?;
        (isolation, trial.run_in(workplace)?, None)
    };
    let exit_code = AtFault::exit_code(run.failed());
    let stdout = match (json, &learned) {
        (true, Some(learned)) => to_json(learned),
        (true, None) => to_json(&document(
            std::slice::from_ref(&run),
            None,
            Some(RootAddition::of_run(isolation)),
            OffsetDateTime::now_utc(),
        )),
        (false, learned) => {
            let learned = learned.as_ref().map(learn::Learned::text).unwrap_or_default();
            isolation_lines(&isolation) + &account(&run) + &learned
        }
    };
    Ok(Reply {
        stdout,
        exit_code,
        ..Reply::default()
    })
}

/// How many commands will be run, or one fewer than that: a root that is kept may have the handler installed.
fn expected_commands(args: &RunArgs) -> usize {
    match (args.commands.len(), &args.keep) {
        (0, None) => 2,
        (0, Some(_)) => 1,
        (named, _) => named,
    }
}

/// What is to be run of the package in `bytes`, as the options have it.
fn trial(
    args: &RunArgs,
    sandbox: &Sandbox,
    bytes: Vec<u8>,
    file: String,
    identity: HandlerIdentity,
) -> Result<Trial, Failure> {
    let lowered = parse_limits(&args.limits)?;
    let policy = read_policy(args.policy.as_deref())?;
    let signed = read_signature(args.signature.as_deref(), &bytes, &policy)?;
    let settings = GivenSettings::read(args.settings.as_deref())?;
    let secret = args.protected_settings.as_deref().map(read_secret).transpose()?;
    let cache = match (&args.cache, args.no_cache) {
        (Some(folder), _) => Some(CodeCache::open(folder)?),
        (None, false) => place::default_cache(),
        (None, true) => None,
    }
    .map(Arc::new);
    let own = args
        .keep
        .iter()
        .cloned()
        .chain(cache.as_ref().map(|cache| cache.path().to_owned()));
    let foreseen = cache.as_ref().map(|cache| Foreseen::of(&bytes, cache));
    Ok(Trial {
        foreseen: foreseen.unwrap_or_default(),
        policy: policy.protecting(protected(own)),
        without_the_rest: false,
        identity,
        bytes,
        signed,
        file,
        sandbox: sandbox.clone(),
        settings,
        keys: args.keys.keys.as_deref().map(Keys::open_folder),
        secret,
        commands: args.commands.clone(),
        lowered,
        keep: args.keep.clone(),
        cache,
    })
}

pub(super) fn parse_command(text: &str) -> Result<Command, String> {
    Command::parse(text).ok_or_else(|| format!("a command is one of {}", Command::ALL.map(Command::name).join(", ")))
}
