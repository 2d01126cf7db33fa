//! Computing without end: in a loop, and by running out of stack.

use std::hint::black_box;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// GST-01.
pub(crate) fn forever(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// GST-04: calls that need nothing but the engine's own stack.
pub(crate) fn recursion(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    Ok(After::Success(format!("came back with {}", deeper(black_box(0)))))
}

/// Not a sum or product of the inner call, which a compiler would turn into a loop.
fn deeper(n: u64) -> u64 {
    if n == u64::MAX {
        n
    } else {
        deeper(n + 1).rotate_left(7) ^ n
    }
}

/// GST-04: calls whose frames lie in linear memory, below which there is nothing.
pub(crate) fn frames(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    Ok(After::Success(format!("came back with {}", framed(black_box(0)))))
}

fn framed(n: u64) -> u64 {
    let frame = black_box([n; 512]);
    if n == u64::MAX {
        n
    } else {
        framed(n + 1) ^ black_box(frame)[1]
    }
}
