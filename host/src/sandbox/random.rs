//! `wasi:random` with the size of one request bounded and metered.

use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::random::WasiRandomCtx;

use crate::limits::{LimitName, LimitReached, Limits};

/// The largest request for random bytes so far, and how large one may be.
#[derive(Debug)]
pub(super) struct RandomMeter {
    allowed: LimitReached,
    pub(super) largest: u64,
}

impl RandomMeter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            allowed: LimitReached::new(LimitName::Random, limits),
            largest: 0,
        }
    }
}

/// wasmtime's own source of random bytes, behind the meter.
pub(super) struct Random<'a> {
    pub(super) source: &'a mut WasiRandomCtx,
    pub(super) meter: &'a mut RandomMeter,
}

impl Random<'_> {
    /// Lets `length` bytes pass, or stops the command.
    fn ask(&mut self, length: u64) -> wasmtime::Result<()> {
        if length > self.meter.allowed.limit.value {
            let reached = LimitReached {
                asked: Some(length),
                ..self.meter.allowed.clone()
            };
            return Err(wasmtime::Error::new(super::ending::StoppedAt(reached)));
        }
        self.meter.largest = self.meter.largest.max(length);
        Ok(())
    }
}

impl random::Host for Random<'_> {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.ask(length)?;
        random::Host::get_random_bytes(self.source, length)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        random::Host::get_random_u64(self.source)
    }
}

impl insecure::Host for Random<'_> {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.ask(length)?;
        insecure::Host::get_insecure_random_bytes(self.source, length)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        insecure::Host::get_insecure_random_u64(self.source)
    }
}

impl insecure_seed::Host for Random<'_> {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        insecure_seed::Host::insecure_seed(self.source)
    }
}
