//! Runs one command.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use super::lockdown::{Lockdown, Reach, ResourceLimits};
use super::{WorkerError, say_hello, take_start, wait_for_job, warm};
use crate::limits::{LimitName, Limits};
use crate::sandbox::channel::{Channel, Job, RunJob, RunReply, Start};
use crate::sandbox::engine::running_engine;
use crate::sandbox::file_calls::FileCalls;
use crate::sandbox::linked::Linked;
use crate::sandbox::linker::new_linker;
use crate::sandbox::run::Runnable;
use crate::sandbox::sealed::Sealed;
use crate::sandbox::stop::Stop;
use crate::sandbox::{Access, Handed, OpenFolder, Outcome, Protected};

/// Memory that the engine itself and the stacks of its threads may take, in bytes, besides what the component has.
const OWN_MEMORY: u64 = 128 << 20;

/// Bytes of one element of a table.
const TABLE_ELEMENT: u64 = 16;

/// Processor time beyond `cmd.cpu`, in seconds, before the system ends the process: hostler's own limit comes first.
const OWN_CPU: u64 = 3;

/// Descriptors besides those that stand for the component's resources.
const OWN_DESCRIPTORS: u64 = 64;

pub(super) fn work(channel: &Channel, lockdown: Lockdown) -> Result<(), WorkerError> {
    let start = take_start(channel)?;
    if start == Start::Needed {
        say_hello(channel, &lockdown)?;
    }
    // All that does not depend on the job is done while it is on its way, or nobody waits for it.
    let engine = running_engine().map_err(|error| WorkerError::Engine(error.to_string()))?;
    let linker = new_linker(&engine).map_err(|error| WorkerError::Engine(format!("{error:#}")))?;
    if start == Start::Ahead {
        warm::up();
    }
    if start != Start::Needed {
        // Not before: the place in which it gets ready is given to others then.
        say_hello(channel, &lockdown)?;
    }
    let (job, mut frame) = wait_for_job(channel)?;
    let Job::Run(job) = job else {
        return Err(WorkerError::WrongJob);
    };
    if frame.descriptors.len() != job.invocation.preopens.len() + 1 {
        return Err(WorkerError::WrongJob);
    }
    let handed = Handed {
        folders: frame
            .descriptors
            .split_off(1)
            .into_iter()
            .map(OpenFolder::from)
            .collect(),
        protected: Protected::of_parts(job.protected.clone(), std::mem::take(&mut frame.runs[0])),
    };
    let code = frame.descriptors.pop().ok_or(WorkerError::WrongJob)?;
    let mut limits = limits_of(&job.invocation.limits);
    if job.invocation.is_service {
        // It comes back, which the system does not know of; who looks from outside does.
        limits.cpu = u64::MAX;
    }
    if let Err(error) = lockdown.finish(limits, &reaches(&job, &handed.folders), job.required) {
        return reply(channel, &RunReply::Failed(error.to_string()), None);
    }
    // Not before: it is native code of a compiler that a package may have broken.
    let linked = Sealed::from_fd(code)
        .map_err(wasmtime::Error::from)
        .and_then(|code| Linked::new(&engine, &linker, &code));
    let linked = match linked {
        Ok(linked) => linked,
        Err(error) => return reply(channel, &RunReply::Unfit(format!("{error:#}")), None),
    };
    let runnable = Runnable {
        engine: engine.clone(),
        linked,
        entry_points: Arc::new(job.entry_points),
        file_calls: FileCalls::InItsProcess,
    };
    warm::code(&runnable.linked);
    let mut told = Ok(());
    let tell = |mut outcome: Outcome, leaves_threads| {
        let streams = [
            std::mem::take(&mut outcome.stdout.bytes),
            std::mem::take(&mut outcome.stderr.bytes),
        ];
        let ran = RunReply::Ran {
            outcome: Box::new(outcome),
            leaves_threads,
        };
        told = reply(channel, &ran, Some(&streams));
        // Until it is ended, which follows: to take the instance down here, too, would keep a processor from whom the answer
        // wakes.
        channel.wait_for_end();
    };
    let stop = match job.invocation.is_service {
        true => Stop::default(),
        false => Stop::of_command(),
    };
    let begin = || channel.wait_for_word().is_ok() && (!job.invocation.is_service || stop_with(channel, &stop).is_ok());
    runnable.run_here(&job.invocation, handed, &stop, begin, tell);
    told
}

/// Tells the service to stop with the second word, or when there will be none.
fn stop_with(channel: &Channel, stop: &Stop) -> std::io::Result<()> {
    let (channel, stop) = (channel.try_clone()?, stop.clone());
    let wait = move || {
        let _ = channel.wait_for_word();
        stop.tell();
    };
    std::thread::Builder::new().name("stop".into()).spawn(wait).map(drop)
}

fn reply(channel: &Channel, reply: &RunReply, streams: Option<&[Vec<u8>; 2]>) -> Result<(), WorkerError> {
    let runs = streams.map_or([&[][..], &[][..]], |[out, err]| [out.as_slice(), err.as_slice()]);
    Ok(channel.send(reply, runs, &[], None)?)
}

/// What the system may let the process use: a little more than the component is allowed.
pub(super) fn limits_of(limits: &Limits) -> ResourceLimits {
    let tables = limits.value(LimitName::TableElements).saturating_mul(TABLE_ELEMENT);
    let streams = limits
        .value(LimitName::Stdout)
        .saturating_add(limits.value(LimitName::Stderr));
    ResourceLimits {
        data: limits
            .value(LimitName::Memory)
            .saturating_add(tables)
            // A stream is copied once on its way to the supervisor.
            .saturating_add(streams.saturating_mul(3))
            .saturating_add(OWN_MEMORY),
        cpu: limits.value(LimitName::Cpu).div_ceil(1000).saturating_add(OWN_CPU),
        file: limits.value(LimitName::File),
        descriptors: limits.value(LimitName::Resources).saturating_add(OWN_DESCRIPTORS),
    }
}

fn reaches<'f>(job: &RunJob, folders: &'f [OpenFolder]) -> Vec<(BorrowedFd<'f>, Reach)> {
    let preopens = job.invocation.preopens.iter();
    preopens
        .zip(folders)
        .map(|(preopen, folder)| {
            let reach = match (preopen.access, preopen.granted) {
                (Access::ReadOnly, false) => Reach::Read,
                (Access::ReadWrite(_), false) => Reach::Change,
                (Access::ReadOnly, true) => Reach::ReadOthers,
                (Access::ReadWrite(_), true) => Reach::ChangeOthers,
            };
            (folder.as_fd(), reach)
        })
        .collect()
}
