//! A clock that a test set: it holds for what runs in this thread, and only while that runs.

use std::cell::Cell;
use std::time::SystemTime;

thread_local! {
    static TIME: Cell<Option<SystemTime>> = const { Cell::new(None) };
}

/// The time that was set, if one was.
pub(super) fn time() -> Option<SystemTime> {
    TIME.get()
}

/// Runs `work` with the clock at `time`; the machine's clock where there is none.
pub(crate) fn during<T>(time: Option<SystemTime>, work: impl FnOnce() -> T) -> T {
    let _before = Before(TIME.replace(time));
    work()
}

/// Puts back what was set, also where the work panics.
struct Before(Option<SystemTime>);

impl Drop for Before {
    fn drop(&mut self) {
        TIME.set(self.0);
    }
}
