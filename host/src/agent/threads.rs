//! The real world of the agent: threads, clocks and signals.

use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::time::{Duration, Instant};
use std::{io, thread};

use hostler_contract::Refused;
use time::OffsetDateTime;

use super::course::{Act, Course, Happened};
use super::executor::{Executor, Runs};
use super::notices::Notices;
use super::periodic::Periodic;
use super::published::Published;
use super::reporter::Reporter;
use super::run::World;
use super::source::Source;
use crate::grants::Policy;
use crate::signals::{Told, listen};

/// How long the last report may take.
const LAST_REPORT: Duration = Duration::from_secs(5);

/// What the agent is made of.
pub struct ThreadsOptions {
    /// What carries goal states out.
    pub runs: Runs,
    /// Where they come from.
    pub source: Box<dyn Source>,
    /// Reads the policy; `None` where none was named.
    pub policy: Option<Box<dyn FnMut() -> Result<Policy, Refused> + Send>>,
    /// What reports.
    pub reporter: Reporter,
    /// What else is done again and again.
    pub periodic: Vec<Box<dyn Periodic>>,
    /// What is known of all.
    pub published: Published,
    /// Where notices go.
    pub notices: Notices,
}

/// The agent's threads.
pub struct Threads {
    began: Instant,
    inbox: Receiver<Happened>,
    inbox_of: Sender<Happened>,
    executor: Executor,
    poller: SyncSender<()>,
    turns: SyncSender<Duration>,
    policy: Option<Box<dyn FnMut() -> Result<Policy, Refused> + Send>>,
    reporter: Reporter,
    published: Published,
    notices: Notices,
    was_good: bool,
}

impl Threads {
    /// Starts them; signals are listened to from now on.
    ///
    /// # Errors
    ///
    /// What the system says of threads and signals.
    pub fn start(options: ThreadsOptions) -> io::Result<Self> {
        let (inbox_of, inbox) = mpsc::channel();
        let told = inbox_of.clone();
        listen(move |signal| {
            let happened = match signal {
                Told::Stop => Happened::Stop,
                Told::Reload => Happened::Reload,
            };
            // Nobody hears it where the agent has left.
            let _ = told.send(happened);
        })?;
        Ok(Self {
            began: Instant::now(),
            inbox,
            executor: Executor::start(options.runs, inbox_of.clone())?,
            poller: poll(options.source, inbox_of.clone())?,
            turns: take_turns(options.periodic, inbox_of.clone())?,
            inbox_of,
            policy: options.policy,
            reporter: options.reporter,
            published: options.published,
            notices: options.notices,
            was_good: true,
        })
    }

    /// The last report, after the agent has ended.
    pub fn finish(self) {
        self.reporter.finish(LAST_REPORT);
    }

    fn say_of_source(&mut self, course: &Course) {
        let source = &course.report().source;
        if source.good == self.was_good {
            return;
        }
        self.was_good = source.good;
        match source.findings.first().filter(|_| !source.good) {
            Some(finding) => tracing::warn!(%finding, "the source gives no goal state; the last one stays in force"),
            None => tracing::info!(source = source.place, "the source gives a goal state again"),
        }
    }
}

impl World for Threads {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn time(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn wait(&mut self, until: Duration) -> Option<Happened> {
        // It cannot be closed: this holds an end of it.
        self.inbox.recv_timeout(until.saturating_sub(self.now())).ok()
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Look => drop(self.poller.try_send(())),
            Act::Turn => {
                self.reporter.turn();
                self.executor.record_services();
                // What is still at its last turn leaves this one out.
                let _ = self.turns.try_send(self.began.elapsed());
            }
            Act::Report => self.reporter.turn(),
            Act::CarryOut(goal_state) => self.executor.carry_out(goal_state),
            Act::UsePolicy(policy) => self.executor.use_policy(policy),
            Act::Record(event) => self.executor.record(event),
            Act::Tell(notice) => self.notices.tell(notice),
            Act::ReadPolicy => {
                let read = self.policy.as_mut().map_or_else(|| Ok(Policy::none()), |read| read());
                let _ = self.inbox_of.send(Happened::PolicyRead(read));
            }
            Act::WindUp => {
                // What is periodic stops while the last command ends.
                let (nobody, _) = mpsc::sync_channel(0);
                self.turns = nobody;
                self.executor.wind_up();
            }
            Act::Leave(_) => {}
        }
    }

    fn publish(&mut self, course: &Course) {
        self.say_of_source(course);
        self.published.change(|now| {
            now.agent.clone_from(course.report());
            now.counts = course.counts();
        });
    }
}

/// Looks at `source` each time it is asked to.
fn poll(mut source: Box<dyn Source>, tell: Sender<Happened>) -> io::Result<SyncSender<()>> {
    let (asks, asked) = mpsc::sync_channel(1);
    thread::Builder::new().name("source".into()).spawn(move || {
        let _alarm = Alarm(tell.clone());
        while asked.recv().is_ok() {
            if tell.send(Happened::Looked(source.look())).is_err() {
                return;
            }
        }
    })?;
    Ok(asks)
}

/// Says that a thread has panicked, where others would wait for it for ever.
struct Alarm(Sender<Happened>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            // Nobody hears it where the agent has left.
            let _ = self.0.send(Happened::Broke);
        }
    }
}

/// Gives each of `periodic` its turn.
fn take_turns(mut periodic: Vec<Box<dyn Periodic>>, tell: Sender<Happened>) -> io::Result<SyncSender<Duration>> {
    let (turns, turn) = mpsc::sync_channel(1);
    thread::Builder::new().name("periodic".into()).spawn(move || {
        let _alarm = Alarm(tell.clone());
        for now in turn {
            periodic.iter_mut().for_each(|each| each.turn(now));
        }
        periodic.iter_mut().for_each(|each| each.stop());
        let _ = tell.send(Happened::PeriodicGone);
    })?;
    Ok(turns)
}
