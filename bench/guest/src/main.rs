//! What the benchmark runs where a sample handler would not do: `bench-guest <write|read|create|loop> <folder>`.
//!
//! The same source is a component and a native program. The work is timed inside, so that starting and ending a process
//! is no part of it; the time goes to standard output, in nanoseconds.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Bytes of one call.
const PIECE: usize = 64 << 10;

/// Calls for one pass over the file, which is then 16 MiB long: the longest that a handler may have.
const PIECES: usize = 256;

/// Passes over the file: 256 MiB in all.
const PASSES: usize = 16;

/// Small files: nearly as many as a handler may have in its data folder.
const FILES: usize = 1_000;

/// Bytes of a small file.
const SMALL: usize = 256;

/// Name of the large file.
const LARGE: &str = "large";

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
        "write" => write(&folder.join(LARGE)),
        "read" => read(&folder.join(LARGE)),
        "create" => create(folder),
        "loop" => forever(),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Writes the large file, each pass from an empty one.
fn write(path: &Path) -> io::Result<()> {
    let piece = vec![0x5a; PIECE];
    for _ in 0..PASSES {
        let mut file = File::create(path)?;
        for _ in 0..PIECES {
            file.write_all(&piece)?;
        }
    }
    Ok(())
}

/// Reads the large file.
fn read(path: &Path) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    for _ in 0..PASSES {
        let mut file = File::open(path)?;
        for _ in 0..PIECES {
            file.read_exact(&mut piece)?;
            black_box(&piece);
        }
    }
    Ok(())
}

/// Makes the small files.
fn create(folder: &Path) -> io::Result<()> {
    let text = [b'x'; SMALL];
    (0..FILES).try_for_each(|number| fs::write(folder.join(number.to_string()), text))
}

/// Computes until somebody ends it.
fn forever() -> ! {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_mul(31).wrapping_add(7));
    }
}
