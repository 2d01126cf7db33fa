//! The program `hostler-worker`: a worker that opens packages and runs commands and does nothing else, which hostler looks
//! for in its own folder.
//!
//! It is small, so that it starts sooner than hostler would, and has less in it for whoever breaks out of a component.

use std::process::ExitCode;

fn main() -> ExitCode {
    hostler_host::sandbox::small_worker_main().unwrap_or_else(|| {
        eprintln!(
            "hostler-worker is started by hostler, for packages and commands of handlers; it does nothing by itself"
        );
        ExitCode::from(2)
    })
}
