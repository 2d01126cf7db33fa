//! All services of a root.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hostler_contract::{ExtensionName, HandlerName};

use super::kept::Kept;
use crate::audit::Entry;
use crate::lifecycle::ServiceSpec;
use crate::report::ServiceReport;
use crate::sandbox::Sandbox;

/// How often it is looked whether a service has stopped that is waited for.
const LOOK: Duration = Duration::from_millis(5);

/// How often they are looked after: how late a service that fell may be started again.
const EVERY: Duration = Duration::from_millis(250);

/// Most events that are kept until somebody records them; the oldest go first.
const MOST_EVENTS: usize = 10_000;

/// A handler, and the one of its extensions where it has several.
pub type ServiceName = (HandlerName, Option<ExtensionName>);

/// The services that are kept. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

struct Inner {
    sandbox: Sandbox,
    began: Instant,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    kept: BTreeMap<ServiceName, Kept>,
    /// What happened and is not recorded yet.
    events: Vec<Entry>,
}

impl Services {
    /// None yet; they will run in `sandbox`.
    pub fn new(sandbox: Sandbox) -> Self {
        Self(Arc::new(Inner {
            sandbox,
            began: Instant::now(),
            now: Mutex::default(),
        }))
    }

    /// Looks after them from now on, on a thread of its own, for as long as somebody has them.
    ///
    /// # Errors
    ///
    /// What the system says of the thread.
    pub fn keep(&self) -> io::Result<()> {
        let inner = Arc::downgrade(&self.0);
        let keep = move || {
            while let Some(inner) = inner.upgrade() {
                Self(inner).look();
                thread::sleep(EVERY);
            }
        };
        thread::Builder::new().name("services".into()).spawn(keep).map(drop)
    }

    /// Starts one and keeps it. One of the same handler and extension has to be stopped before.
    pub fn start(&self, spec: ServiceSpec) {
        let name = (spec.identity.name.clone(), spec.settings.extension.clone());
        let mut events = Vec::new();
        let kept = Kept::start(spec, &self.0.sandbox, self.elapsed(), &mut events);
        let mut now = self.now();
        now.note(events);
        now.kept.insert(name, kept);
    }

    /// Stops the service of `extension` of the handler `name`, or all of that handler's where none is named, and waits until
    /// nothing of them runs; at most [`STOP_GRACE`](super::STOP_GRACE) and the time that the system takes for ending a
    /// process.
    pub fn stop(&self, name: &HandlerName, extension: Option<&ExtensionName>) {
        self.stop_those(|(of, its)| of == name && (extension.is_none() || its.as_ref() == extension));
    }

    /// Stops all of them, at one time.
    pub fn stop_all(&self) {
        self.stop_those(|_| true);
    }

    fn stop_those(&self, which: impl Fn(&ServiceName) -> bool) {
        let those = |now: &mut Now, does: &mut dyn FnMut(&mut Kept)| {
            let kept = now.kept.iter_mut().filter(|(name, _)| which(name));
            kept.for_each(|(_, kept)| does(kept));
        };
        those(&mut self.now(), &mut Kept::tell_to_stop);
        self.wait_until(|now, events| {
            let mut all = true;
            those(now, &mut |kept| all &= kept.has_stopped(events));
            all
        });
    }

    /// Forgets the handler `name`, whose services were stopped: they are not reported any more.
    pub fn forget(&self, name: &HandlerName) {
        self.now().kept.retain(|(of, _), _| of != name);
    }

    /// Looks after all of them: takes note of those that fell, and starts again those whose pause is over.
    pub fn look(&self) {
        let elapsed = self.elapsed();
        // Not all under one lock: starting one may take a moment, and who reports should not wait for all of them.
        let names: Vec<ServiceName> = self.now().kept.keys().cloned().collect();
        for name in names {
            let mut now = self.now();
            let mut events = Vec::new();
            if let Some(kept) = now.kept.get_mut(&name) {
                kept.look(&self.0.sandbox, elapsed, &mut events);
            }
            now.note(events);
        }
    }

    /// How each of them is.
    pub fn report(&self) -> BTreeMap<ServiceName, ServiceReport> {
        let elapsed = self.elapsed();
        let now = self.now();
        let reports = now.kept.iter();
        reports
            .map(|(name, kept)| (name.clone(), kept.report(elapsed)))
            .collect()
    }

    /// What happened since this was asked the last time, to be recorded.
    pub fn take_events(&self) -> Vec<Entry> {
        std::mem::take(&mut self.now().events)
    }

    fn wait_until(&self, done: impl Fn(&mut Now, &mut Vec<Entry>) -> bool) {
        loop {
            let mut now = self.now();
            let mut events = Vec::new();
            let done = done(&mut now, &mut events);
            now.note(events);
            drop(now);
            if done {
                return;
            }
            thread::sleep(LOOK);
        }
    }

    /// Of the monotonic clock.
    fn elapsed(&self) -> Duration {
        self.0.began.elapsed()
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // Nothing in it panics half-way; a service that was lost on the way has ended with it.
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Now {
    fn note(&mut self, events: Vec<Entry>) {
        self.events.extend(events);
        let over = self.events.len().saturating_sub(MOST_EVENTS);
        self.events.drain(..over);
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}
