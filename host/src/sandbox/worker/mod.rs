//! The inside of a worker: a process that locks itself down, does one job and ends (design D7).
//!
//! It finds its channel as standard input, and has nothing else: no environment, no folder, no descriptor. What it says
//! is believed only as far as the supervisor can check it.

mod lockdown;
mod prepare;
mod probe;
mod run;
mod warm;

use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

use super::channel::{Channel, ChannelError, Frame, FrameLimits, Job, Start};
use crate::secrets::MAX_PROTECTED_BYTES;
use lockdown::{Lockdown, LockdownError};

/// What a worker is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Opens a package.
    Package,
    /// Compiles a component.
    Compile,
    /// Runs a command.
    Run,
    /// Tries what a component that broke out could try.
    Probe,
}

impl Role {
    /// The argument that starts a worker of this role.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Compile => "compile",
            Self::Run => "run",
            Self::Probe => "probe",
        }
    }
}

/// First argument of a process that is a worker.
pub(super) const WORKER: &str = "__worker";

/// The largest job, in bytes: a command's variables and folders are all bounded, and far below it. Protected settings go
/// beside it.
const JOB: FrameLimits = FrameLimits {
    message: 4 << 20,
    run: MAX_PROTECTED_BYTES,
};

/// The first message to a run worker: one word.
const START: FrameLimits = FrameLimits { message: 16, run: 0 };

/// Why a worker ends without having done its job.
#[derive(Debug, thiserror::Error)]
enum WorkerError {
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error(transparent)]
    Lockdown(#[from] LockdownError),
    #[error("standard input cannot be taken: {0}")]
    Input(#[source] std::io::Error),
    #[error("the job is for another worker, or lacks a descriptor")]
    WrongJob,
    #[error("{0}")]
    Engine(String),
}

/// Does what the arguments of this process say, where they say that it is a worker; else nothing.
///
/// A program that runs components in workers calls this first of all: workers are the same program once more. Nothing
/// may have been opened and no thread started before it.
pub fn worker_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORKER {
        return None;
    }
    let role = arguments.next();
    let role = [Role::Package, Role::Compile, Role::Run, Role::Probe]
        .into_iter()
        .find(|known| role.as_deref() == Some(known.argument().as_ref()));
    Some(ended(role.map(work)))
}

/// Is a worker that opens a package or runs a command, where the arguments of this process say so; else nothing. A program
/// for these, and nothing else, has no more in it than this: no database, no network.
pub fn small_worker_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORKER {
        return None;
    }
    let role = arguments.next()?;
    Some(if role == Role::Package.argument() {
        ended(Some(channel().and_then(|(channel, lockdown)| {
            prepare::open_package(&channel, lockdown)
        })))
    } else if role == Role::Run.argument() {
        ended(Some(
            channel().and_then(|(channel, lockdown)| run::work(&channel, lockdown)),
        ))
    } else {
        return None;
    })
}

/// How a worker ends. Nobody reads a word of its but on its channel, and that is gone.
fn ended(worked: Option<Result<(), WorkerError>>) -> ExitCode {
    match worked {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(_)) | None => ExitCode::FAILURE,
    }
}

/// Locks this process down, and takes its channel.
fn channel() -> Result<(Channel, Lockdown), WorkerError> {
    let lockdown = Lockdown::begin()?;
    let input: OwnedFd = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(WorkerError::Input)?;
    Ok((Channel::of(input), lockdown))
}

fn work(role: Role) -> Result<(), WorkerError> {
    let (channel, lockdown) = channel()?;
    match role {
        Role::Package => prepare::open_package(&channel, lockdown),
        Role::Compile => prepare::compile_component(&channel, lockdown),
        Role::Run => run::work(&channel, lockdown),
        Role::Probe => probe::work(&channel, lockdown),
    }
}

/// What a run worker is told first.
fn take_start(channel: &Channel) -> Result<Start, WorkerError> {
    Ok(channel.receive(START, None)?.message()?)
}

/// Says that it is ready, and waits for its job.
fn take_job(channel: &Channel, lockdown: &Lockdown) -> Result<(Job, Frame), WorkerError> {
    say_hello(channel, lockdown)?;
    wait_for_job(channel)
}

/// Says what it is behind: a job may come.
fn say_hello(channel: &Channel, lockdown: &Lockdown) -> Result<(), WorkerError> {
    Ok(channel.send(&lockdown.hello(), [&[], &[]], &[], None)?)
}

fn wait_for_job(channel: &Channel) -> Result<(Job, Frame), WorkerError> {
    let frame = channel.receive(JOB, None)?;
    Ok((frame.message()?, frame))
}
