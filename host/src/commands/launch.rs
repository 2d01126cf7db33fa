//! `hostler launch`: one command for the native agent, as the program in a launcher package is called by it.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use hostler_contract::{Command, Finding, Place as At, Refused, codes, escape};

use super::failure::{Failure, Reply};
use super::isolation_option::IsolationArgs;
use super::policy_option::read_policy;
use crate::grants::Policy;
use crate::launcher::{Answer, Launched, LauncherError, Place, PlaceError, launch as run_for_agent};
use crate::lifecycle::HandedOn;
use crate::report::{failure, stream_text};

/// The operator's policy for handlers that run beside the native agent.
const POLICY: &str = "/etc/hostler/policy.toml";

/// Run a command of the package that this program lies in, for the native agent
///
/// It finds the package by its own path, the folders in that agent's HandlerEnvironment.json, and the rest in the variables
/// that the agent sets.
#[derive(Debug, Args)]
pub(super) struct LaunchArgs {
    /// The command.
    #[arg(value_parser = super::run::parse_command)]
    command: Command,
    /// The operator's policy. One that is named has to be there.
    #[arg(long, value_name = "FILE", default_value = POLICY)]
    policy: PathBuf,
    #[command(flatten)]
    isolation: IsolationArgs,
}

pub(super) fn launch(args: &LaunchArgs) -> Result<Reply, Failure> {
    let began = Instant::now();
    let handed_on = HandedOn::of(|name| std::env::var(name).ok()).map_err(|error| {
        let hint = "let the native agent run the command: it says so in its environment";
        let finding = Finding::refusal(codes::LAUNCHER_PLACE, "environment", At::Whole, error.to_string(), hint);
        Failure::Refused(Refused::new(finding))
    })?;
    let program = std::env::current_exe().map_err(|error| Failure::host(error, "mount /proc"))?;
    let place = Place::of(&program).map_err(place_failure)?;
    let policy = policy(args)?;
    let sandbox = args.isolation.sandbox_for_one()?;
    let launched = run_for_agent(&place, args.command, &handed_on, &policy, &sandbox, began).map_err(not_run)?;
    Ok(reply(&launched))
}

/// The policy that was named; of the default one it does not matter whether it is there.
fn policy(args: &LaunchArgs) -> Result<Policy, Failure> {
    let is_default = args.policy.as_os_str() == POLICY;
    if is_default
        && args
            .policy
            .symlink_metadata()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    {
        return Ok(Policy::none());
    }
    read_policy(Some(&args.policy))
}

/// What the agent is to see: the component's own streams and exit code, and on standard error, before them, what the host
/// has to say.
fn reply(launched: &Launched) -> Reply {
    let execution = &launched.execution;
    let mut said = String::new();
    for warning in &launched.warnings {
        said += &format!("hostler: warning: {}\n", escape(warning));
    }
    // Of a command that ended by itself the exit code says it all.
    if execution
        .outcome
        .end
        .code()
        .is_some_and(|code| code != codes::COMMAND_EXIT)
        && let Some(reason) = failure(execution)
    {
        said += &format!("hostler: {}\n", reason.said);
    }
    if let Answer::Written(status) = &launched.answer {
        let message = status.message.as_deref().unwrap_or_default();
        let first = message.lines().next().unwrap_or_default();
        said += &format!("hostler: wrote the status in the handler's place: {}\n", escape(first));
    }
    Reply {
        stdout: stream_text(&execution.outcome.stdout),
        stderr: said + &stream_text(&execution.outcome.stderr),
        exit_code: u8::try_from(execution.outcome.end.exit_code()).unwrap_or(u8::MAX),
    }
}

fn place_failure(error: PlaceError) -> Failure {
    match error {
        PlaceError::Refused(refused) => refused.into(),
        PlaceError::Root(error) => error.into(),
        PlaceError::Folders(error) => Failure::host(error, "let the native agent unpack the package anew"),
    }
}

fn not_run(error: LauncherError) -> Failure {
    match error {
        LauncherError::Place(error) => place_failure(error),
        LauncherError::Refused(refused) => refused.into(),
        LauncherError::Execution(error) => error.into(),
        error @ LauncherError::Answer(_) => {
            Failure::host(error, "look at the folder `status` of the handler, and at the disk")
        }
    }
}
