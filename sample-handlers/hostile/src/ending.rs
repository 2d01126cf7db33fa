//! Ways for a program to end that are not success.

#![expect(unsafe_code, reason = "two of the ways are what a compiler keeps safe code from")]

use std::hint::black_box;
use std::num::NonZeroU32;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};

/// GST-14: any exit code.
pub(crate) fn exit(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let code = parameters.number("code", 7);
    u8::try_from(code)
        .map(After::Exit)
        .map_err(|_| Failure::new(format!("{code} is not an exit code")))
}

/// GST-14: an error from `run`, which is exit code 1.
pub(crate) fn return_error(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    Ok(After::Exit(1))
}

/// GST-05.
pub(crate) fn unreachable(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}

/// GST-05.
pub(crate) fn divide(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    // SAFETY: none, that is the attack. The compiler cannot see the zero, so what it makes is a plain division
    // instruction, and what that does is up to the machine.
    let zero = unsafe { NonZeroU32::new_unchecked(black_box(0)) };
    Ok(After::Success(format!("1 / 0 is {}", black_box(1) / zero)))
}

/// GST-05.
pub(crate) fn bounds(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let address = black_box(usize::MAX - 4095) as *const u8;
    // SAFETY: none, that is the attack: a load from an address at which there is nothing.
    let byte = unsafe { address.read_volatile() };
    Ok(After::Success(format!("the byte there is {byte}")))
}

/// GST-05: a message that would act on a terminal.
pub(crate) fn panic(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    panic!("\x1b[2J\x1b[31mhostile\r\nhost: all is well\u{202e}")
}

/// GST-05.
pub(crate) fn abort(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    std::process::abort()
}
