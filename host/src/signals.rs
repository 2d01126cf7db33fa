//! Signals: those that must not end a process of ours, and those by which an agent is told something.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};

/// Under a limit on the size of files, as service managers and workers set, a write that goes beyond it fails, and
/// nothing else: the signal that would end the process is taken and dropped.
///
/// # Errors
///
/// When the system does not take the handler.
pub(crate) fn outlive_file_size_limits() -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::default()).map(|_| ())
}

/// What an agent is told by signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// To stop: SIGTERM or SIGINT.
    Stop,
    /// To read its policy again: SIGHUP.
    Reload,
}

/// Calls `tell` in a thread of its own for each signal from now on, for as long as the process lives.
///
/// # Errors
///
/// When the system does not take the handlers or the thread.
pub(crate) fn listen(tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
    let (mut woken, wake) = UnixStream::pair()?;
    let mut flags = Vec::new();
    for (signal, told) in [(SIGTERM, Told::Stop), (SIGINT, Told::Stop), (SIGHUP, Told::Reload)] {
        let flag = Arc::new(AtomicBool::new(false));
        // In this order: whoever is woken finds the flag.
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
        signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?;
        flags.push((flag, told));
    }
    thread::Builder::new().name("signals".into()).spawn(move || {
        let mut byte = [0];
        // The other end is never closed.
        while woken.read_exact(&mut byte).is_ok() {
            for (flag, told) in &flags {
                if flag.swap(false, Ordering::SeqCst) {
                    tell(*told);
                }
            }
        }
    })?;
    Ok(())
}
