//! On which thread a command is run.
//!
//! On that of who calls, where nothing that the component does can hold it up for ever: to hand a command over and to be woken
//! by its end takes a third as long as a small command itself. Else on another one, which can be left behind.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hostler_contract::escape_bounded;

use super::begun::{Begun, Ended};
use super::disk::OwnThread;
use super::run::{MAX_MESSAGE, Runnable};
use super::stop::Stop;
use super::threads;
use super::watchdog::milliseconds;
use super::{AFTER_ALL, End, GRACE, Handed, Invocation, Outcome};
use crate::limits::{LimitName, LimitReached, Limits};

impl Runnable {
    /// Runs `invocation` in a fresh instance, with what it is `handed`, and says what came
    /// of it.
    ///
    /// Comes back at the latest somewhat more than two seconds after `cmd.deadline`, whatever the component does, but where
    /// all file calls are on the thread of who calls. A panic of the engine or of a host call is caught and reported as the
    /// host's fault.
    ///
    /// A file call that the kernel never finishes (a read from a pipe that somebody else planted in a handler's folder)
    /// leaves one thread of this process behind; nothing of the component runs on in it.
    pub(super) fn run(&self, invocation: &Invocation, handed: Handed) -> Outcome {
        let limits = &invocation.limits;
        let own_thread = match self.own_thread(&handed) {
            Ok(own_thread) => own_thread,
            Err(end) => return Outcome::without_running(end, limits, Duration::ZERO),
        };
        if can_borrow_a_thread(&own_thread, invocation) && tokio::runtime::Handle::try_current().is_err() {
            return self.run_on_callers_thread(invocation, handed, own_thread);
        }
        let begun = Begun::new(invocation, &handed.protected);
        let (give, take) = mpsc::sync_channel(1);
        let (runnable, out, err) = (self.clone(), begun.stdout.clone(), begun.stderr.clone());
        let name = thread_name(&invocation.handler);
        let on_thread = {
            let invocation = invocation.clone();
            move || {
                let ran = catch_unwind(AssertUnwindSafe(|| {
                    let (begin, stop) = (|| true, Stop::of_command());
                    let output = [&out, &err];
                    runnable.run_on_this_thread(&invocation, (handed, own_thread), &stop, output, begin, |ended| {
                        // The receiver is gone only when this comes too late to matter.
                        let _ = give.send(Ok(ended));
                    });
                }));
                if let Err(panic) = ran {
                    let _ = give.send(Err(panic_message(&*panic)));
                    // For its thread, which is not used again.
                    resume_unwind(panic);
                }
            }
        };
        let patience = limits.duration(LimitName::Deadline).saturating_add(GRACE);
        let ended = match threads::run(name, on_thread) {
            Err(error) => Ended::with(fault(format!("no thread can be started: {error}")), limits),
            Ok(()) => match take.recv_timeout(patience).or_else(|why| match why {
                // Where the machine stood still until now, the thread had no time to come back.
                mpsc::RecvTimeoutError::Timeout => take.recv_timeout(AFTER_ALL),
                gone @ mpsc::RecvTimeoutError::Disconnected => Err(gone),
            }) {
                // Over but for its taking down, for which nobody waits.
                Ok(Ok(ended)) => ended,
                Ok(Err(words)) => panicked(&words, limits),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    Ended::with(fault("its thread ended without a word".to_owned()), limits)
                }
                // Reported as what it is; the thread is left behind.
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let reached = LimitReached {
                        used: Some(milliseconds(begun.started.get().elapsed())),
                        ..LimitReached::new(LimitName::Deadline, limits)
                    };
                    Ended::with(End::TimedOut(reached), limits)
                }
            },
        };
        begun.conclude(ended)
    }

    /// Runs `invocation` on the thread of who calls, which no file call holds up for ever.
    fn run_on_callers_thread(&self, invocation: &Invocation, handed: Handed, own_thread: OwnThread) -> Outcome {
        let begun = Begun::new(invocation, &handed.protected);
        let (begin, stop) = (|| true, Stop::of_command());
        let output = [&begun.stdout, &begun.stderr];
        let mut outcome = None;
        let ran = catch_unwind(AssertUnwindSafe(|| {
            self.run_on_this_thread(invocation, (handed, own_thread), &stop, output, begin, |ended| {
                outcome = Some(begun.conclude(ended));
            });
        }));
        outcome.unwrap_or_else(|| {
            let words = ran
                .err()
                .map_or_else(|| "without a word".to_owned(), |panic| panic_message(&*panic));
            begun.conclude(panicked(&words, &invocation.limits))
        })
    }

    /// Runs `invocation` on this thread, for a process that does nothing else and that somebody ends who waits no longer.
    ///
    /// Its standard input is `stop`. When all is ready `begin` is asked, and waits for the word; where it says no, nothing is run. `tell` hears what came
    /// of it before anything is taken down, and whether a thread of it may be in a file call still.
    pub(super) fn run_here(
        &self,
        invocation: &Invocation,
        handed: Handed,
        stop: &Stop,
        begin: impl FnOnce() -> bool,
        tell: impl FnOnce(Outcome, bool),
    ) {
        let begun = Begun::new(invocation, &handed.protected);
        let begin = || {
            let begins = begin();
            begun.started.set(Instant::now());
            begins
        };
        let own_thread = match self.own_thread(&handed) {
            Ok(own_thread) => own_thread,
            Err(end) => return tell(begun.conclude(Ended::with(end, &invocation.limits)), false),
        };
        let output = [&begun.stdout, &begun.stderr];
        self.run_on_this_thread(invocation, (handed, own_thread), stop, output, begin, |ended| {
            let leaves_threads = ended.leaves_threads;
            tell(begun.conclude(ended), leaves_threads);
        });
    }

    /// Which file calls are made on the thread that runs the component with what it is `handed`.
    fn own_thread(&self, handed: &Handed) -> Result<OwnThread, End> {
        OwnThread::of(self.file_calls, &handed.folders)
            .map_err(|error| fault(format!("the handler's folders cannot be looked at: {error}")))
    }
}

/// Whether no file call of the component can hold a thread up for ever. A granted folder may hold anything that is mounted on
/// this machine; in the handler's own ones there is nothing that another machine has to answer for, but what somebody mounts
/// there.
fn can_borrow_a_thread(own_thread: &OwnThread, invocation: &Invocation) -> bool {
    let is_granted = invocation.preopens.iter().any(|preopen| preopen.granted);
    own_thread.takes_all() || (own_thread.takes_given() && !is_granted)
}

/// What the host is to blame for.
pub(super) fn fault(message: String) -> End {
    End::HostFault {
        message: escape_bounded(&message, MAX_MESSAGE),
    }
}

fn panicked(words: &str, limits: &Limits) -> Ended {
    Ended::with(fault(format!("the engine panicked: {words}")), limits)
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without a message".to_owned())
}

/// A thread's name may not hold a NUL; Linux shows its first 15 bytes.
fn thread_name(handler: &str) -> String {
    handler.chars().filter(|c| c.is_ascii_graphic()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use hostler_contract::Command;
    use hostler_contract::manifest::Precision;

    use super::*;
    use crate::sandbox::file_calls::FileCalls;
    use crate::sandbox::{Access, Entry, OpenFolder, Preopen};

    #[test]
    fn a_thread_is_lent_only_where_every_file_call_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (own, elsewhere) = (folder.path(), std::path::Path::new("/proc"));
        let cases = [
            (FileCalls::Aside, vec![], true),
            (FileCalls::Aside, vec![(own, false)], true),
            (FileCalls::Aside, vec![(own, false), (own, true)], false),
            // Not one of this machine's disks.
            (FileCalls::Aside, vec![(own, false), (elsewhere, false)], false),
            (FileCalls::OnItsThread, vec![(own, true), (elsewhere, true)], true),
        ];
        for (file_calls, folders, is_lent) in cases {
            let open = |path| OpenFolder::from(File::open(path).unwrap());
            let opened: Vec<OpenFolder> = folders.iter().map(|(path, _)| open(path)).collect();
            let preopen = |(_, granted): &(_, bool)| Preopen {
                name: "/folder".to_owned(),
                access: Access::ReadOnly,
                granted: *granted,
            };
            let invocation = Invocation {
                handler: "Test.Handler-1.0".to_owned(),
                entry: Entry::Lifecycle(Command::Enable),
                is_service: false,
                environment: vec![],
                preopens: folders.iter().map(preopen).collect(),
                may_link: true,
                limits: Limits::default(),
                clock: Precision::Full,
                clock_shift: 0,
                random: Precision::Full,
            };
            let own_thread = OwnThread::of(file_calls, &opened).unwrap();
            assert_eq!(can_borrow_a_thread(&own_thread, &invocation), is_lent, "{folders:?}");
        }
    }
}
