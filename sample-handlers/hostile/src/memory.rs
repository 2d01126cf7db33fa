//! Taking all the memory there is.

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// What is taken at a time, in bytes.
const CHUNK: usize = 1 << 20;

/// Given back after memory has run out, so that there is some to write a status with.
const SPARE: usize = 512 << 10;

/// GST-02: grows without touching what it gets.
pub(crate) fn grow(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let spare = vec![0u8; SPARE];
    let had = grow_to_the_end();
    drop(spare);
    if parameters.text("then") == Some("panic") {
        panic!("memory ended at {had} bytes");
    }
    Ok(After::Success(format!("memory ended at {had} bytes")))
}

#[cfg(target_arch = "wasm32")]
fn grow_to_the_end() -> usize {
    const PAGE: usize = 64 << 10;
    for pages in [256, 16, 1] {
        while core::arch::wasm32::memory_grow::<0>(pages) != usize::MAX {}
    }
    core::arch::wasm32::memory_size::<0>() * PAGE
}

/// A native program reserves address space, which is not the host's to refuse; it stops at 64 GiB.
#[cfg(not(target_arch = "wasm32"))]
fn grow_to_the_end() -> usize {
    const END: usize = 64 << 30;
    let mut all = Vec::<u8>::new();
    while all.capacity() < END && all.try_reserve_exact(all.capacity() + CHUNK).is_ok() {}
    all.capacity()
}

/// GST-02: takes memory in pieces and writes to every byte.
pub(crate) fn fill(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let most = parameters.number("bytes", 4 << 30);
    let spare = vec![0u8; SPARE];
    let mut all: Vec<Vec<u8>> = Vec::with_capacity(4096);
    while all.len() < all.capacity() && ((all.len() * CHUNK) as u64) < most {
        let mut chunk = Vec::new();
        if chunk.try_reserve_exact(CHUNK).is_err() {
            break;
        }
        chunk.resize(CHUNK, 0xa5);
        all.push(chunk);
    }
    let filled = all.len() * CHUNK;
    drop(all);
    drop(spare);
    Ok(After::Success(format!("{filled} bytes filled")))
}
