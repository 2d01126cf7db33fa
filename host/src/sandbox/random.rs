//! `wasi:random` with the size of one request bounded and metered, and from a generator of the command's own where it
//! may not ask the system.

use hostler_contract::manifest::Precision;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::random::WasiRandomCtx;

use super::generator::Generator;
use crate::limits::{LimitName, LimitReached, Limits};

/// The largest request for random bytes so far, how large one may be, and where they come from.
#[derive(Debug)]
pub(super) struct RandomMeter {
    allowed: LimitReached,
    pub(super) largest: u64,
    /// `None` where they are the system's.
    own: Option<Generator>,
}

impl RandomMeter {
    /// # Errors
    ///
    /// When the system gives no seed.
    pub(super) fn new(limits: &Limits, precision: Precision) -> std::io::Result<Self> {
        let own = match precision {
            Precision::Full => None,
            Precision::Coarse => Some(Generator::new()?),
        };
        Ok(Self {
            own,
            allowed: LimitReached::new(LimitName::Random, limits),
            largest: 0,
        })
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

    /// So many bytes of the command's own generator; `None` where it asks the system.
    fn own_bytes(&mut self, length: u64) -> Option<Vec<u8>> {
        let generator = self.meter.own.as_mut()?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        generator.fill(&mut bytes);
        Some(bytes)
    }

    /// A number of the same.
    fn own_number(&mut self) -> Option<u64> {
        self.meter.own.as_mut().map(Generator::number)
    }
}

impl random::Host for Random<'_> {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.ask(length)?;
        match self.own_bytes(length) {
            Some(bytes) => Ok(bytes),
            None => random::Host::get_random_bytes(self.source, length),
        }
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        match self.own_number() {
            Some(number) => Ok(number),
            None => random::Host::get_random_u64(self.source),
        }
    }
}

impl insecure::Host for Random<'_> {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.ask(length)?;
        match self.own_bytes(length) {
            Some(bytes) => Ok(bytes),
            None => insecure::Host::get_insecure_random_bytes(self.source, length),
        }
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        match self.own_number() {
            Some(number) => Ok(number),
            None => insecure::Host::get_insecure_random_u64(self.source),
        }
    }
}

impl insecure_seed::Host for Random<'_> {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        match (self.own_number(), self.own_number()) {
            (Some(first), Some(second)) => Ok((first, second)),
            _ => insecure_seed::Host::insecure_seed(self.source),
        }
    }
}
