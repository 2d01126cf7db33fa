//! The folders that a component is given, told to it as they were handed over.
//!
//! wasmtime-wasi's own opens each by a path when the context is made, and what is handed over is open already.

use wasmtime::component::Linker;

use super::store::State;

/// The interface that tells of them, as wasmtime-wasi links it.
const INTERFACE: &str = "wasi:filesystem/preopens@0.2.12";

/// Puts this in the place of wasmtime's.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut preopens = linker.instance(INTERFACE)?;
    preopens.func_wrap("get-directories", |mut store, (): ()| {
        Ok((store.data_mut().give_folders()?,))
    })?;
    linker.allow_shadowing(false);
    Ok(())
}
