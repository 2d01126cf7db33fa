//! What kind of file a command names, told from its first bytes.
//!
//! Only a component in binary form is ever run. Everything else gets a refusal that says what the file is, since
//! each kind is mended in another way (MAN-08, CMP-01 to CMP-03).

use hostler_contract::{Code, codes};

/// How many first bytes of a file decide.
pub(crate) const HEAD: usize = 8;

/// A file, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasmFile {
    /// A component in binary form.
    Component,
    /// A core module in binary form.
    CoreModule,
    /// WebAssembly in binary form, but of no version known here.
    UnknownVersion,
    /// WebAssembly in text form.
    Text,
    /// A program or library of an operating system, or a component compiled for one.
    Native,
    /// A script for an interpreter.
    Script,
    /// Anything else.
    Other,
}

impl WasmFile {
    /// Tells the kind of a file that starts with `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        const NATIVE: [&[u8]; 6] = [
            b"\x7fELF",
            b"MZ",
            b"\xfe\xed\xfa\xce",
            b"\xfe\xed\xfa\xcf",
            b"\xce\xfa\xed\xfe",
            b"\xcf\xfa\xed\xfe",
        ];
        let text = bytes.trim_ascii_start();
        if bytes.starts_with(b"\0asm\x0d\0\x01\0") {
            Self::Component
        } else if bytes.starts_with(b"\0asm\x01\0\0\0") {
            Self::CoreModule
        } else if bytes.starts_with(b"\0asm") {
            Self::UnknownVersion
        } else if NATIVE.iter().any(|magic| bytes.starts_with(magic)) {
            Self::Native
        } else if bytes.starts_with(b"#!") {
            Self::Script
        } else if text.starts_with(b"(mod")
            || text.starts_with(b"(comp")
            || text.starts_with(b"(;")
            || text.starts_with(b";;")
        {
            Self::Text
        } else {
            Self::Other
        }
    }

    /// Code, what, and what would be right, for a file that is no component; nothing for one that is.
    pub(crate) fn fault(self) -> Option<(Code, &'static str, &'static str)> {
        let build = "build the handler as a WebAssembly component";
        match self {
            Self::Component => None,
            Self::CoreModule => Some((
                codes::WASM_NOT_COMPONENT,
                "it is a core WebAssembly module, not a component",
                "make the package with `hostler pack`, which adapts modules for WASI preview 1",
            )),
            Self::UnknownVersion => Some((
                codes::WASM_FORMAT,
                "it is WebAssembly of an unknown version, or cut off",
                build,
            )),
            Self::Text => Some((
                codes::WASM_FORMAT,
                "it is WebAssembly text",
                "translate it to binary form first",
            )),
            Self::Native => Some((codes::WASM_NATIVE, "it is native code", build)),
            Self::Script => Some((codes::MANIFEST_COMMAND_TARGET, "it is a script", build)),
            Self::Other => Some((codes::MANIFEST_COMMAND_TARGET, "it is not WebAssembly", build)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WasmFile;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        for (bytes, kind) in [
            (&b"\0asm\x0d\0\x01\0"[..], WasmFile::Component),
            (b"\0asm\x01\0\0\0", WasmFile::CoreModule),
            (b"\0asm\x0d\0\x01", WasmFile::UnknownVersion),
            (b"\x7fELF\x02\x01\x01\0", WasmFile::Native),
            (b"(module)", WasmFile::Text),
            (b"\n (component", WasmFile::Text),
            (b"#!/bin/sh", WasmFile::Script),
            (b"", WasmFile::Other),
            (b"{}", WasmFile::Other),
        ] {
            assert_eq!(WasmFile::of(bytes), kind, "{bytes:?}");
            assert_eq!(kind.fault().is_none(), kind == WasmFile::Component);
        }
    }
}
