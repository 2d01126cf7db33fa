//! One worker process, from the supervisor's side.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::sandbox::channel::{Channel, ChannelError, Frame, FrameLimits, Hello, Seccomp};
use crate::sandbox::isolation::IsolationReport;
use crate::sandbox::worker::{Role, WORKER};

/// How long a worker may take to lock itself down.
const START: Duration = Duration::from_secs(20);

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
}

/// A worker that is ready for its job. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    channel: Channel,
    isolation: IsolationReport,
    is_reaped: bool,
}

impl Process {
    /// Starts `program` once more, as a worker of that `role`, and waits until it has locked itself down.
    ///
    /// It dies with the thread that calls this, however that ends.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub(super) fn start(program: &Path, role: Role) -> Result<Self, StartError> {
        let (channel, theirs) = Channel::pair().map_err(|error| StartError::Spawn(error.to_string()))?;
        let child = spawn(program, role, theirs).map_err(|error| StartError::Spawn(error.to_string()))?;
        let mut process = Self {
            child,
            channel,
            isolation: IsolationReport::of_worker(0, false),
            is_reaped: false,
        };
        let greeted = process
            .receive(HELLO, Instant::now() + START)
            .and_then(|frame| frame.message::<Hello>());
        match greeted {
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
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it is behind.
    pub(super) fn isolation(&self) -> &IsolationReport {
        &self.isolation
    }

    /// Its number in the system's list.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Gives it a job.
    pub(super) fn send(
        &self,
        job: &impl Serialize,
        descriptors: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<(), ChannelError> {
        self.channel.send(job, [&[], &[]], descriptors, Some(deadline))
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
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        // An error means that it has ended.
        let _ = self.child.kill();
        self.is_reaped = true;
        self.child.wait().ok()
    }

    /// How it ended by itself: it has closed its channel. One that did and goes on is ended.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        const TRIES: u32 = 100;
        const PAUSE: Duration = Duration::from_millis(2);
        for _ in 0..TRIES {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(PAUSE),
                Ok(Some(status)) => {
                    self.is_reaped = true;
                    return Some(status);
                }
                Err(_) => break,
            }
        }
        // Its end is our doing, and says nothing.
        self.end();
        None
    }

    /// Sends it the signal that ends it, without waiting until it is gone.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_reaped {
            self.end();
        }
    }
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
