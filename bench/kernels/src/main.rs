//! Work that only computes: `bench-kernels <sha256|json|deflate|inflate|regex|matrix>`.
//!
//! The same source is a component and a native program. Each kernel works on data that it makes itself, always the same.
//! It works twice, and the second time is timed inside, when its memory is there; what goes to standard output is that
//! time in nanoseconds and a checksum of the result, which is the same wherever it was computed.

mod deflate;
mod inflate;
mod json;
mod matrix;
mod pattern;
mod sha256;
mod text;

use std::process::ExitCode;
use std::time::Instant;

/// Work that can be repeated.
trait Kernel {
    /// Does it.
    fn work(&mut self);

    /// Of the result of the last time.
    fn checksum(&self) -> u64;
}

/// Every kernel, by name.
const KERNELS: [(&str, fn() -> Box<dyn Kernel>); 6] = [
    ("sha256", || Box::new(sha256::Sha256::new())),
    ("json", || Box::new(json::Json::new())),
    ("deflate", || Box::new(deflate::Deflate::new())),
    ("inflate", || Box::new(inflate::Inflate::new())),
    ("regex", || Box::new(pattern::Patterns::new())),
    ("matrix", || Box::new(matrix::Product::new())),
];

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, make)) = KERNELS.iter().find(|(kernel, _)| *kernel == name) else {
        let names = KERNELS.map(|(name, _)| name).join(", ");
        eprintln!("bench-kernels: `{name}` is no kernel; say one of {names}");
        return ExitCode::FAILURE;
    };
    let mut kernel = make();
    kernel.work();
    let started = Instant::now();
    kernel.work();
    let took = started.elapsed();
    println!("{} {:016x}", took.as_nanos(), kernel.checksum());
    ExitCode::SUCCESS
}

/// A checksum of `bytes`: FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{KERNELS, checksum};

    #[test]
    fn checksums_are_those_of_the_definition() {
        assert_eq!(checksum(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn each_kernel_comes_to_the_same_again() {
        for (name, make) in KERNELS {
            let [mut one, mut other] = [make(), make()];
            one.work();
            let first = one.checksum();
            one.work();
            other.work();
            assert_eq!([one.checksum(), other.checksum()], [first, first], "{name}");
            assert_ne!(first, checksum(b""), "{name} came to nothing");
        }
    }
}
