//! `enable` of the sample handler `hello` as a function call in a process that is there already: once for each line of
//! standard input. Each answer is the time that the call took, in nanoseconds.

use std::io::BufRead as _;
use std::process::ExitCode;
use std::time::Instant;

#[path = "../../../../sample-handlers/hello/src/main.rs"]
mod hello;

fn main() -> ExitCode {
    for line in std::io::stdin().lock().lines() {
        if line.is_err() {
            return ExitCode::FAILURE;
        }
        let started = Instant::now();
        let ended = hostler_sdk::program::main::<hello::Hello>();
        let took = started.elapsed();
        if ended != ExitCode::SUCCESS {
            return ended;
        }
        println!("{}", took.as_nanos());
    }
    ExitCode::SUCCESS
}
