//! Makes a component of a core module for WASI preview 1.
//!
//! Most toolchains build such modules, and the host runs only components, so `pack` adapts what a manifest's
//! commands name. A module that exports `_start` becomes a component with `wasi:cli/run`; any other one becomes a
//! component with the exports that its own metadata describe.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Encoding, ExternalKind, Parser, Payload};
use wit_component::ComponentEncoder;

use super::{adapt_error::AdaptError, exit_code::keep_exit_codes};

/// What a core module is started by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// `_start`: a program with a beginning and an end.
    Command,
    /// Its exports, called one by one.
    Reactor,
}

/// Makes a component of the core module `core`, keeping the exit codes of `proc_exit`.
///
/// The component imports `wasi:cli/exit`'s `exit-with-code` where the module ends itself with a code, and is
/// validated. The same module gives the same bytes.
///
/// # Errors
/// [`AdaptError::NotAModule`] for anything but a core module, [`AdaptError::Encode`] for one that imports what
/// WASI preview 1 and its own metadata do not have, or that does not validate.
pub fn adapt(core: &[u8]) -> Result<Vec<u8>, AdaptError> {
    let adapter = match start_of(core)? {
        Start::Command => WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        Start::Reactor => WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
    };
    let adapter = keep_exit_codes(adapter)?;
    ComponentEncoder::default()
        .module(core)
        .and_then(|encoder| encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, &adapter))
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| AdaptError::Encode(format!("{error:#}")))
}

fn start_of(core: &[u8]) -> Result<Start, AdaptError> {
    let wrong = |what: &dyn std::fmt::Display| AdaptError::NotAModule(what.to_string());
    let mut start = Start::Reactor;
    for payload in Parser::new(0).parse_all(core) {
        match payload.map_err(|error| wrong(&error))? {
            Payload::Version { encoding, .. } if encoding != Encoding::Module => {
                return Err(wrong(&"it is a component already"));
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(|error| wrong(&error))?;
                    if export.name == "_start" && export.kind == ExternalKind::Func {
                        start = Start::Command;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::{AdaptError, adapt};

    const EXITS: &str = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 51))))"#;

    #[test]
    fn a_command_module_becomes_a_component_that_keeps_its_exit_code() {
        let component = adapt(&wat::parse_str(EXITS).unwrap()).unwrap();
        let text = imports_and_exports(&component);
        assert!(text.contains(&"import wasi:cli/exit@0.2.12".to_owned()), "{text:?}");
        assert!(text.contains(&"export wasi:cli/run@0.2.12".to_owned()), "{text:?}");
        let names = lowered_names(&component);
        assert!(names.contains(&"exit-with-code".to_owned()), "{names:?}");
        assert!(!names.contains(&"exit".to_owned()), "{names:?}");
    }

    #[test]
    fn a_reactor_module_is_adapted_too() {
        let reactor = EXITS.replace("_start", "_initialize");
        let component = adapt(&wat::parse_str(reactor).unwrap()).unwrap();
        assert!(lowered_names(&component).contains(&"exit-with-code".to_owned()));
        assert!(
            !imports_and_exports(&component)
                .iter()
                .any(|item| item.starts_with("export"))
        );
    }

    #[test]
    fn the_same_module_gives_the_same_component() {
        let core = wat::parse_str(EXITS).unwrap();
        assert_eq!(adapt(&core), adapt(&core));
    }

    #[test]
    fn what_is_not_a_preview_1_module_is_refused() {
        for bytes in [&b""[..], b"\x7fELF", b"(module)", b"\0asm\x0d\0\x01\0"] {
            assert!(matches!(adapt(bytes), Err(AdaptError::NotAModule(_))), "{bytes:?}");
        }
        let foreign = wat::parse_str(r#"(module (import "env" "f" (func)) (memory (export "memory") 1))"#).unwrap();
        assert!(matches!(adapt(&foreign), Err(AdaptError::Encode(_))));
    }

    /// Names of what the component imports and exports at its outermost level.
    fn imports_and_exports(component: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        let mut depth = 0;
        for payload in wasmparser::Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                wasmparser::Payload::ModuleSection { .. } | wasmparser::Payload::ComponentSection { .. } => depth += 1,
                wasmparser::Payload::End(_) if depth > 0 => depth -= 1,
                wasmparser::Payload::ComponentImportSection(section) if depth == 0 => {
                    names.extend(section.into_iter().map(|i| format!("import {}", i.unwrap().name.name)));
                }
                wasmparser::Payload::ComponentExportSection(section) if depth == 0 => {
                    names.extend(section.into_iter().map(|e| format!("export {}", e.unwrap().name.name)));
                }
                _ => {}
            }
        }
        names
    }

    /// Names of the functions that the component takes out of the instances it imports.
    fn lowered_names(component: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(component) {
            if let wasmparser::Payload::ComponentAliasSection(section) = payload.unwrap() {
                for alias in section {
                    if let wasmparser::ComponentAlias::InstanceExport { name, .. } = alias.unwrap() {
                        names.push(name.to_owned());
                    }
                }
            }
        }
        names
    }
}
