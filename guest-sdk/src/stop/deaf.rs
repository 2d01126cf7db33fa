//! WASI preview 1, whose standard library can neither wait for input with a time limit nor start a thread.

use std::time::Duration;

use super::Waits;
use crate::Wait;

/// Whether a service learns that it is to stop.
pub(crate) fn can_be_heard() -> bool {
    false
}

/// Never waited for: nothing is run as a service here.
pub(crate) struct StandardInput;

impl StandardInput {
    pub(crate) fn new() -> Self {
        Self
    }
}

impl Waits for StandardInput {
    fn wait(&mut self, _time: Duration) -> Wait {
        Wait::Stop
    }
}
