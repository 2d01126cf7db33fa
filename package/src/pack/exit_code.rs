//! Keeps the exit codes of WASI preview 1 programs.
//!
//! The preview 1 adapter ends a program through `wasi:cli/exit`'s `exit`, which knows only success and failure, so
//! that exit code 51 would arrive as 1. The contract gives exit codes a meaning (contract 7.6), therefore the
//! adapter is changed before it is used: it calls `exit-with-code` with the code's low eight bits, as a process
//! would end.

use std::ops::Range;

use wasm_encoder::{
    CodeSection, ImportSection, RawSection,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{ExternalKind, FunctionBody, ImportSectionReader, Operator, Parser, Payload, TypeRef};

use wasm_encoder::Encode as _;

use super::adapt_error::AdaptError;

/// The interface whose function ends a program; any 0.2 version of it from 0.2.12 on has `exit-with-code`.
const EXIT_INTERFACE: &str = "wasi:cli/exit@0.2.";
const EXIT: &str = "exit";
const EXIT_WITH_CODE: &str = "exit-with-code";

/// Returns the preview 1 adapter `adapter` with `proc_exit(n)` calling `exit-with-code(n & 255)`.
///
/// # Errors
/// [`AdaptError::UnknownAdapter`] when the adapter is not built the way this was written for: better no
/// component than one that loses exit codes.
pub(super) fn keep_exit_codes(adapter: &[u8]) -> Result<Vec<u8>, AdaptError> {
    let site = Site::find(adapter)?;
    let mut module = wasm_encoder::Module::new();
    let mut code = CodeSection::new();
    let mut index = site.imported_functions;
    for payload in Parser::new(0).parse_all(adapter) {
        let payload = payload.map_err(unknown)?;
        match &payload {
            Payload::ImportSection(imports) => {
                module.section(&rename_exit(imports.clone())?);
            }
            Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                if index == site.proc_exit {
                    code.raw(&pass_code_on(adapter, body)?);
                } else {
                    code.raw(slice(adapter, body.range())?);
                }
                index += 1;
                if code.len() == site.bodies {
                    module.section(&code);
                }
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = slice(adapter, range)?;
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(module.finish())
}

/// Where in the adapter the change has to be made.
struct Site {
    /// How many functions are imported; the first defined one has this index.
    imported_functions: u32,
    /// How many functions are defined.
    bodies: u32,
    /// Index of the function exported as `proc_exit`.
    proc_exit: u32,
}

impl Site {
    fn find(adapter: &[u8]) -> Result<Self, AdaptError> {
        let (mut imported_functions, mut bodies, mut proc_exit) = (0, 0, None);
        for payload in Parser::new(0).parse_all(adapter) {
            match payload.map_err(unknown)? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        if matches!(import.map_err(unknown)?.ty, TypeRef::Func(_)) {
                            imported_functions += 1;
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.map_err(unknown)?;
                        if export.name == "proc_exit" && export.kind == ExternalKind::Func {
                            proc_exit = Some(export.index);
                        }
                    }
                }
                Payload::CodeSectionStart { count, .. } => bodies = count,
                _ => {}
            }
        }
        Ok(Self {
            imported_functions,
            bodies,
            proc_exit: proc_exit.ok_or(AdaptError::UnknownAdapter("it does not export proc_exit"))?,
        })
    }
}

/// Copies the imports with `exit` called `exit-with-code`; both take one `i32`, so nothing else changes.
fn rename_exit(imports: ImportSectionReader<'_>) -> Result<ImportSection, AdaptError> {
    let mut renamed = 0;
    let mut section = ImportSection::new();
    for import in imports.into_imports() {
        let import = import.map_err(unknown)?;
        let name = if import.module.starts_with(EXIT_INTERFACE) && import.name == EXIT {
            renamed += 1;
            EXIT_WITH_CODE
        } else {
            import.name
        };
        let ty = RoundtripReencoder
            .entity_type(import.ty)
            .map_err(|_| AdaptError::UnknownAdapter("an import of it has a type that is not known"))?;
        section.import(import.module, name, ty);
    }
    if renamed == 1 {
        Ok(section)
    } else {
        Err(AdaptError::UnknownAdapter(
            "it does not import wasi:cli/exit exactly once",
        ))
    }
}

/// Copies `proc_exit` with `code != 0`, which makes a result of the code, replaced by `code & 255`.
fn pass_code_on(adapter: &[u8], body: &FunctionBody<'_>) -> Result<Vec<u8>, AdaptError> {
    let operators = body
        .get_operators_reader()
        .and_then(|reader| reader.into_iter_with_offsets().collect::<Result<Vec<_>, _>>())
        .map_err(unknown)?;
    let mut found = operators.windows(4).filter_map(|window| match window {
        [
            (Operator::LocalGet { local_index: 0 }, _),
            (Operator::I32Const { value: 0 }, from),
            (Operator::I32Ne, _),
            (Operator::Call { .. }, to),
        ] => Some(*from..*to),
        _ => None,
    });
    let (Some(instructions), None) = (found.next(), found.next()) else {
        return Err(AdaptError::UnknownAdapter(
            "its proc_exit does not turn the exit code into a result the known way",
        ));
    };
    let mut changed = slice(adapter, body.range().start..instructions.start)?.to_vec();
    wasm_encoder::Instruction::I32Const(255).encode(&mut changed);
    wasm_encoder::Instruction::I32And.encode(&mut changed);
    changed.extend_from_slice(slice(adapter, instructions.end..body.range().end)?);
    Ok(changed)
}

fn slice(bytes: &[u8], range: Range<usize>) -> Result<&[u8], AdaptError> {
    bytes
        .get(range)
        .ok_or(AdaptError::UnknownAdapter("a section of it reaches past its end"))
}

fn unknown(_: wasmparser::BinaryReaderError) -> AdaptError {
    AdaptError::UnknownAdapter("it is not a WebAssembly module")
}

#[cfg(test)]
mod tests {
    use wasi_preview1_component_adapter_provider::{
        WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER,
        WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
    };
    use wasmparser::{Operator, Parser, Payload, Validator};

    use super::{AdaptError, keep_exit_codes};

    /// The names of imported functions, and how often each of the two ways to pass an exit code on is there.
    fn look_at(adapter: &[u8]) -> (Vec<String>, [usize; 2]) {
        let (mut imports, mut ways) = (Vec::new(), [0; 2]);
        for payload in Parser::new(0).parse_all(adapter) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    imports.extend(section.into_imports().map(|import| import.unwrap().name.to_owned()));
                }
                Payload::CodeSectionEntry(body) => {
                    let operators: Vec<_> = body.get_operators_reader().unwrap().into_iter().collect();
                    for window in operators.windows(4) {
                        match window {
                            [
                                Ok(Operator::LocalGet { local_index: 0 }),
                                Ok(Operator::I32Const { value: 0 }),
                                Ok(Operator::I32Ne),
                                Ok(Operator::Call { .. }),
                            ] => ways[0] += 1,
                            [
                                Ok(Operator::LocalGet { local_index: 0 }),
                                Ok(Operator::I32Const { value: 255 }),
                                Ok(Operator::I32And),
                                Ok(Operator::Call { .. }),
                            ] => ways[1] += 1,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        (imports, ways)
    }

    #[test]
    fn one_import_and_one_function_change() {
        for adapter in [
            WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        ] {
            let patched = keep_exit_codes(adapter).unwrap();
            Validator::new().validate_all(&patched).unwrap();
            assert_eq!(patched.len(), adapter.len() + 1 + "-with-code".len());
            let (before, after) = (look_at(adapter), look_at(&patched));
            let renamed: Vec<_> = before.0.iter().zip(&after.0).filter(|(old, new)| old != new).collect();
            assert_eq!(renamed, [(&"exit".to_owned(), &"exit-with-code".to_owned())]);
            assert_eq!([before.1[0] - after.1[0], after.1[1] - before.1[1]], [1, 1]);
        }
    }

    #[test]
    fn an_unknown_adapter_is_refused() {
        for adapter in [WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER, b"\0asm\x01\0\0\0", b"text"] {
            assert!(matches!(keep_exit_codes(adapter), Err(AdaptError::UnknownAdapter(_))));
        }
        let patched = keep_exit_codes(WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER).unwrap();
        assert!(matches!(keep_exit_codes(&patched), Err(AdaptError::UnknownAdapter(_))));
    }
}
