//! The thread of a component while the component waits: for a call that has no answer yet, or for a moment.
//!
//! The event loop runs the file calls only. Its own clock takes 6 kB for each service that waits, most of them for nothing but
//! the word to stop; this one takes nothing until somebody asks to be woken.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How exact an alarm is: finer would be a finer clock than some handlers may have.
const STEP: Duration = Duration::from_millis(1);

/// Who is to be woken when, on one component's thread. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Alarms {
    since: Instant,
    set: Arc<Mutex<Set>>,
}

#[derive(Debug, Default)]
struct Set {
    next: u64,
    /// By moment, and then in the order in which they were asked for.
    wakers: BTreeMap<(Instant, u64), Waker>,
}

impl Alarms {
    /// Without any.
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            set: Arc::default(),
        }
    }

    /// Is over at `moment`, or up to a millisecond later; never without one.
    pub(super) fn at(&self, moment: Option<Instant>) -> Alarm {
        let mut set = self.lock();
        set.next += 1;
        Alarm {
            alarms: self.clone(),
            moment: moment.and_then(|moment| self.after_step(moment)),
            number: set.next,
        }
    }

    /// The end of the step that `moment` lies in; `None` where the clock does not reach that far.
    fn after_step(&self, moment: Instant) -> Option<Instant> {
        let over = moment.saturating_duration_since(self.since).as_nanos() % STEP.as_nanos();
        match u64::try_from(over) {
            Ok(0) | Err(_) => Some(moment),
            Ok(over) => moment.checked_add(STEP.saturating_sub(Duration::from_nanos(over))),
        }
    }

    /// What comes of `work`, where that is before `moment`; looks at the work first.
    pub(super) async fn within<T>(&self, moment: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
        let (mut work, mut over) = (pin!(work), self.at(moment));
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Pin::new(&mut over).poll(context).map(|()| None),
        })
        .await
    }

    /// Does `work` on this thread, which sleeps while there is nothing to do of it.
    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let woken = Arc::new(Sleeper {
            thread: thread::current(),
            is_woken: AtomicBool::new(false),
        });
        let waker = Waker::from(woken.clone());
        let mut work = pin!(work);
        loop {
            if let Poll::Ready(value) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            self.sleep(&woken);
        }
    }

    /// Until somebody wakes this thread.
    fn sleep(&self, sleeper: &Sleeper) {
        loop {
            let next = self.ring();
            // Not left to the thread's own mark alone: whatever else waited in this thread may have taken that.
            if sleeper.is_woken.swap(false, Ordering::Acquire) {
                return;
            }
            match next {
                Some(moment) => thread::park_timeout(moment.saturating_duration_since(Instant::now())),
                None => thread::park(),
            }
        }
    }

    /// Wakes those whose moment has come, and gives the next one.
    fn ring(&self) -> Option<Instant> {
        loop {
            let mut set = self.lock();
            let first = set.wakers.first_entry()?;
            let moment = first.key().0;
            if moment > Instant::now() {
                return Some(moment);
            }
            let waker = first.remove();
            // Whoever is woken may ask for another one.
            drop(set);
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        // Each change is whole before anything can panic.
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One moment that somebody waits for. Dropping it ends that.
#[derive(Debug)]
pub(super) struct Alarm {
    alarms: Alarms,
    moment: Option<Instant>,
    number: u64,
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(moment) = self.moment else {
            return Poll::Pending;
        };
        if moment <= Instant::now() {
            return Poll::Ready(());
        }
        let key = (moment, self.number);
        let before = self.alarms.lock().wakers.insert(key, context.waker().clone());
        // With the lock given back: nobody knows what that does.
        drop(before);
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(moment) = self.moment {
            let waker = self.alarms.lock().wakers.remove(&(moment, self.number));
            drop(waker);
        }
    }
}

/// A thread that sleeps until it is woken.
struct Sleeper {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// Whether `alarm` is over, seen with `waker`.
    fn is_over(alarm: &mut Alarm, waker: &Waker) -> bool {
        Pin::new(alarm).poll(&mut Context::from_waker(waker)).is_ready()
    }

    #[test]
    fn the_earliest_ends_first_and_none_too_early() {
        let alarms = Alarms::new();
        let moments = [30, 10, 20].map(|after| Instant::now() + Duration::from_millis(after));
        let mut waiting = moments.map(|moment| alarms.at(Some(moment)));
        let mut ended = Vec::new();
        alarms.run(poll_fn(|context| {
            for (number, alarm) in waiting.iter_mut().enumerate() {
                if !ended.contains(&number) && Pin::new(alarm).poll(context).is_ready() {
                    assert!(Instant::now() >= moments[number]);
                    ended.push(number);
                }
            }
            match ended.len() {
                3 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }));
        // On a busy machine more than one may have come at a time.
        ended.sort_unstable();
        assert_eq!(ended, [0, 1, 2]);
    }

    #[test]
    fn one_that_is_dropped_leaves_nothing_behind_and_without_a_moment_none_is_set() {
        let alarms = Alarms::new();
        let far = Instant::now() + Duration::from_secs(3600);
        let (mut near, mut never) = (alarms.at(Some(far)), alarms.at(None));
        assert!(!is_over(&mut near, Waker::noop()));
        assert!(!is_over(&mut near, Waker::noop()), "seen again, it is still one");
        assert!(!is_over(&mut never, Waker::noop()));
        assert_eq!(alarms.lock().wakers.len(), 1);
        drop(near);
        assert_eq!(alarms.lock().wakers.len(), 0);
        assert!(is_over(&mut alarms.at(Some(Instant::now() - STEP)), Waker::noop()));
    }

    #[test]
    fn another_thread_wakes_it_also_where_something_else_took_the_mark() {
        let alarms = Alarms::new();
        let mut asked = false;
        alarms.run(poll_fn(|context| match std::mem::replace(&mut asked, true) {
            true => Poll::Ready(()),
            false => {
                let waker = context.waker().clone();
                thread::spawn(move || waker.wake()).join().unwrap();
                // What a channel does that is waited for in between.
                thread::park_timeout(Duration::ZERO);
                Poll::Pending
            }
        }));
    }

    #[test]
    fn a_moment_is_met_in_whole_steps() {
        let alarms = Alarms::new();
        for (asked, met) in [(0, 0), (1, 1_000_000), (1_000_000, 1_000_000), (1_000_001, 2_000_000)] {
            let [asked, met] = [asked, met].map(|nanoseconds| alarms.since + Duration::from_nanos(nanoseconds));
            assert_eq!(alarms.after_step(asked), Some(met));
        }
    }

    #[test]
    fn what_comes_first_of_work_and_a_moment() {
        let alarms = Alarms::new();
        let soon = || Some(Instant::now() + Duration::from_millis(2));
        assert_eq!(alarms.run(alarms.within(soon(), pending::<()>())), None);
        assert_eq!(alarms.run(alarms.within(None, async { 7 })), Some(7));
    }
}
