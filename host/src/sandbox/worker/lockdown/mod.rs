//! A worker gives up what it does not need, in an order in which nothing can be taken back (SECURITY 4.2).
//!
//! ```text
//! at its start     descriptors closed, no new privileges, not traceable, gone with its parent, no core,
//!                  capabilities dropped · Landlock: no network, no signals to others
//!                  filters: calls that no worker ever makes end it, there are none but those that one makes
//! with its job     resource limits of the job · Landlock: only the job's folders
//!                  filter: no call that was only good until here
//! ```
//!
//! Landlock holds for the thread that asks for it and those it starts afterwards, so all of this comes before the first
//! thread.

mod landlock;
mod process;
mod seccomp;

use std::io;
use std::os::fd::BorrowedFd;

use rustix::thread::CapabilitySet;

use crate::sandbox::BUILD;
use crate::sandbox::channel::{Hello, Seccomp};
use crate::sandbox::isolation::{IsolationReport, RequiredIsolation};
pub(super) use landlock::Reach;
use process::OthersFiles;
pub(super) use process::ResourceLimits;

/// A layer that is required cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockdownError {
    /// The system refused a step that works everywhere.
    #[error("{what}: {source}")]
    Io {
        /// The step.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Landlock took no rules.
    #[error("Landlock: {0}")]
    Landlock(String),
    /// The filter was not taken.
    #[error("the filter of system calls: {0}")]
    Seccomp(String),
    /// Less than is required.
    #[error("{0}")]
    Lacking(String),
}

fn io_error<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> LockdownError {
    move |source| LockdownError::Io {
        what,
        source: source.into(),
    }
}

/// A worker that has given up what it can without knowing its job.
#[derive(Debug)]
pub(super) struct Lockdown {
    landlock: u32,
    seccomp: bool,
    filter: seccomp::Filter,
    capabilities: CapabilitySet,
}

impl Lockdown {
    /// The first half. Call it before anything else: before the first thread, and with nothing open but standard input,
    /// output and error that is of any use.
    ///
    /// # Errors
    ///
    /// [`LockdownError`] of what works on every Linux.
    pub(super) fn begin() -> Result<Self, LockdownError> {
        process::close_inherited()?;
        process::give_up_privileges()?;
        let capabilities = process::drop_capabilities()?;
        let landlock = landlock::deny_network_and_signals()?;
        let seccomp = seccomp::begin().is_ok();
        let filter = seccomp::Filter::of_job()?;
        Ok(Self {
            landlock,
            seccomp,
            filter,
            capabilities,
        })
    }

    /// What the supervisor is told of it.
    pub(super) fn hello(&self) -> Hello {
        Hello {
            build: BUILD.to_owned(),
            landlock: self.landlock,
            seccomp: if self.seccomp { Seccomp::On } else { Seccomp::Off },
        }
    }

    /// The second half: from here on `limits` hold, and only what `reaches` names can be opened.
    ///
    /// # Errors
    ///
    /// [`LockdownError`], also when what there is comes to less than `required`: then the job must not be done.
    pub(super) fn finish(
        self,
        limits: ResourceLimits,
        reaches: &[(BorrowedFd<'_>, Reach)],
        required: RequiredIsolation,
    ) -> Result<(), LockdownError> {
        if let Some(lacks) = IsolationReport::of_worker(self.landlock, self.seccomp).lacks(required) {
            return Err(LockdownError::Lacking(lacks));
        }
        process::limit(limits)?;
        if !self.capabilities.is_empty() {
            let needs = reaches.iter().map(|(_, reach)| reach.needs());
            process::keep_for_job(needs.max().unwrap_or(OthersFiles::None), self.capabilities)?;
        }
        if self.landlock > 0 {
            landlock::restrict(reaches)?;
        }
        if self.seccomp {
            self.filter.apply()?;
        }
        Ok(())
    }
}
