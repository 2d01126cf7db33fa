//! The sandbox: one command of one handler, run as a WebAssembly component inside hard limits.
//!
//! The whole of it is [`Sandbox::prepare`], [`Sandbox::code`] and [`Sandbox::run`]: a package's files written out, a
//! component compiled, an [`Invocation`] in and an [`Outcome`] out. All of them do the same in this process and in worker
//! processes ([`Isolation`]). Only this folder knows wasmtime.
//!
//! ```text
//! component bytes ── prescan, compile ──► code (sealed, kept) ──┐
//! Invocation + open folders ── linker, meter, watchdog ─────────┴─► run ──► Outcome (end, output, usage)
//!
//! supervisor: facade ── workers ── channel ──┊── channel ── worker: lockdown, then prepare or run
//! ```

mod alarms;
mod attempt;
mod begun;
mod channel;
mod coarse_clock;
mod code;
mod code_cache;
mod compile;
mod disk;
mod effort;
mod ending;
mod engine;
mod facade;
mod file_calls;
mod file_threads;
mod foreseen;
mod generator;
mod handed;
mod invocation;
mod isolation;
mod linked;
mod linker;
mod listing;
mod meter;
mod mode;
mod monotonic;
mod on_thread;
mod open_folder;
mod outcome;
mod output;
mod preopens;
mod prepare_quota;
mod prepared;
mod prescan;
mod protected;
mod random;
mod ready;
mod refused_calls;
mod run;
mod scan_limits;
mod scan_package;
mod sealed;
mod service;
mod shifted_clock;
mod stacks;
mod stop;
mod store;
mod threads;
mod watchdog;
mod worker;
mod workers;

use std::time::Duration;

pub use attempt::{Attempt, Attempted, Ground};
pub use code::{Code, Origin};
pub use code_cache::{CacheError, CodeCache};
pub use engine::{ENGINE_SETTINGS, EngineError};
pub use facade::Sandbox;
pub use foreseen::Foreseen;
pub use handed::Handed;
pub use invocation::{Access, Entry, Folder, Invocation, Preopen};
pub use isolation::{Isolation, IsolationReport, Layer, LayerName, LayerState, RequiredIsolation};
pub use open_folder::OpenFolder;
pub use outcome::{Captured, End, Outcome, TrapKind};
pub use prepare_quota::PrepareQuota;
pub use prepared::{PrepareError, PreparedPackage};
pub use prescan::{EntryPoints, prescan};
pub use protected::{Protected, Unopened};
pub use ready::ReadyCommand;
pub use refused_calls::{FileCall, RefusedCall, RefusedFor};
pub use scan_limits::ScanLimits;
pub use scan_package::scan_component;
pub use service::RunningService;
pub use worker::{small_worker_main, worker_main};
pub use workers::{HeadStart, KnownJobs, WorkerOptions, WorkersError};

/// The build that this program is of, as 16 hexadecimal digits: the same for all programs of one build, and another one
/// after each change of what they say to each other (`build.rs`).
pub const BUILD: &str = env!("HOSTLER_BUILD");

/// In which time a service gets back the processor time of `cmd.cpu`: with 60 s it may use a tenth of one processor for
/// ever, or all of it for somewhat more than a minute.
pub const SERVICE_CPU_PERIOD: Duration = Duration::from_secs(600);

/// How long after its deadline a command's thread may still take to come back (`cmd.grace`).
const GRACE: Duration = Duration::from_secs(2);

/// How long it is waited for once more after that, by who has just been woken up.
const AFTER_ALL: Duration = Duration::from_millis(250);
