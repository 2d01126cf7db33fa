//! As many workers compute at one time as there are processors: more would only take time from each other.
//!
//! A worker that gets ready computes as well. One that is started ahead of need waits for a place of its own, so that it
//! takes no time from commands that run; one that somebody waits for who has a place gets ready in that place.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A number of places, each held by one who works.
#[derive(Debug)]
pub(super) struct Slots {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Who has a place, and waits for a worker before there is anything to compute.
    waiting: usize,
}

/// A place that is held, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot<'s>(&'s Slots);

/// Somebody who has a place and waits for a worker, until it is dropped.
pub(super) struct Waiting<'s>(&'s Slots);

impl Slots {
    pub(super) fn as_many_as_processors() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }

    fn new(free: usize) -> Self {
        Self {
            state: Mutex::new(State { free, waiting: 0 }),
            changed: Condvar::new(),
        }
    }

    /// Waits for a place.
    pub(super) fn take(&self) -> Slot<'_> {
        let mut state = self.wait_while(|state| state.free == 0);
        state.free -= 1;
        Slot(self)
    }

    /// Waits for a place in which a worker can get ready that nobody needs yet; `None` is the place of somebody who has
    /// begun to need it meanwhile.
    pub(super) fn take_to_start(&self) -> Option<Slot<'_>> {
        let mut state = self.wait_while(|state| state.free == 0 && state.waiting == 0);
        if state.waiting > 0 {
            return None;
        }
        state.free -= 1;
        Some(Slot(self))
    }

    /// Says that who has a place waits for a worker.
    pub(super) fn wait_for_worker(&self) -> Waiting<'_> {
        self.change(|state| state.waiting += 1);
        Waiting(self)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        // Those who wait wait for different things.
        self.changed.notify_all();
    }

    fn wait_while(&self, not_yet: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_while(self.lock(), |state| not_yet(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Two numbers, each whole after every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.free += 1);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.waiting -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, TryRecvError};
    use std::thread;

    use super::Slots;

    #[test]
    fn a_start_ahead_of_need_waits_for_a_place_or_for_somebody_who_has_one() {
        let slots = Slots::new(1);
        assert!(slots.take_to_start().is_some(), "nobody computes");
        let place = slots.take();
        let (say, heard) = mpsc::channel();
        thread::scope(|threads| {
            threads.spawn(|| say.send(slots.take_to_start().is_some()));
            assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
            let waiting = slots.wait_for_worker();
            assert_eq!(heard.recv(), Ok(false), "in the place of who waits");
            drop(waiting);
            threads.spawn(|| say.send(slots.take_to_start().is_some()));
            assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
            drop(place);
            assert_eq!(heard.recv(), Ok(true));
        });
        assert_eq!(slots.lock().free, 1);
    }
}
