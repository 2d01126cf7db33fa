//! One service, from its start to its end.

use std::time::{Duration, Instant};

use hostler_contract::status::timestamp;
use time::OffsetDateTime;

use super::STOP_GRACE;
use super::restarts::{BUDGET, Next, Restarts};
use crate::audit::{AuditEvent, Entry};
use crate::lifecycle::ServiceSpec;
use crate::report::{ServiceEnd, ServiceReport, ServiceState};
use crate::sandbox::{Outcome, RunningService, Sandbox};

/// A service that is kept.
pub(super) struct Kept {
    pub(super) spec: ServiceSpec,
    state: State,
    restarts: Restarts,
    starts: u64,
    falls: u64,
    last_end: Option<ServiceEnd>,
    /// Since when it is as it is.
    since: String,
}

enum State {
    /// It runs, since that time of the monotonic clock.
    Runs(RunningService, Duration),
    /// It was told to stop, and has to have done so by then.
    Stops(RunningService, Instant),
    /// It fell and is started again then.
    Waits(Duration),
    GivenUp,
    Stopped,
}

impl Kept {
    /// Starts it for the first time.
    pub(super) fn start(spec: ServiceSpec, sandbox: &Sandbox, now: Duration, events: &mut Vec<Entry>) -> Self {
        let mut kept = Self {
            spec,
            state: State::Stopped,
            restarts: Restarts::default(),
            starts: 0,
            falls: 0,
            last_end: None,
            since: String::new(),
        };
        kept.start_once_more(sandbox, now, events);
        kept
    }

    fn start_once_more(&mut self, sandbox: &Sandbox, now: Duration, events: &mut Vec<Entry>) {
        self.starts += 1;
        let settings = self.spec.settings.number;
        events.push(self.entry(AuditEvent::ServiceStarted { settings }));
        match self.spec.start(sandbox) {
            Ok(service) => self.be(State::Runs(service, now)),
            Err(outcome) => self.fell(&outcome, now, Duration::ZERO, events),
        }
    }

    /// Looks after it at `now`.
    pub(super) fn look(&mut self, sandbox: &Sandbox, now: Duration, events: &mut Vec<Entry>) {
        match &mut self.state {
            State::Runs(service, since) => {
                let since = *since;
                if let Some(outcome) = service.ended() {
                    self.fell(&outcome, now, now.saturating_sub(since), events);
                }
            }
            State::Waits(until) if *until <= now => self.start_once_more(sandbox, now, events),
            State::Stops(..) => drop(self.has_stopped(events)),
            State::Waits(_) | State::GivenUp | State::Stopped => {}
        }
    }

    /// Tells it to stop; [`Self::has_stopped`] says when it has.
    pub(super) fn tell_to_stop(&mut self) {
        match std::mem::replace(&mut self.state, State::Stopped) {
            State::Runs(service, _) => {
                service.tell_to_stop();
                self.be(State::Stops(service, Instant::now() + STOP_GRACE));
            }
            State::Stops(service, until) => self.state = State::Stops(service, until),
            State::Waits(_) | State::GivenUp => self.be(State::Stopped),
            State::Stopped => {}
        }
    }

    /// Whether nothing of it runs any more. One that has not stopped in its time is ended here.
    pub(super) fn has_stopped(&mut self, events: &mut Vec<Entry>) -> bool {
        let State::Stops(service, until) = &mut self.state else {
            return !matches!(self.state, State::Runs(..));
        };
        match service.ended() {
            Some(outcome) => {
                self.ended(&outcome, true, events);
                self.be(State::Stopped);
            }
            None if Instant::now() >= *until => {
                // Dropping it ends it.
                self.be(State::Stopped);
                self.last_end = Some(ServiceEnd::ended_by_host(now_as_text()));
                events.push(self.entry(AuditEvent::ServiceEndedByHost));
            }
            None => return false,
        }
        true
    }

    /// How it is at `now`.
    pub(super) fn report(&self, now: Duration) -> ServiceReport {
        let (state, process, starts_in_ms) = match &self.state {
            State::Runs(service, _) => (ServiceState::Running, service.process(), None),
            State::Stops(service, _) => (ServiceState::Stopping, service.process(), None),
            State::Waits(until) => {
                let left = u64::try_from(until.saturating_sub(now).as_millis()).unwrap_or(u64::MAX);
                (ServiceState::Restarting, None, Some(left))
            }
            State::GivenUp => (ServiceState::GivenUp, None, None),
            State::Stopped => (ServiceState::Stopped, None, None),
        };
        ServiceReport {
            state,
            since: self.since.clone(),
            version: self.spec.identity.version.clone(),
            settings: self.spec.settings.number,
            component: self.spec.component.clone(),
            process,
            starts_in_ms,
            starts: self.starts,
            falls: self.falls,
            last_end: self.last_end.clone(),
        }
    }

    fn fell(&mut self, outcome: &Outcome, now: Duration, ran: Duration, events: &mut Vec<Entry>) {
        self.falls += 1;
        self.ended(outcome, false, events);
        tracing::warn!(handler = %self.spec.identity, end = ?outcome.end, ?ran, "a service fell");
        match self.restarts.fell(now, ran) {
            Next::After(pause) => self.be(State::Waits(now + pause)),
            Next::GiveUp => {
                tracing::warn!(handler = %self.spec.identity, falls = BUDGET, "a service is given up on");
                events.push(self.entry(AuditEvent::ServiceGivenUp { falls: BUDGET }));
                self.be(State::GivenUp);
            }
        }
    }

    fn ended(&mut self, outcome: &Outcome, told: bool, events: &mut Vec<Entry>) {
        events.push(self.entry(AuditEvent::service_ended(outcome, told)));
        self.last_end = Some(ServiceEnd::new(outcome, told, now_as_text()));
    }

    fn be(&mut self, state: State) {
        self.state = state;
        self.since = now_as_text();
    }

    fn entry(&self, event: AuditEvent) -> Entry {
        event.of(&self.spec.identity).digest(&self.spec.digest())
    }
}

fn now_as_text() -> String {
    timestamp(OffsetDateTime::now_utc())
}
