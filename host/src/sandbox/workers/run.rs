//! One command in a run worker.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use hostler_contract::escape_bounded;

use super::process::{Process, describe};
use super::slots::Slot;
use super::{Workers, cpu_watch, disk_watch, trust};
use crate::limits::{LimitName, LimitReached};
use crate::sandbox::channel::{ChannelError, Frame, FrameLimits, Job, RunJob, RunReply};
use crate::sandbox::watchdog::milliseconds;
use crate::sandbox::{AFTER_ALL, Captured, Code, End, GRACE, Handed, Invocation, OpenFolder, Outcome};

/// How long a worker may take to get its job.
const HANDOVER: Duration = Duration::from_secs(10);

/// How long an answer may take from its first byte to its last.
const ANSWER: Duration = Duration::from_secs(5);

/// How often a service is looked at from outside.
const SERVICE_LOOK: Duration = Duration::from_secs(60);

/// The largest reply without its streams, in bytes.
const MAX_REPLY: usize = 1 << 20;

/// Longest message of an end, in bytes.
const MAX_MESSAGE: usize = 1024;

/// A worker that has a command and waits for the word to begin. Dropping it ends the worker.
pub(in crate::sandbox) struct ReadyWorker<'w> {
    workers: &'w Workers,
    process: Process,
    /// Whether it was given its job.
    sent: Result<(), ChannelError>,
    invocation: Invocation,
    folders: Vec<OpenFolder>,
    slot: Slot<'w>,
}

impl Workers {
    /// Gives `invocation` of `code` to a worker, with what it is `handed`; it gets ready by itself. Waits for a
    /// place and for a worker, which is none of the command's time.
    ///
    /// # Errors
    ///
    /// The outcome, where no worker can be had.
    pub(in crate::sandbox) fn get_ready(
        &self,
        code: &Code,
        invocation: Invocation,
        handed: Handed,
    ) -> Result<ReadyWorker<'_>, Box<Outcome>> {
        let slot = self.slots.take();
        let process = self
            .take_ready()
            .map_err(|error| Box::new(Outcome::fault(&error.to_string(), &invocation)))?;
        let Handed { folders, protected } = handed;
        // Over the socket and nowhere else; it is wiped here when this returns.
        let (note, secret) = protected.parts();
        let job = Job::Run(Box::new(RunJob {
            invocation: invocation.clone(),
            protected: note,
            entry_points: code.entry_points().clone(),
            required: self.required,
        }));
        let descriptors: Vec<BorrowedFd<'_>> = std::iter::once(code.sealed.as_fd())
            .chain(folders.iter().map(AsFd::as_fd))
            .collect();
        let sent = process.send_with(&job, secret, &descriptors, Instant::now() + HANDOVER);
        tracing::debug!(
            handler = invocation.handler,
            worker = process.id(),
            "a worker has the command"
        );
        Ok(ReadyWorker {
            workers: self,
            process,
            sent,
            invocation,
            folders,
            slot,
        })
    }
}

impl<'w> ReadyWorker<'w> {
    /// Gives the word, and says what came of it.
    ///
    /// Comes back at the latest some seconds after `cmd.deadline`; the worker is gone then, or was sent the signal that no
    /// process outlives.
    pub(in crate::sandbox) fn run(self) -> Outcome {
        // Until it has answered, its place is taken.
        let (workers, running, begun, _slot) = self.begin();
        let deadline = running.started + running.invocation.limits.duration(LimitName::Deadline) + GRACE;
        let received = begun.and_then(|()| {
            while !running.process.wait(deadline.min(Instant::now() + disk_watch::EVERY))? && Instant::now() < deadline
            {
                if let Some(reached) = disk_watch::far_beyond(&running.invocation, &running.folders) {
                    return Err(NoAnswer::Beyond(reached));
                }
            }
            // Where the machine stood still until now, the worker had no time to answer.
            running.answer(deadline.max(Instant::now() + AFTER_ALL))
        });
        // Not before: on a small machine its start would take time from the command.
        workers.start_one_more();
        running.conclude(received, |process| workers.reap(process))
    }

    /// Gives the word, and lets it run on. It computes beside the others: its processor time is bounded.
    pub(in crate::sandbox) fn start(self) -> RunningWorker {
        let (workers, running, begun, _slot) = self.begin();
        workers.start_one_more();
        RunningWorker {
            begun,
            running: Some(running),
            next_look: Instant::now() + SERVICE_LOOK,
        }
    }

    fn begin(self) -> (&'w Workers, Running, Result<(), NoAnswer>, Slot<'w>) {
        let started = Instant::now();
        let begun = self
            .sent
            .and_then(|()| match self.process.send_word(started + HANDOVER) {
                // It has answered without waiting for the word: it cannot run the command, and says why.
                Err(ChannelError::Closed) => Ok(()),
                begun => begun,
            });
        let running = Running {
            process: self.process,
            invocation: self.invocation,
            folders: self.folders,
            started,
        };
        (self.workers, running, begun.map_err(NoAnswer::from), self.slot)
    }
}

/// A worker that runs a service. Dropping it ends the worker.
#[derive(Debug)]
pub(in crate::sandbox) struct RunningWorker {
    /// Until it has ended.
    running: Option<Running>,
    begun: Result<(), NoAnswer>,
    /// When it is looked at from outside the next time.
    next_look: Instant,
}

impl RunningWorker {
    /// What came of it, once it has ended.
    pub(in crate::sandbox) fn ended(&mut self) -> Option<Outcome> {
        let now = Instant::now();
        let received = {
            let running = self.running.as_ref()?;
            match std::mem::replace(&mut self.begun, Ok(())) {
                Err(error) => Err(error),
                Ok(()) => match running.process.wait(now) {
                    Ok(true) => running.answer(now + ANSWER),
                    Ok(false) if now < self.next_look => return None,
                    Ok(false) => {
                        self.next_look = now + SERVICE_LOOK;
                        Err(NoAnswer::Beyond(running.far_beyond()?))
                    }
                    Err(error) => Err(error.into()),
                },
            }
        };
        Some(self.running.take()?.conclude(received, drop))
    }

    /// Gives the second word.
    pub(in crate::sandbox) fn tell_to_stop(&self) {
        if let Some(running) = &self.running {
            // One that is gone already is heard of when it is looked at.
            let _ = running.process.send_word(Instant::now() + HANDOVER);
        }
    }

    pub(in crate::sandbox) fn process(&self) -> u32 {
        self.running.as_ref().map_or(0, |running| running.process.id())
    }
}

/// A worker that was given the word.
#[derive(Debug)]
struct Running {
    process: Process,
    invocation: Invocation,
    folders: Vec<OpenFolder>,
    started: Instant,
}

impl Running {
    /// The limit that the service is far beyond, seen from outside, if there is one.
    fn far_beyond(&self) -> Option<LimitReached> {
        let limits = &self.invocation.limits;
        disk_watch::far_beyond(&self.invocation, &self.folders)
            .or_else(|| cpu_watch::far_beyond(self.process.id(), self.started.elapsed(), limits))
    }

    /// What it answers, which it has begun to: a worker that stops in the middle of it is waited for no longer than until
    /// `deadline`.
    fn answer(&self, deadline: Instant) -> Result<Frame, NoAnswer> {
        let limits = &self.invocation.limits;
        let frame = FrameLimits {
            message: MAX_REPLY,
            run: limits.size(LimitName::Stdout).max(limits.size(LimitName::Stderr)),
        };
        Ok(self.process.receive(frame, deadline.min(Instant::now() + ANSWER))?)
    }

    /// What came of it; `reap` takes a worker in which nothing runs any more.
    fn conclude(self, received: Result<Frame, NoAnswer>, reap: impl FnOnce(Process)) -> Outcome {
        let Self {
            process,
            invocation,
            started,
            ..
        } = self;
        let invocation = &invocation;
        match received.and_then(|frame| understood(frame, invocation)) {
            Ok(Reply::Ran(mut outcome, leaves_threads)) => {
                match outcome.end {
                    // It may run still: a file call that never ends.
                    End::TimedOut(_) | End::Stopped(_) | End::HostFault { .. } if leaves_threads => drop(process),
                    // Nothing of the component does.
                    _ => reap(process),
                }
                outcome.duration = started.elapsed();
                outcome
                    .usage
                    .record(LimitName::Deadline, milliseconds(outcome.duration));
                if let End::TimedOut(reached) = &outcome.end
                    && let Some(used) = reached.used
                {
                    outcome.usage.record(LimitName::Deadline, used);
                }
                *outcome
            }
            Ok(Reply::Failed(what)) => {
                drop(process);
                Outcome::fault(&what, invocation)
            }
            Err(error) => {
                let end = match error {
                    NoAnswer::Channel(error) => died(process, &error, invocation, started),
                    NoAnswer::Beyond(reached) => {
                        drop(process);
                        End::Stopped(reached)
                    }
                };
                Outcome::without_running(end, &invocation.limits, started.elapsed())
            }
        }
    }
}

/// Why there is no answer that can be used.
#[derive(Debug)]
enum NoAnswer {
    Channel(ChannelError),
    /// It is far beyond a limit, and was not waited for any longer.
    Beyond(LimitReached),
}

impl From<ChannelError> for NoAnswer {
    fn from(error: ChannelError) -> Self {
        Self::Channel(error)
    }
}

/// An answer that can be used.
enum Reply {
    Ran(Box<Outcome>, bool),
    Failed(String),
}

/// The answer in `frame`, if it is one that an honest worker could give.
fn understood(frame: Frame, invocation: &Invocation) -> Result<Reply, NoAnswer> {
    let (outcome, leaves_threads) = match frame.message()? {
        RunReply::Ran {
            outcome,
            leaves_threads,
        } => (outcome, leaves_threads),
        RunReply::Unfit(what) => return Ok(Reply::Failed(format!("the compiled code does not fit: {what}"))),
        RunReply::Failed(what) => return Ok(Reply::Failed(what)),
    };
    let [out, err] = frame.runs;
    let is_possible = trust::is_outcome(&outcome, invocation)
        && trust::is_stream(&out, LimitName::Stdout, invocation)
        && trust::is_stream(&err, LimitName::Stderr, invocation);
    if !is_possible {
        return Err(ChannelError::Malformed.into());
    }
    let mut outcome = outcome;
    outcome.stdout = Captured {
        bytes: out,
        dropped: outcome.stdout.dropped,
    };
    outcome.stderr = Captured {
        bytes: err,
        dropped: outcome.stderr.dropped,
    };
    Ok(Reply::Ran(outcome, leaves_threads))
}

/// How a command ended whose worker gave no answer.
fn died(mut process: Process, error: &ChannelError, invocation: &Invocation, started: Instant) -> End {
    let limits = &invocation.limits;
    match error {
        // It did not take its job, or stopped in the middle of its answer: that is not the command's deadline.
        ChannelError::Late if started.elapsed() < limits.duration(LimitName::Deadline) => {
            drop(process);
            return worker_died("its worker stopped in the middle of its job or of its answer");
        }
        ChannelError::Late => {
            drop(process);
            return End::TimedOut(LimitReached {
                used: Some(milliseconds(started.elapsed())),
                ..LimitReached::new(LimitName::Deadline, limits)
            });
        }
        // It still runs, and is not to be believed.
        ChannelError::Malformed => {
            drop(process);
            return worker_died("its worker gave an answer that is none");
        }
        ChannelError::Closed | ChannelError::Io(_) => {}
    }
    // It has closed the channel; nearly always it is gone already, and its own end says why.
    let status = process.ended();
    if is_signal(status, libc::SIGXCPU) {
        return End::Stopped(LimitReached::new(LimitName::Cpu, limits));
    }
    worker_died(&format!(
        "its worker ended before it did: {}{}",
        describe(status),
        hint(status)
    ))
}

fn is_signal(status: Option<ExitStatus>, signal: i32) -> bool {
    status.and_then(|status| status.signal()) == Some(signal)
}

/// What that end often means.
fn hint(status: Option<ExitStatus>) -> &'static str {
    if is_signal(status, libc::SIGSYS) {
        ", a system call that no worker makes"
    } else if is_signal(status, libc::SIGABRT) {
        ", as when memory is used up"
    } else if is_signal(status, libc::SIGKILL) {
        ", as when somebody or the system's memory killer ends it"
    } else {
        ""
    }
}

fn worker_died(message: &str) -> End {
    End::WorkerDied {
        message: escape_bounded(message, MAX_MESSAGE),
    }
}
