//! Work that only computes, for a component and a native program of the same source.
//!
//! Each kernel works on data that it makes itself, always the same.

mod deflate;
mod inflate;
mod json;
mod matrix;
mod pattern;
mod sha256;
mod text;

use std::time::{Duration, Instant};

/// Work that can be repeated.
trait Kernel {
    /// Does it.
    fn work(&mut self);

    /// Of the result of the last time.
    fn checksum(&self) -> u64;
}

/// Makes a kernel, with its data.
type Make = fn() -> Box<dyn Kernel>;

/// Every kernel, by name.
const KERNELS: [(&str, Make); 6] = [
    ("sha256", || Box::new(sha256::Sha256::new())),
    ("json", || Box::new(json::Json::new())),
    ("deflate", || Box::new(deflate::Deflate::new())),
    ("inflate", || Box::new(inflate::Inflate::new())),
    ("regex", || Box::new(pattern::Patterns::new())),
    ("matrix", || Box::new(matrix::Product::new())),
];

/// The names of all kernels.
pub fn names() -> impl Iterator<Item = &'static str> {
    KERNELS.iter().map(|(name, _)| *name)
}

/// What came of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// How long it worked.
    pub took: Duration,
    /// A checksum of the result, which is the same wherever it was computed.
    pub checksum: u64,
}

/// Runs the kernel called `name`, if there is one: once without looking at the time, so that its memory is there, and
/// once more.
pub fn run(name: &str) -> Option<Ran> {
    let (_, make) = KERNELS.iter().find(|(kernel, _)| *kernel == name)?;
    let mut kernel = make();
    kernel.work();
    let started = Instant::now();
    kernel.work();
    let took = started.elapsed();
    Some(Ran {
        took,
        checksum: kernel.checksum(),
    })
}

/// A checksum of `bytes`: FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{KERNELS, checksum, names, run};

    #[test]
    fn checksums_are_those_of_the_definition() {
        assert_eq!(checksum(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn kernels_are_found_by_their_names() {
        assert!(run("matrix").is_some() && run("md5").is_none());
        assert_eq!(names().count(), KERNELS.len());
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
