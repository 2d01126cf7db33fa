//! Looks over a component before it is compiled: what it is, what it asks for, and that it can be compiled in bounds.

use super::ScanLimits;
use super::effort::{Effort, EffortError};
use super::protected;
use hostler_contract::{Finding, Place, Refused, Source, codes};
use serde::{Deserialize, Serialize};
use wasmparser::{FuncValidatorAllocations, Parser, Payload, ValidPayload, Validator, WasmFeatures};

/// Interfaces that every handler gets, without their version. Nothing else is linked.
pub(super) const GRANTED: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/wall-clock",
    "wasi:clocks/monotonic-clock",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

/// The line of WASI versions that is linked.
const WASI_LINE: &str = "0.2.";

/// The newest version of that line whose interfaces are linked.
const WASI_PATCH: u32 = 12;

/// How a component can be entered: the full names of what it exports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoints {
    /// `hostler:handler/lifecycle@0.1.x`.
    pub lifecycle: Option<String>,
    /// `wasi:cli/run@0.2.x`.
    pub run: Option<String>,
    /// `hostler:handler/service@0.1.x`.
    pub service: Option<String>,
    /// Everything that it imports, all of it granted.
    pub imports: Vec<String>,
    /// Nothing of it runs when an instance is made, but only when that is entered: no module in it has a start function.
    #[serde(default)]
    pub makes_still_instances: bool,
}

/// Looks over the component in `source`.
///
/// # Errors
///
/// [`Refused`] with a `wasm.*` code for anything that is not a binary component within `limits` that imports only what
/// is granted and exports a way in; all imports that are not granted are named at once.
pub fn prescan(source: Source<'_>, limits: &ScanLimits) -> Result<EntryPoints, Refused> {
    let refuse =
        |code, what: String, hint: &str| Refused::new(Finding::refusal(code, source.file, Place::Whole, what, hint));
    check_preamble(source, limits)?;
    let invalid = |error: wasmparser::BinaryReaderError| {
        refuse(
            codes::WASM_INVALID,
            format!(
                "the component is not valid: {} (at byte {})",
                error.message(),
                error.offset()
            ),
            "a component of WebAssembly 2.0 without threads, 64-bit or multiple memories, tail calls, exceptions, garbage collection, custom page sizes and component-model async",
        )
    };

    let scan = Scan::of(source.bytes, limits).map_err(|error| match error {
        ScanError::Invalid(error) => invalid(error),
        ScanError::Refused(code, what, hint) => refuse(code, what, hint),
    })?;

    let ungranted: Vec<_> = scan
        .imports
        .iter()
        .filter(|name| !is_granted(name))
        .map(String::as_str)
        .collect();
    if !ungranted.is_empty() {
        return Err(refuse(
            codes::WASM_IMPORT,
            format!("the component imports {}, which is not granted", ungranted.join(", ")),
            "a component that imports only wasi:cli, wasi:clocks, wasi:filesystem, wasi:io and wasi:random of WASI 0.2, and hostler:handler/secrets",
        ));
    }
    if scan.entry_points.lifecycle.is_none() && scan.entry_points.run.is_none() {
        return Err(refuse(
            codes::WASM_EXPORT,
            "the component exports neither `hostler:handler/lifecycle` nor `wasi:cli/run`".to_owned(),
            "a component made with the SDK's `export!`, or a program built for wasm32-wasip2",
        ));
    }
    Ok(EntryPoints {
        imports: scan.imports,
        makes_still_instances: !scan.has_start,
        ..scan.entry_points
    })
}

/// Tells a component from the things that are given in its place.
fn check_preamble(source: Source<'_>, limits: &ScanLimits) -> Result<(), Refused> {
    let bytes = source.bytes;
    let (code, what, hint) = if bytes.len() > limits.bytes {
        let what = format!("the component has {} bytes, more than {}", bytes.len(), limits.bytes);
        (
            codes::WASM_SIZE,
            what,
            "a smaller component: built for size, stripped of debug information",
        )
    } else if bytes.starts_with(b"\x7fELF") {
        (
            codes::WASM_NATIVE,
            "the file is native code (ELF)".to_owned(),
            "a WebAssembly component; native code is never run",
        )
    } else if Parser::is_core_wasm(bytes) {
        let what = "the file is a core module, not a component".to_owned();
        (
            codes::WASM_NOT_COMPONENT,
            what,
            "a component: `hostler pack` makes one of a WASI preview 1 module",
        )
    } else if !Parser::is_component(bytes) {
        (
            codes::WASM_FORMAT,
            "the file is not a WebAssembly component in binary form".to_owned(),
            "a component, for example as built for wasm32-wasip2",
        )
    } else {
        return Ok(());
    };
    Err(Refused::new(Finding::refusal(
        code,
        source.file,
        Place::Whole,
        what,
        hint,
    )))
}

/// What a component may be made of.
pub(super) fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
        | WasmFeatures::FLOATS
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
        | WasmFeatures::GC_TYPES
        | WasmFeatures::CALL_INDIRECT_OVERLONG
        | WasmFeatures::BULK_MEMORY_OPT
}

fn is_granted(import: &str) -> bool {
    let is_wasi = |(name, version): (&str, &str)| GRANTED.contains(&name) && is_linked_version(version);
    import == protected::INTERFACE || import.split_once('@').is_some_and(is_wasi)
}

/// Whether `version` is one of the line that is linked, and not newer.
fn is_linked_version(version: &str) -> bool {
    version
        .strip_prefix(WASI_LINE)
        .and_then(|patch| patch.parse().ok())
        .is_some_and(|patch: u32| patch <= WASI_PATCH)
}

#[derive(Debug, Default)]
struct Scan {
    depth: u32,
    nested: u32,
    functions: u32,
    effort: Effort,
    imports: Vec<String>,
    has_start: bool,
    entry_points: EntryPoints,
}

enum ScanError {
    Invalid(wasmparser::BinaryReaderError),
    Refused(hostler_contract::Code, String, &'static str),
}

impl From<wasmparser::BinaryReaderError> for ScanError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid(error)
    }
}

impl From<EffortError> for ScanError {
    fn from(error: EffortError) -> Self {
        match error {
            EffortError::Invalid(error) => Self::Invalid(error),
            EffortError::TooMuch(what) => Self::Refused(codes::WASM_FUNCTIONS, what, "smaller functions"),
        }
    }
}

impl Scan {
    /// Goes through the component once. What is too much of something is refused before it is validated.
    fn of(bytes: &[u8], limits: &ScanLimits) -> Result<Self, ScanError> {
        let mut scan = Self::default();
        let mut parser = Parser::new(0);
        parser.set_features(features());
        let mut validator = Validator::new_with_features(features());
        let mut allocations = FuncValidatorAllocations::default();
        for payload in parser.parse_all(bytes) {
            let payload = payload?;
            scan.take(&payload, limits)?;
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                let mut function = function.into_validator(allocations);
                scan.effort.add(&body, &mut function, limits)?;
                allocations = function.into_allocations();
            }
        }
        Ok(scan)
    }

    fn take(&mut self, payload: &Payload<'_>, limits: &ScanLimits) -> Result<(), ScanError> {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                self.depth += 1;
                self.nested += 1;
                if self.nested > limits.nested {
                    let what = format!("the component holds more than {} modules and components", limits.nested);
                    return Err(ScanError::Refused(
                        codes::WASM_NESTING,
                        what,
                        "fewer parts in one component",
                    ));
                }
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::CodeSectionStart { count, .. } => {
                self.functions = self.functions.saturating_add(*count);
                if self.functions > limits.functions {
                    let what = format!("the component has more than {} functions", limits.functions);
                    return Err(ScanError::Refused(codes::WASM_FUNCTIONS, what, "a smaller component"));
                }
            }
            Payload::StartSection { .. } | Payload::ComponentStartSection { .. } => self.has_start = true,
            Payload::ComponentImportSection(section) if self.depth == 0 => {
                for import in section.clone() {
                    self.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if self.depth == 0 => {
                for export in section.clone() {
                    self.export(export?.name.name);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn export(&mut self, name: &str) {
        if name.starts_with("hostler:handler/lifecycle@0.1.") {
            self.entry_points.lifecycle = Some(name.to_owned());
        } else if name.starts_with("hostler:handler/service@0.1.") {
            self.entry_points.service = Some(name.to_owned());
        } else if name.starts_with("wasi:cli/run@0.2.") {
            self.entry_points.run = Some(name.to_owned());
        }
    }
}
