//! The threads that start workers.
//!
//! A worker dies with the thread that started it, so these live as long as the supervisor works. One starts what somebody
//! waits for; the other one starts what nobody needs yet, and takes note of what has ended: so that whoever waits, waits
//! for nothing but his own worker.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};

use rustix::process::{getpriority_process, setpriority_process};

use super::WorkerOptions;
use super::process::{Process, StartError};
use super::programs::Programs;
use super::slots::Slots;
use crate::sandbox::channel::Start;
use crate::sandbox::worker::Role;

/// A worker, or why there is none.
pub(super) type Started = Result<Process, StartError>;

/// What a thread that starts workers is asked.
#[derive(Debug)]
enum Request {
    /// A worker, and how soon it is needed.
    Start(Role, Start, SyncSender<Started>),
    /// To wait until a worker that was ended is gone.
    Reap(Process),
}

/// Who starts workers.
#[derive(Debug)]
pub(super) struct Starts {
    needed: Sender<Request>,
    ahead: Sender<Request>,
}

impl Starts {
    /// Starts the threads. Where nothing is started ahead of need, one is enough.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn begin(options: &WorkerOptions, slots: &Arc<Slots>) -> io::Result<Self> {
        let programs = Arc::new(Programs::new(&options.program, options.small_program.as_deref()));
        let begin = |name: &str| {
            let (requests, asked) = mpsc::channel();
            let (programs, slots) = (Arc::clone(&programs), Arc::clone(slots));
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn(move || serve(&asked, &programs, &slots))?;
            Ok::<_, io::Error>(requests)
        };
        let needed = begin("workers")?;
        let ahead = match options.ready {
            0 => needed.clone(),
            _ => begin("workers-ahead")?,
        };
        Ok(Self { needed, ahead })
    }

    /// Asks for a worker that is needed as soon as `start` says. Those that are not needed at once are started one after
    /// another, but of what one command line needs the worker for its package beside those for its commands.
    pub(super) fn ask(&self, role: Role, start: Start) -> Receiver<Started> {
        let (give, take) = mpsc::sync_channel(1);
        let thread = match (start, role) {
            (Start::Needed, _) | (Start::Expected, Role::Run) => &self.needed,
            (Start::Expected, _) | (Start::Ahead, _) => &self.ahead,
        };
        // When the thread is gone, so is `give`, and whoever waits is told.
        let _ = thread.send(Request::Start(role, start, give));
        take
    }

    /// Waits elsewhere until a worker that was ended is gone.
    pub(super) fn reap(&self, process: Process) {
        let _ = self.ahead.send(Request::Reap(process));
    }
}

fn serve(asked: &Receiver<Request>, programs: &Programs, places: &Slots) {
    lower_own_weight();
    for request in asked {
        match request {
            // Who asked may have gone away; then the worker goes too.
            Request::Start(role, start, give) => {
                let _place = (start == Start::Ahead).then(|| places.take_to_start());
                drop(give.send(programs.start(role, start)));
            }
            Request::Reap(mut process) => drop(process.end()),
        }
    }
}

/// Lowers the weight of this thread, and with it of every process that it starts: workers get less of a busy machine than
/// the supervisor and everybody else. They cannot raise it again.
fn lower_own_weight() {
    const NICER: i32 = 5;
    let lowered = getpriority_process(None).and_then(|weight| setpriority_process(None, (weight + NICER).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "workers get as much of the machine as others");
    }
}

/// Why there is no worker when there is no thread any more that would start it.
pub(super) fn gone() -> StartError {
    StartError::Spawn("the thread that starts workers has ended".to_owned())
}
