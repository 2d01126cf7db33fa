//! Services in tests: the test is asked each time that the service waits, and says whether it goes on or is to stop.

use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    process::Stdio,
    time::Duration,
};

use super::{Harness, Ran};
use crate::{Handler, Wait, clock, protected::Source, run::serve, service::WORD, stop::Waits};

/// How often a service may wait after it was told to stop, before it is made to panic.
const WAITS_AFTER_STOP: u32 = 100;

/// A service that waits; it does nothing while the test looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Which wait this is, from 1. Those of no length, as of [`is_stopping`](crate::Service::is_stopping), do not count.
    pub number: u32,
    /// How long it would wait.
    pub time: Duration,
}

impl<H: Handler> Harness<H> {
    /// Runs the service in this process, as a host would start it after `enable`, without the time that it waits.
    ///
    /// Each time that it waits, `turn` is called: the place to change what the service looks at, to look at what it
    /// [told](Harness::status), and to end it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use hostler_sdk::{Context, Failure, Handler, NoSettings, Service, StatusKind, Success, Wait, harness::Harness};
    ///
    /// #[derive(Default)]
    /// struct Counter;
    ///
    /// impl Handler for Counter {
    ///     type Settings = NoSettings;
    ///
    ///     fn enable(&self, _: &mut Context, _: NoSettings) -> Result<Success, Failure> {
    ///         Ok("counting".into())
    ///     }
    ///
    ///     fn service(&self, service: &mut Service, _: NoSettings) -> Result<(), Failure> {
    ///         let mut count = 0;
    ///         while service.wait(Duration::from_secs(60)) == Wait::Elapsed {
    ///             count += 1;
    ///             service.status(StatusKind::Success, &format!("counted to {count}"))?;
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let harness = Harness::<Counter>::new();
    /// let ran = harness.serve(|turn| if turn.number < 4 { Wait::Elapsed } else { Wait::Stop });
    /// assert_eq!(ran.exit_code, 0);
    /// assert_eq!(ran.status.unwrap().message.message, "counted to 3");
    /// ```
    ///
    /// # Panics
    ///
    /// Also where `turn` does. A service that goes on waiting after it was told to stop is made to, which ends it as any
    /// panic of a handler does.
    pub fn serve(&self, turn: impl FnMut(Turn) -> Wait) -> Ran {
        let panicked = RefCell::new(None);
        let waits = Told {
            turn,
            panicked: &panicked,
            number: 0,
            since_stop: None,
        };
        let outcome = clock::set::during(self.time, || {
            serve::<H>(
                self.variables().into_iter().collect(),
                Source::Given(self.protected.clone()),
                Some(Box::new(waits)),
            )
        });
        if let Some(payload) = panicked.into_inner() {
            resume_unwind(payload);
        }
        self.look(
            outcome.as_ref().map_or_else(crate::Failure::exit_code, |()| 0),
            outcome.err().map(|failure| failure.to_string()),
        )
    }

    /// Runs the service in this process for so many waits, of which the last one is when it is told to stop.
    pub fn serve_turns(&self, turns: u32) -> Ran {
        self.serve(|turn| match turn.number < turns {
            true => Wait::Elapsed,
            false => Wait::Stop,
        })
    }

    /// Runs the service of the program `binary` in a process of its own, does `meanwhile`, and tells it to stop.
    pub fn serve_program(&self, binary: impl AsRef<Path>, meanwhile: impl FnOnce(&Self)) -> Ran {
        let mut running = self
            .program(binary.as_ref(), WORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.as_ref().display()));
        let input = running.stdin.take();
        meanwhile(self);
        drop(input);
        self.ended(
            &running
                .wait_with_output()
                .unwrap_or_else(|error| panic!("{}: {error}", binary.as_ref().display())),
        )
    }
}

/// What a service in a test waits for.
struct Told<'a, F> {
    turn: F,
    /// What the test panicked with: an assertion of its own, which must not count as a panic of the handler.
    panicked: &'a RefCell<Option<Box<dyn Any + Send>>>,
    number: u32,
    since_stop: Option<u32>,
}

impl<F: FnMut(Turn) -> Wait> Waits for Told<'_, F> {
    fn wait(&mut self, time: Duration) -> Wait {
        if let Some(waits) = &mut self.since_stop {
            *waits += 1;
            assert!(
                *waits < WAITS_AFTER_STOP,
                "the service goes on after it was told to stop"
            );
            return Wait::Stop;
        }
        if time.is_zero() {
            return Wait::Elapsed;
        }
        self.number += 1;
        let turn = Turn {
            number: self.number,
            time,
        };
        let word = catch_unwind(AssertUnwindSafe(|| (self.turn)(turn))).unwrap_or_else(|payload| {
            self.panicked.replace(Some(payload));
            Wait::Stop
        });
        self.since_stop = (word == Wait::Stop).then_some(0);
        word
    }
}
