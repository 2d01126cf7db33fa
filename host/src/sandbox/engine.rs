//! The engine's settings: what WebAssembly may use here, and how it is stopped.

use std::sync::Arc;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, Strategy, WasmBacktraceDetails};

use super::stacks::Stacks;

/// Stack that a component may use, in bytes. Fixed for the engine, so no command can be given more.
pub(super) const WASM_STACK_BYTES: usize = 512 << 10;

/// Stack of the fiber a component runs on, in bytes: the component's and 1.5 MiB for the host calls it makes.
const FIBER_STACK_BYTES: usize = 2 << 20;

/// Names the settings below. It is part of the key of kept code: **change it with every change of a setting**.
pub const ENGINE_SETTINGS: &str = "cranelift-speed,epochs,on-demand,fiber-2M,stack-512K,simd,no-maps,scan-1,5";

/// An engine that compiles and runs.
///
/// # Errors
///
/// When this machine cannot run it (an unknown processor, no memory for its reservations).
pub(super) fn compiling_engine() -> Result<Engine, EngineError> {
    new_engine(&config())
}

/// The same, but what a component's memory begins with is copied into each instance, and not mapped.
///
/// A page that is mapped is copied when it is written to, and then every processor that this process runs on is interrupted:
/// commands that run at one time in one process wait for each other. For that, too, [stacks](Stacks) are used again.
///
/// # Errors
///
/// As [`compiling_engine`].
pub(super) fn copying_engine() -> Result<Engine, EngineError> {
    let mut config = config();
    config
        .memory_init_cow(false)
        .with_host_stack(Arc::new(Stacks::default()));
    new_engine(&config)
}

/// An engine that only runs what the other has compiled: it starts no compiler.
///
/// # Errors
///
/// As [`compiling_engine`].
pub(super) fn running_engine() -> Result<Engine, EngineError> {
    let mut config = config();
    config.enable_compiler(false);
    new_engine(&config)
}

fn new_engine(config: &Config) -> Result<Engine, EngineError> {
    Engine::new(config).map_err(|error| EngineError::new(&error))
}

/// The engine could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start on this machine: {0}")]
pub struct EngineError(String);

impl EngineError {
    pub(super) fn new(error: &wasmtime::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

/// The features are the second of three locks: the first is that wasmtime is built without most of them, the third that
/// [`prescan`](super::prescan) refuses components that use them, with a better message.
fn config() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .epoch_interruption(true)
        .consume_fuel(false)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .async_stack_zeroing(true)
        // A backtrace is made of names that the package chose.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(None)
        // Nor does anything else ask where code came from: a sixth of what is kept, checked and mapped otherwise.
        .generate_address_map(false)
        .native_unwind_info(false)
        .shared_memory(false)
        .gc_support(false)
        .wasm_component_model(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        // wasmtime's own adapters between nested components need it; modules that use it are refused by the prescan.
        .wasm_multi_memory(true)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}
