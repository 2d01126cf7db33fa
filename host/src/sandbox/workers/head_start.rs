//! Workers that begin to start before it is known how many there will be, and behind what they have to be.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::slots::Slots;
use super::starts::{Started, Starts};
use super::{WorkerOptions, WorkersError};
use crate::sandbox::channel::Start;
use crate::sandbox::worker::Role;

/// The threads that start workers, and the first worker that they start. Dropping it ends both.
#[derive(Debug)]
pub struct HeadStart {
    pub(super) slots: Arc<Slots>,
    pub(super) starts: Starts,
    /// One that will open a package.
    pub(super) opens: Option<Receiver<Started>>,
}

impl HeadStart {
    /// Begins to start a worker that opens a package: whoever has one to open waits longest for that. Of `options` only the
    /// programs count, and whether any are kept ready.
    ///
    /// # Errors
    ///
    /// [`WorkersError::Thread`]. That it does not start is told when it is needed.
    pub fn for_package(options: &WorkerOptions) -> Result<Self, WorkersError> {
        let mut begun = Self::without_worker(options)?;
        begun.opens = Some(begun.starts.ask(Role::Package, Start::Expected));
        Ok(begun)
    }

    /// The threads only.
    pub(super) fn without_worker(options: &WorkerOptions) -> Result<Self, WorkersError> {
        let slots = Arc::new(Slots::as_many_as_processors());
        let starts = Starts::begin(options, &slots).map_err(WorkersError::Thread)?;
        Ok(Self {
            slots,
            starts,
            opens: None,
        })
    }
}
