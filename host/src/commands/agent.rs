//! `hostler agent`: follow a source of goal states for as long as it runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hostler_contract::status::timestamp;
use hostler_contract::{Place, Refused, codes};
use hostler_fetch::{Fetcher, Location};
use time::OffsetDateTime;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::{IsolationArgs, probed};
use super::limit_option::parse_limits;
use super::place;
use super::policy_option::{protected, read_policy};
use super::report_file::{ReportFile, write_to_root};
use super::repository_key_option::read_keys;
use crate::agent::source::{FollowedSource, LocalSource, RemoteSource, Source};
use crate::agent::{
    Course, Ending, EventCollector, MetricsError, MetricsServer, Notices, Published, Reporter, Runs, Schedule, Threads,
    ThreadsOptions, Uploader, WriteReport, run, watchdog,
};
use crate::audit::AuditLog;
use crate::grants::{Policy, Protected};
use crate::limits::{Unit, parse_amount};
use crate::report::{AgentReport, AgentState, Following, RootReport};
use crate::root::Root;
use crate::sandbox::CodeCache;
use crate::services::Services;
use crate::state::Store;

/// The shortest and the longest period.
const PERIODS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(24 * 3600));

/// Follow a source of goal states for as long as it runs: carry out what is new, and report.
///
/// The source is looked at every period. Each goal state is carried out once, as `apply` does it, and once more after a start. One is new when its document
/// differs from the one in force. What the source gives that cannot be used changes nothing: the last one stays in force,
/// and the report says since when. The report is written every period, also while a command runs.
///
/// SIGTERM and SIGINT stop it in order, SIGHUP has it read its policy again. It tells systemd how it is.
#[derive(Debug, Args)]
pub(super) struct AgentArgs {
    /// Where goal states come from: a file, a folder of them (the `*.json` whose name counts highest), or an `http:` or
    /// `https:` URL.
    #[arg(long, value_name = "FILE_OR_FOLDER_OR_URL")]
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
    /// Time between two looks at the source, and between two reports.
    #[arg(long, value_name = "TIME", default_value = "6s", value_parser = period)]
    period: Duration,
    /// How long a command that runs may go on when the agent is to stop.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = time)]
    grace: Duration,
    /// Also write the report to this file; it always is in `report/status.json` of the root.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Also put the report at this `http:` or `https:` URL, by PUT.
    #[arg(long, value_name = "URL")]
    report_url: Option<String>,
    /// Offer metrics for Prometheus at /metrics on this loopback address, as in 127.0.0.1:9090 [default: no metrics].
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
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

fn time(text: &str) -> Result<Duration, String> {
    let millis = parse_amount(text, Unit::Milliseconds).map_err(|error| error.to_string())?;
    Ok(Duration::from_millis(millis))
}

fn period(text: &str) -> Result<Duration, String> {
    let period = time(text)?;
    match (PERIODS.0..=PERIODS.1).contains(&period) {
        true => Ok(period),
        false => Err("a period is at least 10 ms and at most 24 hours (1440min)".to_owned()),
    }
}

pub(super) fn agent(args: &AgentArgs) -> Result<Reply, Failure> {
    // All that can be wrong with the command line first: then nothing was made.
    let lowered = parse_limits(&args.limits)?;
    let sandbox = args.isolation.sandbox()?;
    let policy = read_policy(args.policy.as_deref())?;
    let keys = read_keys(args.repository_key.as_deref())?;
    let fetcher = Arc::new(Fetcher::new());
    let (place, source) = source(&args.goal_state, &fetcher)?;
    let source = Box::new(FollowedSource::new(source, Arc::clone(&fetcher)));
    let report_url = args.report_url.as_deref().map(report_url).transpose()?;
    let report_file = args.report.as_deref().map(ReportFile::open).transpose()?;
    let metrics = args.metrics.map(MetricsServer::listen).transpose()?;
    let isolation = probed(&sandbox)?;
    let root = Arc::new(place::root(args.root.as_deref())?);
    let _lock = root.lock()?;
    let (mut store, mut damaged) = Store::open(&root)?;
    let (audit, odd) = AuditLog::open(&root, &mut store)?;
    damaged.extend(odd);
    let cache = match (&args.cache, args.no_cache) {
        (_, true) => None,
        (Some(folder), false) => Some(CodeCache::open(folder)?),
        (None, false) => Some(CodeCache::open(&root.path().join("cache"))?.without_unfinished()?),
    };
    let own = [root.path().to_owned()]
        .into_iter()
        .chain(cache.as_ref().map(|cache| cache.path().to_owned()));
    let protected = protected(own);
    let policy = policy.protecting(protected.clone());
    let began = timestamp(OffsetDateTime::now_utc());
    let report = AgentReport {
        state: AgentState::Running,
        since: began.clone(),
        process: std::process::id(),
        period_ms: u64::try_from(args.period.as_millis()).unwrap_or(u64::MAX),
        source: Following::untried(place.display()),
        in_force: None,
        policy: args.policy.as_deref().map(|path| {
            let mut policy = Following::untried(path.display().to_string());
            policy.tried(true, vec![], &began);
            policy
        }),
        upload: None,
    };
    let upload = report_url.as_ref().map(|url| Following::untried(url.display()));
    let published = Published::new(report.clone(), upload);
    let threads = |error: std::io::Error| Failure::host(error, "give hostler threads and descriptors to start with");
    if let Some(server) = metrics {
        if let Some(address) = server.address() {
            tracing::info!(%address, "metrics are offered");
        }
        server.start(published.clone()).map_err(threads)?;
    }
    let uploader = report_url
        .map(|url| Uploader::start(url, Arc::clone(&fetcher), published.clone()))
        .transpose()
        .map_err(threads)?;
    let services = Services::new(sandbox.clone());
    services.keep().map_err(threads)?;
    let write = write(Arc::clone(&root), report_file);
    let reporter =
        Reporter::start(Arc::clone(&root), services.clone(), published.clone(), write, uploader).map_err(threads)?;
    let mut course = Course::new(place, policy.digest(), report);
    let mut world = Threads::start(ThreadsOptions {
        runs: Runs {
            root: Arc::clone(&root),
            store,
            audit,
            damaged,
            sandbox,
            isolation,
            cache,
            lowered,
            fetcher,
            policy,
            keys,
            services,
        },
        source,
        policy: args.policy.clone().map(|path| reload(path, protected)),
        reporter,
        periodic: vec![Box::new(EventCollector::new(Arc::clone(&root)))],
        published,
        notices: Notices::to(std::env::var_os("NOTIFY_SOCKET").as_deref()),
    })
    .map_err(threads)?;
    let variable = |name| std::env::var(name).ok();
    let sign_of_life = watchdog(
        variable("WATCHDOG_USEC").as_deref(),
        variable("WATCHDOG_PID").as_deref(),
    );
    let mut schedule = Schedule::new(args.period, sign_of_life, Duration::ZERO);
    let ending = run(&mut course, &mut schedule, args.grace, &mut world);
    world.finish();
    end(ending)
}

fn end(ending: Ending) -> Result<Reply, Failure> {
    match ending {
        Ending::InOrder => Ok(Reply::default()),
        Ending::OutOfTime => {
            tracing::warn!("a command was still running and ends with the agent; the next start goes on from there");
            Ok(Reply::default())
        }
        Ending::Failed(error) => Err(error.into()),
        Ending::Broken => {
            let error = anyhow::anyhow!("a thread of the agent has ended by an error in the program");
            Err(Failure::host(error, "start it again, and report what stands above"))
        }
    }
}

/// Where goal states come from, and what looks there. A place that is not there yet may come.
fn source(text: &str, fetcher: &Arc<Fetcher>) -> Result<(Location, Box<dyn Source>), Failure> {
    let remote = text.split_once("://").is_some();
    if !remote && !text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:")) {
        return local(Path::new(text));
    }
    let place =
        Location::parse(text, None).map_err(|error| Failure::Refused(error.finding(text, Place::Whole).into()))?;
    match place.path() {
        Some(path) => local(path),
        None => Ok((place.clone(), Box::new(RemoteSource::new(place, Arc::clone(fetcher))))),
    }
}

fn local(path: &Path) -> Result<(Location, Box<dyn Source>), Failure> {
    let place = Location::of_path(path).map_err(|error| Failure::host(error, "name the file by its full path"))?;
    let path = place.path().unwrap_or(path).to_owned();
    Ok((place, Box::new(LocalSource::new(path))))
}

fn report_url(text: &str) -> Result<Location, Failure> {
    let location = Location::parse(text, None)
        .map_err(|error| Failure::Refused(error.finding("--report-url", Place::Whole).into()))?;
    if location.is_remote() {
        return Ok(location);
    }
    let hint = "name an http: or https: URL; a file is for `--report`";
    Err(Failure::usage(
        codes::USAGE,
        "--report-url",
        "nothing can be put at a file",
        hint,
    ))
}

/// Reads the policy again, and says what was wrong with it as a refusal.
fn reload(path: PathBuf, protected: Protected) -> Box<dyn FnMut() -> Result<Policy, Refused> + Send> {
    Box::new(move || match read_policy(Some(&path)) {
        Ok(policy) => Ok(policy.protecting(protected.clone())),
        Err(failure) => Err(failure.into_refused()),
    })
}

fn write(root: Arc<Root>, file: Option<ReportFile>) -> WriteReport {
    Box::new(move |report: &RootReport| {
        let document = to_json(&report.document(OffsetDateTime::now_utc()));
        let written = write_to_root(&root, &document).and_then(|()| match &file {
            Some(file) => file.write(&document),
            None => Ok(()),
        });
        let said = written.map_err(|failure| failure.into_refused().to_string());
        (document, said)
    })
}

impl From<MetricsError> for Failure {
    fn from(error: MetricsError) -> Self {
        match error {
            MetricsError::NotLoopback(_) => {
                let hint = "name 127.0.0.1:PORT or [::1]:PORT; what others may see a proxy can pass on";
                Self::usage(codes::USAGE, "--metrics", error.to_string(), hint)
            }
            error @ MetricsError::Listen { .. } => Self::host(error, "name another port"),
        }
    }
}
