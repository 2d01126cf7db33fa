//! An attempt in a worker of its own.

use std::os::fd::BorrowedFd;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use super::process::describe;
use super::{Workers, WorkersError};
use crate::sandbox::attempt::{AttemptJob, Attempted};
use crate::sandbox::channel::{ChannelError, FrameLimits, Job, ProbeJob};
use crate::sandbox::worker::Role;

/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest answer, in bytes.
const REPLY: FrameLimits = FrameLimits {
    message: 64 << 10,
    run: 0,
};

impl Workers {
    /// Has a worker make the attempt in `job` with `folders`, the one to read and its own.
    ///
    /// # Errors
    ///
    /// When there is no worker.
    pub(in crate::sandbox) fn attempt(
        &self,
        job: AttemptJob,
        folders: &[BorrowedFd<'_>],
    ) -> Result<Attempted, WorkersError> {
        let _slot = self.slots.take();
        let mut process = self.needed(Role::Probe)?;
        let job = Job::Probe(ProbeJob {
            attempt: job,
            required: self.required,
        });
        let deadline = Instant::now() + PATIENCE;
        let answer = process
            .send(&job, folders, deadline)
            .and_then(|()| process.receive(REPLY, deadline))
            .and_then(|frame| frame.message::<Attempted>());
        Ok(match answer {
            Ok(attempted) => attempted.showable(),
            Err(ChannelError::Closed | ChannelError::Io(_)) => {
                let status = process.ended();
                if status.and_then(|status| status.signal()) == Some(libc::SIGSYS) {
                    Attempted::Denied("its process was ended at the system call".to_owned())
                } else {
                    // It said nothing, as one that has become another program would.
                    Attempted::Unclear(describe(status))
                }
            }
            Err(error) => Attempted::Unclear(error.to_string()),
        })
    }
}
