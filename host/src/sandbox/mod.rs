//! The sandbox: one command of one handler, run as a WebAssembly component inside hard limits.
//!
//! The whole of it is [`Sandbox::run`]: an [`Invocation`] in, an [`Outcome`] out. Both are plain data, and the open
//! folders go beside the invocation as descriptors, so that all of it can cross a socket to a worker process one day.
//! Only this folder knows wasmtime.
//!
//! ```text
//! component bytes ── prescan ──► code (compiled once, kept) ──┐
//! Invocation + open folders ── linker, meter, watchdog ───────┴─► run ──► Outcome (end, output, usage)
//! ```

mod coarse_clock;
mod code;
mod code_cache;
mod disk;
mod effort;
mod ending;
mod engine;
mod file_threads;
mod generator;
mod invocation;
mod linker;
mod listing;
mod meter;
mod outcome;
mod output;
mod prescan;
mod random;
mod run;
mod scan_limits;
mod scan_package;
mod store;
mod watchdog;

pub use code::{Code, Origin};
pub use code_cache::{CacheError, CodeCache};
pub use engine::{ENGINE_SETTINGS, Sandbox};
pub use invocation::{Access, Entry, Folder, Invocation, Preopen};
pub use outcome::{Captured, End, Outcome, TrapKind};
pub use prescan::{EntryPoints, prescan};
pub use scan_limits::ScanLimits;
pub use scan_package::{scan_component, scan_components};
