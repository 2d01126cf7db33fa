//! As many workers compute at one time as there are processors: more would only take time from each other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A number of places, each held by one who works.
#[derive(Debug)]
pub(super) struct Slots {
    free: Mutex<usize>,
    changed: Condvar,
}

/// A place that is held, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot<'s>(&'s Slots);

impl Slots {
    pub(super) fn as_many_as_processors() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            free: Mutex::new(processors),
            changed: Condvar::new(),
        }
    }

    /// Waits for a place.
    pub(super) fn take(&self) -> Slot<'_> {
        let mut free = self
            .changed
            .wait_while(self.lock(), |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self)
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // A number is whole after every step.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.lock() += 1;
        self.0.changed.notify_one();
    }
}
