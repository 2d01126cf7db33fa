//! The command `hostler`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before all else: a worker is this program once more, and starts nothing of the rest.
    hostler_host::sandbox::worker_main().unwrap_or_else(hostler_host::commands::main)
}
