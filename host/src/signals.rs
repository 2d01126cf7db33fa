//! Signals that must not end a process of ours.

use std::io;
use std::sync::Arc;

/// Under a limit on the size of files, as service managers and workers set, a write that goes beyond it fails, and
/// nothing else: the signal that would end the process is taken and dropped.
///
/// # Errors
///
/// When the system does not take the handler.
pub(crate) fn outlive_file_size_limits() -> io::Result<()> {
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()).map(|_| ())
}
