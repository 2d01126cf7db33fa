//! `bench-kernels <sha256|json|deflate|inflate|regex|matrix>`: the time that the kernel took, in nanoseconds, and the
//! checksum of its result.

use std::process::ExitCode;

use bench_kernels::{names, run};

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    match run(&name) {
        Some(ran) => {
            println!("{} {:016x}", ran.took.as_nanos(), ran.checksum);
            ExitCode::SUCCESS
        }
        None => {
            let names: Vec<&str> = names().collect();
            eprintln!("bench-kernels: `{name}` is no kernel; say one of {}", names.join(", "));
            ExitCode::FAILURE
        }
    }
}
