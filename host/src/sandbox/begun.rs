//! A command from its beginning to what is told of it.

use std::cell::Cell;
use std::time::Instant;

use super::output::{Keeps, Output};
use super::watchdog::milliseconds;
use super::{Captured, End, Invocation, Outcome, Protected, RefusedCall};
use crate::limits::{LimitName, Limits, Usage};
use crate::secrets::Redactor;

/// What is known of a command when its thread is done.
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) usage: Usage,
    pub(super) refused: Vec<RefusedCall>,
    /// A thread of it may be in a file call still.
    pub(super) leaves_threads: bool,
}

impl Ended {
    /// With nothing known but how.
    pub(super) fn with(end: End, limits: &Limits) -> Self {
        Self {
            end,
            usage: Usage::new(limits),
            refused: Vec::new(),
            leaves_threads: false,
        }
    }
}

/// A command that is ready, or runs.
pub(super) struct Begun {
    /// When it began.
    pub(super) started: Cell<Instant>,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    /// What takes its protected settings out of what is said of it.
    redactor: Redactor,
}

impl Begun {
    // Not inlined: as the parts of `new_store`.
    #[inline(never)]
    pub(super) fn new(invocation: &Invocation, protected: &Protected) -> Self {
        let redactor = protected.redactor();
        let output = |name| {
            let keeps = match invocation.is_service {
                true => Keeps::Last,
                false => Keeps::First,
            };
            Output::new(invocation.limits.size(name), keeps, &redactor)
        };
        Self {
            started: Cell::new(Instant::now()),
            stdout: output(LimitName::Stdout),
            stderr: output(LimitName::Stderr),
            redactor,
        }
    }

    // Not inlined: as the parts of `new_store`.
    #[inline(never)]
    pub(super) fn conclude(&self, ended: Ended) -> Outcome {
        let Ended {
            mut end,
            mut usage,
            refused,
            ..
        } = ended;
        let duration = self.started.get().elapsed();
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        if let End::Exited {
            message: Some(message), ..
        }
        | End::Trapped { message, .. }
        | End::HostFault { message } = &mut end
        {
            *message = self.redactor.text(message);
        }
        record_stream(&mut usage, LimitName::Stdout, &stdout);
        record_stream(&mut usage, LimitName::Stderr, &stderr);
        usage.record(LimitName::Deadline, milliseconds(duration));
        if let End::TimedOut(reached) | End::Stopped(reached) = &end {
            usage.reach(reached.name);
            // As it was when the command was stopped: what taking it down took is not the command's.
            if let Some(used) = reached.used {
                usage.record(reached.name, used);
            }
        }
        Outcome {
            end,
            stdout,
            stderr,
            duration,
            usage,
            refused,
        }
    }
}

fn record_stream(usage: &mut Usage, name: LimitName, stream: &Captured) {
    usage.record(name, stream.bytes.len() as u64 + stream.dropped);
    if stream.dropped > 0 {
        usage.reach(name);
    }
}
