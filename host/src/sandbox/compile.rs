//! From a component's bytes to compiled code: looked over, compiled, and found to fit.
//!
//! Where workers run, this happens in a compile worker alone.

use std::panic::{self, AssertUnwindSafe};

use hostler_contract::{Command, Finding, Place, Refused, Source, codes};
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use super::linker::new_linker;
use super::prescan::{EntryPoints, prescan};
use super::scan_limits::ScanLimits;

/// A component that was compiled.
pub(super) struct Compiled {
    /// How it can be entered.
    pub(super) entry_points: EntryPoints,
    /// Native code in the engine's own form.
    pub(super) code: Vec<u8>,
}

/// Looks over and compiles the component in `source`.
///
/// # Errors
///
/// [`Refused`] for what is not a component, asks for what is not granted, or does not compile.
pub(super) fn compile(engine: &Engine, source: Source<'_>) -> Result<Compiled, Refused> {
    let entry_points = prescan(source, &ScanLimits::default())?;
    // The compiler is not meant to panic; a package that makes it do so is refused like any other.
    let compiled = panic::catch_unwind(AssertUnwindSafe(|| Component::from_binary(engine, source.bytes)));
    let component = compiled
        .unwrap_or_else(|_| Err(wasmtime::format_err!("the compiler panicked")))
        .map_err(|error| does_not_compile(source, &error))?;
    check_entries(source, &component, &entry_points, engine)?;
    new_linker(engine)
        .and_then(|linker| linker.instantiate_pre(&component))
        .map_err(|error| does_not_link(source, &error))?;
    let code = component
        .serialize()
        .map_err(|error| does_not_compile(source, &error))?;
    Ok(Compiled { entry_points, code })
}

/// Makes sure that what the component is entered by are functions without parameters and with one result.
fn check_entries(
    source: Source<'_>,
    component: &Component,
    points: &EntryPoints,
    engine: &Engine,
) -> Result<(), Refused> {
    let run = points.run.iter().map(|interface| (interface, "run"));
    let lifecycle = points
        .lifecycle
        .iter()
        .flat_map(|interface| Command::ALL.map(|command| (interface, command.name())));
    let exports = component.component_type();
    for (interface, name) in run.chain(lifecycle) {
        let function = match exports.get_export(engine, interface).map(|export| export.ty) {
            Some(ComponentItem::ComponentInstance(instance)) => {
                instance.get_export(engine, name).map(|export| export.ty)
            }
            _ => None,
        };
        let fits = matches!(function, Some(ComponentItem::ComponentFunc(function))
            if function.params().len() == 0 && function.results().len() == 1);
        if !fits {
            return Err(Refused::new(Finding::refusal(
                codes::WASM_EXPORT,
                source.file,
                Place::Whole,
                format!("its export `{interface}` has no function `{name}` without parameters and with one result"),
                "a component made with the SDK's `export!`, or a program built for wasm32-wasip2",
            )));
        }
    }
    Ok(())
}

fn does_not_link(source: Source<'_>, error: &wasmtime::Error) -> Refused {
    Refused::new(Finding::refusal(
        codes::WASM_IMPORT,
        source.file,
        Place::Whole,
        format!("an import is not what it should be: {error:#}"),
        "import the interfaces of WASI 0.2 as they are published",
    ))
}

fn does_not_compile(source: Source<'_>, error: &wasmtime::Error) -> Refused {
    Refused::new(Finding::refusal(
        codes::COMPILE_FAILED,
        source.file,
        Place::Whole,
        format!("the component does not compile: {error:#}"),
        "a component that wasmtime 48 compiles",
    ))
}
