//! Standard input of a component: one call of the host that waits for it and for the clock.

use std::time::Duration;

use super::Waits;
use crate::{
    Wait,
    component::bindings::wasi::{
        cli::stdin,
        clocks::monotonic_clock,
        io::{
            poll,
            streams::{InputStream, StreamError},
        },
    },
};

/// How much is read at once, in bytes, of an input that has nothing to say.
const PIECE: u64 = 4096;

/// Whether a service learns that it is to stop.
pub(crate) fn can_be_heard() -> bool {
    true
}

/// Standard input.
pub(crate) struct StandardInput(InputStream);

impl StandardInput {
    pub(crate) fn new() -> Self {
        Self(stdin::get_stdin())
    }

    /// Takes what there is, which means nothing; whether the input has ended. One that cannot be read has.
    fn has_ended(&self) -> bool {
        match self.0.read(PIECE) {
            Ok(_) => false,
            Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => true,
        }
    }
}

impl Waits for StandardInput {
    fn wait(&mut self, time: Duration) -> Wait {
        let over = monotonic_clock::subscribe_duration(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let input = self.0.subscribe();
        loop {
            // The input comes first: where it has ended and the time is over, it is to stop.
            let ready = poll::poll(&[&input, &over]);
            if ready.contains(&0) && self.has_ended() {
                return Wait::Stop;
            }
            if ready.contains(&1) {
                return Wait::Elapsed;
            }
        }
    }
}
