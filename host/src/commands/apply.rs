//! `hostler apply`: bring a root to what a goal state asks for.

use std::path::{Path, PathBuf};

use clap::Args;
use hostler_contract::vm_settings::MAX_VM_SETTINGS_BYTES;
use hostler_contract::{Place, Refused, codes};
use hostler_fetch::{FetchLimits, Fetcher, Location};
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::{IsolationArgs, probed};
use super::limit_option::parse_limits;
use super::place;
use super::policy_option::{protected, read_policy};
use super::progress::Progress;
use super::report_file::{ReportFile, write_to_root};
use super::repository_key_option::read_keys;
use crate::apply::{Applied, Event, Host, Records, Running};
use crate::audit::{AuditEvent, AuditLog, Codes, GoalStateEnd, SourceText};
use crate::events::collect;
use crate::goal_state::{GoalState, follow};
use crate::report::{AtFault, RootReport, refusals, summary};
use crate::sandbox::CodeCache;
use crate::state::Store;

/// Bring a root to what a goal state asks for, and report what came of it.
///
/// The goal state is what the Azure agent gets: JSON in the vmSettings form, an ExtensionsConfig in XML, or the goal state
/// in XML that names one; which of them is told by its content. Each handler that it names is installed,
/// enabled with its settings, updated, disabled or uninstalled, one after another; handlers that it does not name are
/// removed. What is wrong with one handler never stops another. Applying the same goal state again enables every handler
/// again, and goes on where an apply that was stopped left off.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The goal state: a file, or a `file:`, `http:` or `https:` URL.
    goal_state: String,
    /// The root, where handlers and what is remembered of them lie [default: /var/lib/hostler for root, else `hostler`
    /// in the user's folder for state].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// The operator's policy: what handlers may get beyond their own folders [default: nothing].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Public keys, one a line, of which one has to have signed the index of the repository that a version manifest comes
    /// from [default: no index is looked at].
    #[arg(long, value_name = "FILE")]
    repository_key: Option<PathBuf>,
    /// Also write the report to this file; it always is in `report/status.json` of the root.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Lower a limit for every command, as in cmd.deadline=10s or guest.memory_total=64MiB; can be given several times.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Where compiled code is kept [default: the folder `cache` of the root].
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Compile anew and keep nothing.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    #[command(flatten)]
    isolation: IsolationArgs,
}

pub(super) fn apply(args: &ApplyArgs, json: bool) -> Result<Reply, Failure> {
    let lowered = parse_limits(&args.limits)?;
    let sandbox = args.isolation.sandbox()?;
    let policy = read_policy(args.policy.as_deref())?;
    let keys = read_keys(args.repository_key.as_deref())?;
    let fetcher = Fetcher::new();
    // All that can be wrong with the command line first: then nothing was done, and nothing was made.
    let (source, bytes) = read(&fetcher, &args.goal_state)?;
    let (source, bytes) = follow(&fetcher, source, bytes).map_err(Failure::Unreachable)?;
    let report_file = args.report.as_deref().map(ReportFile::open).transpose()?;
    let isolation = probed(&sandbox)?;
    let root = place::root(args.root.as_deref())?;
    let _lock = root.lock()?;
    let (mut store, mut damaged) = Store::open(&root)?;
    let (mut audit, odd) = AuditLog::open(&root, &mut store)?;
    damaged.extend(odd);
    let begun = AuditEvent::ApplyBegun {
        source: SourceText::from(&source),
    };
    audit.record_durably(&mut store, begun)?;
    if let Some(digest) = policy.digest() {
        let loaded = AuditEvent::PolicyLoaded {
            policy: digest,
            rules: policy.rules().len(),
        };
        audit.record_durably(&mut store, loaded)?;
    }
    let cache = match (&args.cache, args.no_cache) {
        (_, true) => None,
        (Some(folder), false) => Some(CodeCache::open(folder)?),
        (None, false) => Some(CodeCache::open(&root.path().join("cache"))?.without_unfinished()?),
    };
    let own = [root.path().to_owned()]
        .into_iter()
        .chain(cache.as_ref().map(|cache| cache.path().to_owned()));
    let mut progress = None;
    let mut watch = |event: Event<'_>| {
        // The line of what came before goes first.
        drop(progress.take());
        progress = match event {
            Event::Gets(handler) => Some(Progress::start(format!("getting {handler}"))),
            Event::Runs(handler, command) => Some(Progress::start(format!("{handler} {command}"))),
            Event::Done => None,
        };
    };
    let mut host = Host::new(
        &root,
        Records {
            store: &mut store,
            audit: &mut audit,
        },
        Running {
            sandbox: &sandbox,
            isolation,
            cache: cache.as_ref(),
            lowered: &lowered,
            services: None,
        },
        &fetcher,
        &mut watch,
    )
    .under(policy.protecting(protected(own)))
    .trusting(keys.as_ref());
    let applied = match GoalState::read(source.clone(), &bytes) {
        Ok(mut goal_state) => {
            goal_state.look_for_hold(&fetcher);
            Ok(host.apply(&goal_state, damaged)?)
        }
        Err(refused) => {
            host.refuse(&source, &refused, damaged)?;
            Err(refused)
        }
    };
    audit.record_durably(&mut store, ended(&applied))?;
    collect(&root);
    let root_report = RootReport::read(&root, Some(&mut store))?;
    store.close();
    let document = to_json(&root_report.document(OffsetDateTime::now_utc()));
    let written = write_to_root(&root, &document).and_then(|()| match &report_file {
        Some(file) => file.write(&document),
        None => Ok(()),
    });
    let reply = reply(&applied, &root_report, document, json);
    Ok(match written {
        Ok(()) => reply,
        // What was done was done, and is told.
        Err(failure) => Reply {
            stderr: reply.stderr + &failure.reply(false).stderr,
            exit_code: 4,
            ..reply
        },
    })
}

fn ended(applied: &Result<Applied, Refused>) -> AuditEvent {
    let (end, codes) = match applied {
        Ok(Applied::TakenUp) => (GoalStateEnd::TakenUp, Codes::of([])),
        Ok(Applied::Refused) => (GoalStateEnd::Refused, Codes::of([codes::GOAL_STATE_FEATURE])),
        Err(refused) => (GoalStateEnd::Refused, Codes::from(refused)),
    };
    AuditEvent::ApplyEnded { end, codes }
}

fn reply(applied: &Result<Applied, Refused>, root_report: &RootReport, document: String, json: bool) -> Reply {
    let exit_code = match applied {
        Err(_) => 3,
        Ok(Applied::Refused) => 3,
        Ok(Applied::TakenUp) => AtFault::exit_code(root_report.failed()),
    };
    let (stdout, stderr) = if json {
        (document, String::new())
    } else {
        (summary(root_report), refusals(root_report))
    };
    Reply {
        stdout,
        stderr,
        exit_code,
    }
}

/// Reads the goal state that `text` names, with one byte more than is parsed of one that is too large.
fn read(fetcher: &Fetcher, text: &str) -> Result<(Location, Vec<u8>), Failure> {
    let is_local = match text.split_once(':') {
        Some((scheme, rest)) => !rest.starts_with("//") && !scheme.eq_ignore_ascii_case("file"),
        None => true,
    };
    if is_local {
        let path = Path::new(text);
        let bytes = place::read_input(path, MAX_VM_SETTINGS_BYTES)?;
        let source = Location::of_path(path).map_err(|error| Failure::host(error, "name the file by its full path"))?;
        return Ok((source, bytes));
    }
    let is_file = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:"));
    let source =
        Location::parse(text, None).map_err(|error| Failure::Refused(error.finding(text, Place::Whole).into()))?;
    let fetched = fetcher
        .fetch(&source, FetchLimits::of(MAX_VM_SETTINGS_BYTES as u64))
        .map_err(|error| match error.code() {
            // A file that cannot be read is an input that is refused, however it was named.
            code if code == codes::DOWNLOAD_SIZE || is_file => Failure::Refused(error.finding().into()),
            _ => Failure::Unreachable(error.finding().into()),
        })?;
    // What it names is relative to where it was found in the end.
    Ok((fetched.location, fetched.bytes))
}
