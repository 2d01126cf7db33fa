//! What the benchmark runs where a sample handler would not do: `bench-guest <what> <folder>`.
//!
//! The same source is a component and a native program. Work on files is timed inside, so that starting and ending a
//! process is no part of it; the time goes to standard output, in nanoseconds. What never ends (`loop`, `sleep`, `open` of
//! a pipe) is there to be stopped, and `idle` waits as a service does.

mod files;
mod idle;

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(1 << 30);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, folder] = arguments.as_slice() else {
        eprintln!("bench-guest: say what to do, and in which folder");
        return ExitCode::FAILURE;
    };
    let started = Instant::now();
    match work(verb, Path::new(folder)) {
        Ok(()) => {
            println!("{}", started.elapsed().as_nanos());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-guest: {verb}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(verb: &str, folder: &Path) -> io::Result<()> {
    match verb {
        "write" => files::write(folder),
        "read" => files::read(folder),
        "create" => files::create(folder),
        "stat" => files::stat(folder),
        "unlink" => files::unlink(folder),
        "loop" => forever(),
        "sleep" => {
            std::thread::sleep(FOR_EVER);
            Ok(())
        }
        "open" => files::open(folder),
        "idle" => idle::idle(folder),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Computes until somebody ends it.
fn forever() -> ! {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_mul(31).wrapping_add(7));
    }
}
