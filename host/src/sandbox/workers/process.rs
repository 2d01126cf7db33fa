//! One worker process, from the supervisor's side.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hostler_contract::escape_bounded;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, setpriority_pgrp};
use serde::Serialize;

use crate::sandbox::BUILD;
use crate::sandbox::channel::{Channel, ChannelError, Frame, FrameLimits, Hello, Seccomp, Start};
use crate::sandbox::isolation::IsolationReport;
use crate::sandbox::worker::{Role, WORKER};

/// How long a worker may take to lock itself down.
const START: Duration = Duration::from_secs(20);

/// How long a process is waited for that was sent the signal which nothing outlives.
const LINGER: Duration = Duration::from_secs(2);

/// The least weight that a process can have.
const LEAST: i32 = 19;

/// The largest greeting, in bytes.
const HELLO: FrameLimits = FrameLimits {
    message: 1 << 10,
    run: 0,
};

/// Why there is no worker.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum StartError {
    /// The system does not start it.
    #[error("a worker process cannot be started: {0}")]
    Spawn(String),
    /// It ended, or did not greet, before it had a job.
    #[error("a worker process did not get ready: {0}")]
    Hello(String),
    /// It is of another build, and might mean something else by the same words.
    #[error(
        "a worker process did not get ready: its program is of build {theirs}, and this one of {BUILD}; install both together"
    )]
    OtherBuild {
        /// The build that it says it is of.
        theirs: String,
    },
}

/// A worker that is ready for its job. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    /// Until its end is taken note of.
    child: Option<Child>,
    id: u32,
    channel: Channel,
    isolation: IsolationReport,
}

impl Process {
    /// Starts `program` once more, as a worker of that `role`, and waits until it has locked itself down. A run worker
    /// takes as much time for that as `start` says.
    ///
    /// It dies with the thread that calls this, however that ends.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub(super) fn start(program: &Path, role: Role, start: Start) -> Result<Self, StartError> {
        let (channel, theirs) = Channel::pair().map_err(|error| StartError::Spawn(error.to_string()))?;
        let child = spawn(program, role, theirs).map_err(|error| StartError::Spawn(error.to_string()))?;
        let mut process = Self {
            id: child.id(),
            child: Some(child),
            channel,
            isolation: IsolationReport::of_worker(0, false),
        };
        let deadline = Instant::now() + START;
        let begun = match role {
            Role::Package | Role::Compile | Role::Probe => Ok(()),
            Role::Run => process.send(&start, &[], deadline),
        };
        let greeted = begun
            .and_then(|()| process.receive(HELLO, deadline))
            .and_then(|frame| frame.message::<Hello>());
        match greeted {
            Ok(Hello { build, .. }) if build != BUILD => Err(StartError::OtherBuild {
                theirs: escape_bounded(&build, BUILD.len()),
            }),
            Ok(hello) => {
                process.isolation = IsolationReport::of_worker(hello.landlock, hello.seccomp == Seccomp::On);
                Ok(process)
            }
            Err(error) => {
                let ended = process.end();
                Err(StartError::Hello(format!("{error}; {}", describe(ended))))
            }
        }
    }

    /// Whether it is still there, as far as anybody knows.
    pub(super) fn is_alive(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// What it is behind.
    pub(super) fn isolation(&self) -> &IsolationReport {
        &self.isolation
    }

    /// Its number in the system's list.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Gives it a job.
    pub(super) fn send(
        &self,
        job: &impl Serialize,
        descriptors: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<(), ChannelError> {
        self.send_with(job, &[], descriptors, deadline)
    }

    /// The same with a run of bytes beside it.
    pub(super) fn send_with(
        &self,
        job: &impl Serialize,
        beside: &[u8],
        descriptors: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<(), ChannelError> {
        self.channel.send(job, [beside, &[]], descriptors, Some(deadline))
    }

    /// Gives it the word: to begin the first time, to stop a service the second.
    pub(super) fn send_word(&self, deadline: Instant) -> Result<(), ChannelError> {
        self.channel.send_word(deadline)
    }

    /// Waits until it has answered or is gone; false when it has not at `deadline`.
    pub(super) fn wait(&self, deadline: Instant) -> Result<bool, ChannelError> {
        self.channel.wait(deadline)
    }

    /// Reads what it answers.
    pub(super) fn receive(&self, limits: FrameLimits, deadline: Instant) -> Result<Frame, ChannelError> {
        self.channel.receive(limits, Some(deadline))
    }

    /// Ends it, if it has not ended by itself, and says how it ended; `None` where the system does not say.
    ///
    /// A process that the kernel does not let go (it waits for a disk that is gone) is not waited for: it runs nothing of
    /// its own any more, and a thread takes note of its end.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        // An error means that it has ended.
        let _ = child.kill();
        if has_ended_within(self.id, LINGER) {
            return child.wait().ok();
        }
        drop(std::thread::Builder::new().spawn(move || child.wait()));
        None
    }

    /// How it ended by itself: it has closed its channel. One that did and goes on is ended, which says nothing.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        // Nearly always it is gone already; on a machine that is busy it may have to wait for its turn to go.
        let by_itself = has_ended_within(self.id, LINGER);
        self.end().filter(|_| by_itself)
    }

    /// Sends it the signal that ends it, without waiting until it is gone. What the system does to clear up after it stands in
    /// nobody's way.
    pub(super) fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            // Of all its threads: the last one of them clears up. Its process group is its own, as it was started.
            if let Some(group) = Pid::from_raw(self.id.cast_signed()) {
                let _ = setpriority_pgrp(Some(group), LEAST);
            }
            // An error means that it has ended.
            let _ = child.kill();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether the child `id`, of whose end no note was taken yet, ends within `time`.
fn has_ended_within(id: u32, time: Duration) -> bool {
    let ended = || -> rustix::io::Result<bool> {
        let id = Pid::from_raw(id.cast_signed()).ok_or(Errno::SRCH)?;
        let process = pidfd_open(id, PidfdFlags::empty())?;
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(|_| Errno::INVAL)?;
            match poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&left)) {
                Err(Errno::INTR) => {}
                ready => return Ok(ready? > 0),
            }
        }
    };
    // Where the system does not tell, it is waited for as long as it takes.
    ended().unwrap_or(true)
}

fn spawn(program: &Path, role: Role, socket: OwnedFd) -> io::Result<Child> {
    Command::new(program)
        .arg0("hostler")
        .args([WORKER, role.argument()])
        .env_clear()
        .current_dir("/")
        .stdin(socket)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Keys that stop the supervisor are for the supervisor, which takes its workers along.
        .process_group(0)
        .spawn()
}

/// How a process ended, in a few words.
pub(super) fn describe(status: Option<ExitStatus>) -> String {
    match status {
        None => "it closed its channel and went on".to_owned(),
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("it ended with exit code {code}"),
            (None, Some(signal)) => format!("it was ended by signal {signal}"),
            (None, None) => "it is not known how it ended".to_owned(),
        },
    }
}
