//! `hostler test`: the conformance kit on a handler of anybody's.

mod junit;
mod subject;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use hostler_contract::{HandlerIdentity, Settings};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::IsolationArgs;
use super::limit_option::parse_limits;
use super::place;
use super::policy_option::{protected, read_policy};
use super::progress::Progress;
use super::run::{GivenSettings, Workplace};
use crate::conformance::{Account, HandlerUnderTest, UnderTestError, Verdict, built_in, carry_out, read_folder};
use crate::sandbox::CodeCache;

/// Try whether a handler keeps the contract: one line for each rule, with its section in docs/contract.md.
///
/// Each rule is tried in a throw-away root of its own: commands twice, settings newer, older, missing and malformed, an
/// update with data, commands stopped in the middle, a full disk, no write access, odd clocks, status and heartbeat. The exit
/// code is 0 only if every rule holds that is for this handler, and 1 if one is broken.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// A package, or a folder that is to become one.
    path: PathBuf,
    /// Settings that the handler takes: a settings file, or a file with just public settings [default: the file
    /// example.settings in the folder or beside it, else empty settings].
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The operator's policy: what the handler may get beyond its own folders [default: nothing].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Which handler it is, as Publisher.Type-1.0 [default: by the package's file name, else Tested.Handler-1.0.0].
    #[arg(long, value_name = "PUBLISHER.TYPE-VERSION")]
    handler: Option<String>,
    /// Also try the cases in the files *.json of this folder.
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Try only these rules, and those that they need.
    #[arg(long, value_delimiter = ',', value_name = "RULE,...")]
    rules: Vec<String>,
    /// The commands are native programs: run them WITHOUT A SANDBOX, with all rights of whoever runs this.
    #[arg(long)]
    native: bool,
    /// Lower a limit, as in cmd.deadline=10s; can be given several times. Of a native program only cmd.deadline counts.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Also write the result as JUnit XML to this file.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where compiled code is kept [default: the folder `cache` of the default root].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    isolation: IsolationArgs,
}

/// The result as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tested {
    /// Whether every rule holds that is for this handler.
    holds: bool,
    handler: String,
    /// What was tested, as it was named.
    path: String,
    /// Whether it ran as a native program, without a sandbox.
    native: bool,
    #[serde(flatten)]
    account: Account,
    /// How long all of it took, in milliseconds.
    duration_ms: u64,
}

pub(super) fn test(args: &TestArgs, json: bool) -> Result<Reply, Failure> {
    let started = Instant::now();
    let lowered = parse_limits(&args.limits)?;
    let identity = identity(args)?;
    let settings = settings(args)?;
    let mut cases = built_in()?;
    if let Some(folder) = &args.cases {
        read_folder(folder, &mut cases)?;
    }
    subject::choose(&mut cases, &args.rules)?;
    let (tested, note): (Box<dyn HandlerUnderTest>, _) = if args.native {
        let native = subject::native(&args.path, &identity, &lowered)?;
        let note =
            "without a sandbox: the handler's commands run as plain processes, with all rights of whoever runs this\n";
        (Box::new(native), note.to_owned())
    } else {
        let package = subject::package(&args.path, &identity)?;
        let cache = match &args.cache {
            Some(folder) => Some(CodeCache::open(folder)?),
            None => place::default_cache(),
        };
        let policy = read_policy(args.policy.as_deref())?;
        let own = cache.as_ref().map(|cache| cache.path().to_owned());
        let policy = policy.protecting(protected(own));
        let components = package.components(args.isolation.sandbox()?, cache, policy, identity.clone(), lowered);
        (Box::new(components), String::new())
    };
    let account = carry_all_out(&cases, &*tested, &identity, &settings, args.native)?;
    let result = Tested {
        holds: account.holds(),
        handler: identity.to_string(),
        path: args.path.display().to_string(),
        native: args.native,
        account,
        duration_ms: milliseconds(started),
    };
    if let Some(file) = &args.junit {
        fs::write(file, junit::junit(&result)).map_err(|error| {
            let error = anyhow::Error::from(error).context(file.display().to_string());
            Failure::host(error, "name a file with `--junit` that can be written")
        })?;
    }
    Ok(Reply {
        stdout: if json { to_json(&result) } else { text::text(&result) },
        stderr: note,
        exit_code: u8::from(!result.holds),
    })
}

fn carry_all_out(
    cases: &[crate::conformance::Case],
    tested: &dyn HandlerUnderTest,
    identity: &HandlerIdentity,
    settings: &Settings,
    is_native: bool,
) -> Result<Account, Failure> {
    let workplace = Workplace::open(None)?;
    let mut account = Account::default();
    for (number, case) in cases.iter().enumerate() {
        let begun = Instant::now();
        let verdict = match account.lacks(case) {
            Some(rule) => Verdict::NotTried(format!("it begins with what `{rule}` asks for")),
            None => {
                let _progress = Progress::start(case.rule.clone());
                let root = workplace.root.path().join(format!("case-{number}"));
                carry_out(case, tested, identity, settings, is_native, &root)?
            }
        };
        account.add(case, &verdict, begun.elapsed());
    }
    Ok(account)
}

/// Who the handler is: named, or by the package's file name, or anybody.
fn identity(args: &TestArgs) -> Result<HandlerIdentity, Failure> {
    if args.handler.is_none() {
        let by_name = HandlerIdentity::from_zip_name(&place::file_name(&args.path));
        if let Ok(identity) = by_name.or_else(|_| HandlerIdentity::parse("Tested.Handler-1.0.0")) {
            return Ok(identity);
        }
    }
    place::identity(args.handler.as_deref(), &args.path)
}

/// The settings that were named, or those that lie where a handler's project has them.
fn settings(args: &TestArgs) -> Result<Settings, Failure> {
    let absolute = std::path::absolute(&args.path).unwrap_or_else(|_| args.path.clone());
    let beside = |folder: &Path| Some(folder.join("example.settings")).filter(|file| file.is_file());
    let found = match &args.settings {
        Some(file) => Some(file.clone()),
        None if args.path.is_dir() => beside(&absolute).or_else(|| beside(absolute.parent()?)),
        None => absolute.parent().and_then(beside),
    };
    let given = GivenSettings::read(found.as_deref())?;
    Ok(given.settings.unwrap_or_default())
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl From<UnderTestError> for Failure {
    fn from(error: UnderTestError) -> Self {
        match error {
            UnderTestError::Refused(refused) => refused.into(),
            UnderTestError::Root(error) => error.into(),
            UnderTestError::Folders(error) => error.into(),
            error => Self::host(error, "set TMPDIR to a folder that can be written and has space"),
        }
    }
}
