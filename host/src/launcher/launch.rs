//! One command that the native agent runs, from its variables to what it finds afterwards.

use std::error::Error as _;
use std::time::{Duration, Instant};

use hostler_contract::manifest::MANIFEST_FILE;
use hostler_contract::{Command, Refused, Source};

use super::answer::{self, Answer};
use super::place::{Place, PlaceError};
use crate::grants::{Grants, Policy};
use crate::handler_dir::{HandlerDir, Installed};
use crate::lifecycle::{Execution, ExecutionError, HandedOn, Handler};
use crate::limits::{LimitName, Rule};
use crate::sandbox::{CodeCache, Sandbox};

/// How long before the agent's own deadline a command is stopped. The agent kills at once and everything; what is stopped
/// by us still gets its status.
const BEFORE_THE_AGENT: Duration = Duration::from_secs(20);

/// What came of a command.
#[derive(Debug)]
pub struct Launched {
    /// The command.
    pub execution: Execution,
    /// What was written for the agent in the handler's place, and why.
    pub answer: Answer,
    /// What is to be said beside that; never a refusal.
    pub warnings: Vec<String>,
}

/// Why a command was not run.
#[derive(Debug, thiserror::Error)]
pub enum LauncherError {
    /// The launcher does not lie where it should, or a folder cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The package is at fault, or asks for more than is allowed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The component cannot be run.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// What the command left cannot be looked at or answered.
    #[error("what the command left cannot be read or written")]
    Answer(#[source] std::io::Error),
}

/// Runs `command` of the handler in `place` for the native agent, which `handed_on` these variables, within `policy`; the
/// agent's clock for it began to run at `began`.
///
/// A command that was not run is answered too, where the agent would look for an answer: an enable with settings gets a
/// status that says why.
///
/// # Errors
///
/// [`LauncherError`].
pub fn launch(
    place: &Place,
    command: Command,
    handed_on: &HandedOn,
    policy: &Policy,
    sandbox: &Sandbox,
    began: Instant,
) -> Result<Launched, LauncherError> {
    let folders = place.folders()?;
    let before = answer::Before::of(&folders).map_err(LauncherError::Answer)?;
    let execution = match run(place, &folders, command, handed_on, policy, sandbox, began) {
        Ok(execution) => execution,
        Err(error) => {
            if command == Command::Enable {
                let said = format!("[ExtensionError] {}", describe(&error));
                answer::refuse(&folders, handed_on.settings(), &said).map_err(LauncherError::Answer)?;
            }
            return Err(error);
        }
    };
    let answer = answer::settle(&folders, &execution, handed_on.settings()).map_err(LauncherError::Answer)?;
    let mut warnings = Vec::new();
    let base = place.base()?;
    if let Err(error) = before.publish_heartbeat(&folders, &base) {
        warnings.push(format!("the heartbeat cannot be put where the agent looks: {error}"));
    }
    // Whether or not the command went well: the agent takes the package away now (contract 7.5).
    if command == Command::Uninstall
        && let Err(error) = place.leave()
    {
        warnings.push(format!("the handler's data cannot be taken away: {error}"));
    }
    Ok(Launched {
        execution,
        answer,
        warnings,
    })
}

fn run(
    place: &Place,
    folders: &HandlerDir,
    command: Command,
    handed_on: &HandedOn,
    policy: &Policy,
    sandbox: &Sandbox,
    began: Instant,
) -> Result<Execution, LauncherError> {
    let package = folders.installed(&place.record()?)?;
    let grants = granted(place, &package, command, policy)?;
    let cache = place.cache();
    if matches!(command, Command::Install | Command::Update) {
        compile(folders, &package, sandbox, cache.as_ref())?;
    }
    let handler = Handler {
        sandbox,
        cache: cache.as_ref(),
        package: &package,
        grants: &grants,
        folders,
        settings: handed_on.settings(),
        change: None,
        handed_on: Some(handed_on),
    };
    let execution = handler.execute(command, |limits| {
        let left = command.time_limit().saturating_sub(BEFORE_THE_AGENT + began.elapsed());
        let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        limits.cap(LimitName::Deadline, left, Rule::Contract);
    })?;
    Ok(execution)
}

/// What the handler may do. Nobody's signature is known here: it is the agent who takes packages. What takes it away does not fail because a policy became narrower.
fn granted(place: &Place, package: &Installed, command: Command, policy: &Policy) -> Result<Grants, Refused> {
    let (manifest, identity) = (package.manifest(), place.identity());
    let mut grants = match command {
        Command::Install | Command::Enable | Command::Update => {
            Grants::decide(manifest, MANIFEST_FILE, policy, identity)?.grants
        }
        Command::Disable | Command::Uninstall => Grants::weigh(manifest, MANIFEST_FILE, policy, identity).0.grants,
    };
    grants.protect(place.library());
    Ok(grants)
}

/// Compiles what any command will need, while there is most time for it; what is wrong with one is found when it is run.
fn compile(
    folders: &HandlerDir,
    package: &Installed,
    sandbox: &Sandbox,
    cache: Option<&CodeCache>,
) -> Result<(), LauncherError> {
    for command in Command::ALL {
        let (component, _) = package.target(command)?;
        let bytes = folders.component(package, component)?;
        sandbox.code(Source::new(component, &bytes), cache)?;
    }
    Ok(())
}

/// Why a command was not run, for a status.
fn describe(error: &LauncherError) -> String {
    let findings = match error {
        LauncherError::Refused(refused)
        | LauncherError::Place(PlaceError::Refused(refused))
        | LauncherError::Execution(ExecutionError(refused)) => refused.findings(),
        other => {
            let causes = std::iter::successors(other.source(), |&cause| cause.source());
            let causes: String = causes.map(|cause| format!(": {cause}")).collect();
            return format!("The host failed, not the handler: {other}{causes}");
        }
    };
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
