//! Threads that are kept for the next command.
//!
//! A command in this process needs two of them, and beginning and ending a thread takes longer than most file calls. One
//! that is left behind in a call that never ends is just not there for anybody else.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most threads that are kept without work.
const MOST: usize = 8;

/// How long one is kept without work.
const PATIENCE: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce() + Send>;

/// A thread without work.
struct Idle {
    /// Tells it from the others.
    number: u64,
    give: SyncSender<Work>,
}

/// Those without work, the last one to have got there last, and the number of the next one.
static IDLE: Mutex<(Vec<Idle>, u64)> = Mutex::new((Vec::new(), 0));

fn idle() -> MutexGuard<'static, (Vec<Idle>, u64)> {
    // Nothing panics while it is held.
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work` on a thread that has none, or on a new one, which is called `name` as long.
///
/// A panic of `work` goes no further, and nobody hears of it.
///
/// # Errors
///
/// When there is none and none can be started.
pub(super) fn run(name: String, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = move || {
        // What it is called decides nothing.
        let _ = std::ffi::CString::new(name).map(|name| rustix::thread::set_name(&name));
        work();
    };
    let mut work: Work = Box::new(work);
    loop {
        let Some(thread) = idle().0.pop() else {
            let begin = move || keep(work);
            return std::thread::Builder::new().spawn(begin).map(drop);
        };
        match thread.give.send(work) {
            Ok(()) => return Ok(()),
            // It has ended all the same.
            Err(mpsc::SendError(unsent)) => work = unsent,
        }
    }
}

/// Does `first`, and then what else there is, until there has been nothing for a while.
fn keep(first: Work) {
    let (give, take) = mpsc::sync_channel(1);
    let number = {
        let mut idle = idle();
        idle.1 += 1;
        idle.1
    };
    let mut work = first;
    loop {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            // Whatever it left behind in this thread ends with it.
            return;
        }
        {
            let mut idle = idle();
            if idle.0.len() >= MOST {
                return;
            }
            let give = give.clone();
            idle.0.push(Idle { number, give });
        }
        work = match take.recv_timeout(PATIENCE) {
            Ok(next) => next,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let mut idle = idle();
                let before = idle.0.len();
                idle.0.retain(|thread| thread.number != number);
                if idle.0.len() < before {
                    return;
                }
                drop(idle);
                // Somebody has just taken it.
                match take.recv() {
                    Ok(next) => next,
                    Err(mpsc::RecvError) => return,
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread::{self, ThreadId};

    /// Waits until a thread is free again, so that the next work finds it.
    fn on_which() -> ThreadId {
        let (say, heard) = mpsc::channel();
        super::run("a test".into(), move || say.send(thread::current().id()).unwrap()).unwrap();
        heard.recv().unwrap()
    }

    #[test]
    fn a_thread_is_used_again_and_one_that_panicked_or_is_stuck_is_not() {
        let (go_on, wait) = mpsc::channel::<()>();
        let (say, heard) = mpsc::channel();
        super::run("stuck".into(), move || {
            say.send(thread::current().id()).unwrap();
            let _ = wait.recv();
        })
        .unwrap();
        let stuck = heard.recv().unwrap();
        let (say, heard) = mpsc::channel();
        super::run("panics".into(), move || {
            say.send(thread::current().id()).unwrap();
            std::panic::resume_unwind(Box::new("on purpose"));
        })
        .unwrap();
        let panicked = heard.recv().unwrap();
        let seen: Vec<ThreadId> = (0..200).map(|_| on_which()).collect();
        assert!(!seen.contains(&stuck) && !seen.contains(&panicked));
        let mut different = seen.clone();
        different.sort_by_key(|id| format!("{id:?}"));
        different.dedup();
        assert!(different.len() < seen.len(), "none was used twice");
        drop(go_on);
    }
}
