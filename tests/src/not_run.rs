//! A word for tests that could not run.
//!
//! A test that needs a program this machine does not have must not pass silently: it says so on standard error,
//! and leaves a line where the runner of all tests looks for it.

use std::{env, fs::OpenOptions, io::Write as _};

/// Reports that the calling test was not run, because `missing` (a program, or a facility of the system) is not there.
///
/// Appends `TEST: MISSING` to the file that the variable `HOSTLER_NOT_RUN` names, if it is set. The test's name is
/// that of its thread, as the test harness gives it.
///
/// # Panics
/// When `HOSTLER_ALL=1` is set: then a test that is not run is a failure, as is a line that cannot be written.
pub fn not_run(missing: &str) {
    let thread = std::thread::current();
    let line = format!("{}: {missing}", thread.name().unwrap_or("(unnamed test)"));
    eprintln!("not run: {line}");
    if let Some(path) = env::var_os("HOSTLER_NOT_RUN") {
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            panic!("{}: {error}", path.display());
        }
    }
    if env::var_os("HOSTLER_ALL").is_some_and(|all| all == "1") {
        panic!("not run, and HOSTLER_ALL=1: {line}");
    }
}
