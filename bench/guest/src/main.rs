//! What the benchmark runs where a sample handler would not do: `bench-guest <what> [number] <folder>`.
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
    let (verb, number, folder) = match arguments.as_slice() {
        [verb, folder] => (verb, None, folder),
        [verb, number, folder] => (verb, number.parse().ok(), folder),
        _ => {
            eprintln!("bench-guest: say what to do, how often, and in which folder");
            return ExitCode::FAILURE;
        }
    };
    let started = Instant::now();
    match work(verb, number, Path::new(folder)) {
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

fn work(verb: &str, number: Option<usize>, folder: &Path) -> io::Result<()> {
    match (verb, number) {
        ("write", Some(passes)) => files::write(folder, passes),
        ("read", Some(passes)) => files::read(folder, passes),
        ("create", Some(count)) => files::create(folder, count),
        ("stat", Some(count)) => files::stat(folder, count),
        ("unlink", Some(count)) => files::unlink(folder, count),
        ("loop", None) => forever(),
        ("sleep", None) => {
            std::thread::sleep(FOR_EVER);
            Ok(())
        }
        ("open", None) => files::open(folder),
        ("idle", None) => idle::idle(folder),
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
