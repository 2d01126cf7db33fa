//! Calls of the host that are too many, too large, or never come back.

use std::hint::black_box;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::wasi::monotonic_clock::{now, subscribe_duration, subscribe_instant};
use crate::wasi::{DescriptorFlags, OpenFlags, PathFlags, Pollable, folder, get_random_bytes, get_stdout, poll};

/// 64 MiB.
const LARGE: usize = 64 << 20;

/// GST-06.
pub(crate) fn clock(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let calls = parameters.number("calls", u64::MAX);
    for _ in 0..calls {
        black_box(now());
    }
    Ok(After::Success(format!("{calls} calls made")))
}

/// GST-13.
pub(crate) fn path(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let folder = folder(&handler.data)?;
    let path = "p".repeat(parameters.size("bytes", LARGE));
    let opened = folder
        .descriptor
        .open_at(PathFlags::empty(), &path, OpenFlags::empty(), DescriptorFlags::READ);
    Ok(After::Success(format!("opening it gave {:?}", opened.map(|_| ()))))
}

/// GST-13.
pub(crate) fn list(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let past = subscribe_instant(0);
    let all = vec![&past; parameters.size("bytes", LARGE) / size_of::<u32>()];
    Ok(After::Success(format!("{} are ready", poll(&all).len())))
}

/// GST-13.
pub(crate) fn write(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let stream = get_stdout();
    let contents = vec![b'w'; parameters.size("bytes", LARGE)];
    let written = stream.check_write().and_then(|_| stream.write(&contents));
    Ok(After::Success(format!(
        "writing gave {}",
        if written.is_ok() { "no error" } else { "an error" }
    )))
}

/// GST-09, by a call that costs the guest no memory.
pub(crate) fn zeroes(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let stream = get_stdout();
    let written = stream
        .check_write()
        .and_then(|_| stream.write_zeroes(parameters.number("bytes", 1 << 63)));
    Ok(After::Success(format!(
        "writing gave {}",
        if written.is_ok() { "no error" } else { "an error" }
    )))
}

/// GST-12.
pub(crate) fn random_large(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let bytes = get_random_bytes(parameters.number("bytes", 1 << 63));
    Ok(After::Success(format!("{} random bytes", bytes.len())))
}

/// GST-12, in pieces that are each allowed.
pub(crate) fn random_forever(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    loop {
        black_box(get_random_bytes(64 << 10));
    }
}

/// GST-21.
pub(crate) fn poll_ready(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    loop {
        subscribe_instant(0).block();
    }
}

/// GST-07.
pub(crate) fn pollables(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let mut held = Vec::new();
    loop {
        held.push(subscribe_duration(u64::MAX));
        black_box(&held);
    }
}

/// GST-11.
pub(crate) fn sleep(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    subscribe_duration(u64::MAX).block();
    Ok(After::Success("five hundred years have passed".to_owned()))
}

/// GST-21.
pub(crate) fn sleep_many(_: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let timers: Vec<Pollable> = (0..parameters.number("count", 200))
        .map(|_| subscribe_duration(u64::MAX))
        .collect();
    let ready = poll(&timers.iter().collect::<Vec<_>>());
    Ok(After::Success(format!("{} timers have ended", ready.len())))
}
