//! The thread that raises the epoch, one for all commands of this process.
//!
//! Beginning to watch a command and ending that takes a lock and no system call, but where the command could be done with
//! its time before the moment until which the thread sleeps anyway. A command's end wakes nobody.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

use super::Pace;

/// Shortest time between two looks.
const SHORTEST: Duration = Duration::from_millis(1);

/// How soon the epoch is raised again for a component that has not looked, at first and past its deadline.
const FIRST_PATIENCE: Duration = Duration::from_millis(5);

/// How soon it is raised again at the latest.
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

/// How long the thread sleeps at most: where nothing is watched.
const NOTHING: Duration = Duration::from_secs(3600);

/// A command that is watched.
struct Watched {
    number: u64,
    engine: EngineWeak,
    start: Instant,
    pace: Pace,
    /// When to raise the epoch for it.
    due: Instant,
    /// How long to wait for its look then; `None` until the epoch has been raised for it.
    patience: Option<Duration>,
    /// Processor time that came back and was not used when there was enough: it is gone.
    unused: Duration,
}

/// What is watched.
#[derive(Default)]
struct Keeper {
    watched: Vec<Watched>,
    /// The number of the next one.
    next: u64,
    /// Until when the thread sleeps, where there is one.
    sleeps_until: Option<Instant>,
    /// When it looks for the first time, if it has not.
    looks_first: Option<Instant>,
}

static KEEPER: Mutex<Keeper> = Mutex::new(Keeper {
    watched: Vec::new(),
    next: 0,
    sleeps_until: None,
    looks_first: None,
});
static CHANGED: Condvar = Condvar::new();

fn keeper() -> MutexGuard<'static, Keeper> {
    // Each change is a single step, so what a poisoned lock holds is whole.
    KEEPER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes sure that the thread is there, and looks in time for a command of that `pace` if it began now: then one that
/// begins later does not wake it.
///
/// # Errors
///
/// When it cannot be started.
pub(super) fn ready(pace: &Pace) -> std::io::Result<()> {
    let mut keeper = keeper();
    if keeper.sleeps_until.is_none() {
        std::thread::Builder::new().name("watchdog".into()).spawn(keep)?;
        let now = Instant::now();
        let first = first_end(pace, now, now, pace.cpu);
        keeper.looks_first = Some(first);
        keeper.sleeps_until = Some(first);
    }
    Ok(())
}

/// Begins to watch a command that begins at `start`; its number.
pub(super) fn watch(engine: EngineWeak, start: Instant, pace: Pace) -> u64 {
    let mut keeper = keeper();
    let number = keeper.next;
    keeper.next += 1;
    let mut watched = Watched {
        number,
        engine,
        start,
        pace,
        due: start,
        patience: None,
        unused: Duration::ZERO,
    };
    watched.plan(start, pace.cpu);
    let due = watched.due;
    keeper.watched.push(watched);
    keeper.wake_by(due);
    number
}

/// Notes that the command with this number looks at its clocks: `left` says how much processor time it has, given what
/// came back and is gone.
pub(super) fn looked(number: u64, left: impl FnOnce(&mut Duration) -> Duration) -> Duration {
    let mut keeper = keeper();
    let Some(watched) = keeper.watched.iter_mut().find(|watched| watched.number == number) else {
        return left(&mut Duration::default());
    };
    let left = left(&mut watched.unused);
    watched.patience = None;
    watched.plan(Instant::now(), left);
    let due = watched.due;
    keeper.wake_by(due);
    left
}

/// Ends watching the command with this number.
pub(super) fn forget(number: u64) {
    keeper().watched.retain(|watched| watched.number != number);
}

impl Keeper {
    /// Lets the thread wake up by `due`.
    fn wake_by(&mut self, due: Instant) {
        if self.sleeps_until.is_none_or(|until| due < until) {
            self.sleeps_until = Some(due);
            CHANGED.notify_all();
        }
    }
}

impl Watched {
    fn plan(&mut self, now: Instant, cpu_left: Duration) {
        self.due = first_end(&self.pace, self.start, now, cpu_left);
    }

    /// Raises the epoch for it.
    ///
    /// A look that is being taken just now sets its next epoch only when it returns, and misses one that is raised
    /// meanwhile; so it is raised again. A component that waits in a host call looks when it comes back, and uses no
    /// processor until then: for it this gets rarer.
    fn raise(&mut self, now: Instant) {
        if let Some(engine) = self.engine.upgrade() {
            engine.increment_epoch();
        }
        let longest = match self.pace.comes_back_in {
            None => LONGEST_PATIENCE,
            // A service waits most of its time, and looks as soon as it comes back to computing.
            Some(period) => period / 10,
        };
        let patience = self
            .patience
            .map_or(FIRST_PATIENCE, |before| (before * 2).min(longest.max(FIRST_PATIENCE)));
        self.patience = Some(patience);
        let left = deadline_left(&self.pace, self.start, now);
        self.due = now + patience.min(left.max(FIRST_PATIENCE));
    }
}

/// The first moment after `now` at which a command that began at `start` can have used up a limit: its deadline, or what is
/// left of its processor time if the component and its file calls have all processors for themselves.
fn first_end(pace: &Pace, start: Instant, now: Instant, cpu_left: Duration) -> Instant {
    let first = deadline_left(pace, start, now)
        .min(cpu_left / processors())
        .max(SHORTEST);
    now.checked_add(first).unwrap_or_else(|| far(now))
}

fn deadline_left(pace: &Pace, start: Instant, now: Instant) -> Duration {
    match pace.deadline {
        Some(deadline) => deadline.saturating_sub(now.duration_since(start)),
        None => Duration::MAX,
    }
}

/// Raises the epoch whenever a limit of a command may be used up, as long as this process lives.
fn keep() {
    let mut keeper = keeper();
    loop {
        let now = Instant::now();
        for watched in &mut keeper.watched {
            if watched.due <= now {
                watched.raise(now);
            }
        }
        keeper.looks_first = keeper.looks_first.filter(|first| *first > now);
        let dues = keeper.watched.iter().map(|watched| watched.due);
        let next = dues.chain(keeper.looks_first).min();
        let until = next.unwrap_or_else(|| far(now));
        keeper.sleeps_until = Some(until);
        let time = until.saturating_duration_since(now);
        keeper = CHANGED
            .wait_timeout(keeper, time)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

fn far(now: Instant) -> Instant {
    now + NOTHING
}

/// How many threads can compute at one time.
fn processors() -> u32 {
    // The system is asked with several calls.
    static PROCESSORS: OnceLock<u32> = OnceLock::new();
    *PROCESSORS
        .get_or_init(|| std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1)))
}
