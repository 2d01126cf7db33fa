//! `wasi:clocks/monotonic-clock`: wasmtime's, but for what waits for a moment, which the component's own thread sees to.

use std::time::{Duration, Instant};

use wasmtime::component::Resource;
use wasmtime_wasi::clocks::WasiClocksCtxView;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock::Host;
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use super::alarms::Alarms;

/// wasmtime's clock, and the alarms of the thread.
pub(super) struct Monotonic<'a> {
    pub(super) clocks: WasiClocksCtxView<'a>,
    pub(super) alarms: Alarms,
}

impl Host for Monotonic<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Host::now(&mut self.clocks)
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Host::resolution(&mut self.clocks)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = self.now()?;
        self.subscribe_duration(when.saturating_sub(now))
    }

    fn subscribe_duration(&mut self, nanoseconds: u64) -> wasmtime::Result<Resource<DynPollable>> {
        if nanoseconds == 0 {
            // Over already, but not before everybody else was asked.
            return self.clocks.subscribe_duration(0);
        }
        let moment = Moment {
            // Where the machine's clock does not reach that far, it never comes.
            moment: Instant::now().checked_add(Duration::from_nanos(nanoseconds)),
            alarms: self.alarms.clone(),
        };
        let moment = self.clocks.table.push(moment)?;
        subscribe(self.clocks.table, moment)
    }
}

/// A moment that the component can wait for.
struct Moment {
    moment: Option<Instant>,
    alarms: Alarms,
}

#[async_trait]
impl Pollable for Moment {
    async fn ready(&mut self) {
        self.alarms.at(self.moment).await;
    }
}
