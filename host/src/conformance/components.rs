//! A handler that is a component, run in the sandbox as `hostler` runs it.

use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::{Duration, Instant};

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, HandlerIdentity, Manifest, SettingsName};

use super::case::{Fault, Whose};
use super::folders::{Folders, held};
use super::handler::{Asked, HandlerUnderTest, PutInPlace, Ran, UnderTestError, next_version};
use super::seen::Ended;
use crate::grants::{Grants, Policy};
use crate::handler_dir::{HandlerDir, Installed, PackageRecord};
use crate::lifecycle::{ExecutionError, Handler, VersionChange};
use crate::limits::{LimitName, Quota, Rule};
use crate::root::Root;
use crate::sandbox::{Access, CodeCache, End, Foreseen, Invocation, Outcome, Sandbox};
use crate::signatures::Signed;

/// How often a service is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long a service may take until it has done what is waited for.
const SERVICE_PATIENCE: Duration = Duration::from_secs(30);

/// How long a service may take to stop: what `hostler agent` gives it, and a little more.
const STOP_PATIENCE: Duration = Duration::from_secs(15);

/// Seconds from 1970 to the first day of 2100.
const YEAR_2100: i64 = 4_102_444_800;

/// A package whose commands are components.
#[derive(Debug)]
pub struct Components {
    /// What runs them.
    pub sandbox: Sandbox,
    /// Where compiled code is kept.
    pub cache: Option<CodeCache>,
    /// What the package's findings are named by.
    pub file: String,
    /// The package.
    pub bytes: Vec<u8>,
    /// Its manifest.
    pub manifest: Manifest,
    /// Who it is.
    pub identity: HandlerIdentity,
    /// What it may have.
    pub policy: Policy,
    /// Limits that are lower than usual.
    pub lowered: Vec<(LimitName, u64)>,
}

/// A version in its place.
struct Version {
    grants: Grants,
    package: Installed,
    dir: HandlerDir,
    folders: Folders,
}

/// The package in a root.
struct InPlace<'a> {
    tested: &'a Components,
    root: Root,
    old: Version,
    new: Option<Version>,
}

impl HandlerUnderTest for Components {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn put_in_place(&self, root: &Path) -> Result<Box<dyn PutInPlace + '_>, UnderTestError> {
        let root = Root::open(root)?;
        Ok(Box::new(InPlace {
            old: self.place(&root, &self.identity)?,
            new: None,
            tested: self,
            root,
        }))
    }
}

impl Components {
    fn place(&self, root: &Root, identity: &HandlerIdentity) -> Result<Version, UnderTestError> {
        let staging = HandlerDir::staging(root)?;
        let prepared = self.sandbox.prepare(
            &self.file,
            self.bytes.clone(),
            staging.as_fd(),
            root.durability(),
            &Command::ALL,
            &Foreseen::default(),
        )?;
        let mut grants = Grants::decide(prepared.manifest(), MANIFEST_FILE, &self.policy, identity)?.grants;
        grants.protect(root.path());
        let record = PackageRecord::of(&prepared, "", Signed::Unsigned);
        let dir = HandlerDir::place(root, identity, prepared.into_staged())?;
        Ok(Version {
            grants,
            package: dir.installed(&record)?,
            folders: Folders::of(root, identity),
            dir,
        })
    }
}

impl InPlace<'_> {
    fn version(&mut self, of: Whose) -> Result<&Version, UnderTestError> {
        match of {
            Whose::Old => Ok(&self.old),
            Whose::New => {
                let version = match self.new.take() {
                    Some(version) => version,
                    None => self.tested.place(&self.root, &next_version(&self.tested.identity))?,
                };
                Ok(self.new.insert(version))
            }
        }
    }
}

impl Version {
    fn handler<'a>(
        &'a self,
        tested: &'a Components,
        settings: &'a SettingsName,
        change: Option<&'a VersionChange>,
    ) -> Handler<'a, 'a> {
        Handler {
            sandbox: &tested.sandbox,
            cache: tested.cache.as_ref(),
            package: &self.package,
            grants: &self.grants,
            folders: &self.dir,
            settings,
            change,
            handed_on: None,
        }
    }
}

impl PutInPlace for InPlace<'_> {
    fn folders(&mut self, of: Whose) -> Result<Folders, UnderTestError> {
        Ok(self.version(of)?.folders.clone())
    }

    fn run(&mut self, asked: &Asked<'_>) -> Result<Ran, UnderTestError> {
        let tested = self.tested;
        let version = self.version(asked.of)?;
        let handler = version.handler(tested, asked.settings, asked.change);
        let changed = |invocation: &mut Invocation| {
            invocation.limits.lower_where_higher(&tested.lowered);
            if let Some(fault) = asked.fault {
                put_in_the_way(fault, invocation, &version.folders, asked.usual);
            }
        };
        match handler.execute_changed(asked.command, changed) {
            Ok(execution) => Ok(ran(execution.outcome, is_stop(asked.fault))),
            Err(ExecutionError(refused)) => Ok(not_run(&refused)),
        }
    }

    fn serve(
        &mut self,
        settings: &SettingsName,
        enough: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Ran>, UnderTestError> {
        let tested = self.tested;
        let version = self.version(Whose::Old)?;
        let handler = version.handler(tested, settings, None);
        let spec = match handler.service(|limits| limits.lower_where_higher(&tested.lowered)) {
            Ok(Some(spec)) => spec,
            Ok(None) => return Ok(None),
            Err(ExecutionError(refused)) => return Ok(Some(not_run(&refused))),
        };
        let mut service = match spec.start(&tested.sandbox) {
            Ok(service) => service,
            Err(outcome) => return Ok(Some(ran(*outcome, false))),
        };
        let started = Instant::now();
        while !enough() && started.elapsed() < SERVICE_PATIENCE {
            if let Some(outcome) = service.ended() {
                return Ok(Some(ran(outcome, false)));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        service.tell_to_stop();
        let told = Instant::now();
        while told.elapsed() < STOP_PATIENCE {
            if let Some(outcome) = service.ended() {
                return Ok(Some(ran(outcome, false)));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(Some(Ran {
            ended: Ended::AtLimit(format!(
                "it runs on {} s after it was told to stop",
                STOP_PATIENCE.as_secs()
            )),
            duration: started.elapsed(),
            stderr: vec![],
        }))
    }
}

fn is_stop(fault: Option<Fault>) -> bool {
    matches!(fault, Some(Fault::StoppedEarly | Fault::StoppedLater))
}

fn not_run(refused: &hostler_contract::Refused) -> Ran {
    let what = refused.findings().first().map_or("", |finding| finding.what());
    Ran {
        ended: Ended::NotRun(what.to_owned()),
        duration: Duration::ZERO,
        stderr: vec![],
    }
}

fn ran(outcome: Outcome, is_stop: bool) -> Ran {
    let ended = match outcome.end {
        End::Exited { code, .. } => Ended::Exit(code),
        End::TimedOut(_) if is_stop => Ended::Stopped,
        End::TimedOut(reached) | End::Stopped(reached) => Ended::AtLimit(reached.to_string()),
        End::Trapped { message, .. } => Ended::Fell(format!("a trap: {message}")),
        End::WorkerDied { message } => Ended::Fell(message),
        End::HostFault { message } => Ended::NotRun(message),
    };
    Ran {
        ended,
        duration: outcome.duration,
        stderr: outcome.stderr.bytes,
    }
}

/// Puts `fault` in the way of a command that took `usual` before.
fn put_in_the_way(fault: Fault, invocation: &mut Invocation, folders: &Folders, usual: Duration) {
    match fault {
        Fault::FullDisk => {
            for (quota, folder) in [
                (Quota::Status, &folders.status),
                (Quota::Heartbeat, &folders.heartbeat),
                (Quota::Log, &folders.log),
                (Quota::Events, &folders.log.join("events")),
                (Quota::Data, &folders.data),
            ] {
                // New files can be made, as on a disk that is full; there is only no room in them.
                if let Some([bytes, ..]) = quota.limits() {
                    let but = quota.host_file().map(|(name, _)| name);
                    invocation.limits.cap(bytes, held(folder, but).bytes, Rule::CommandLine);
                }
            }
        }
        Fault::NoWriteAccess => {
            for preopen in &mut invocation.preopens {
                preopen.access = Access::ReadOnly;
            }
        }
        Fault::StoppedEarly | Fault::StoppedLater => {
            let part = if fault == Fault::StoppedEarly { 4 } else { 2 };
            let deadline = u64::try_from((usual / part).as_millis()).unwrap_or(u64::MAX).max(1);
            invocation.limits.cap(LimitName::Deadline, deadline, Rule::CommandLine);
        }
        Fault::Clock1970 => invocation.clock_shift = -now(),
        Fault::Clock2100 => invocation.clock_shift = YEAR_2100 - now(),
    }
}

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
