//! Components, and things in the place of one, that are refused before anything runs.

use std::ffi::OsString;
use std::time::Duration;

use hostler_tests::{Isolation, kept_code, run_hostler};
use serde_json::Value;

use crate::components::{DONE, command as text, packed};
use crate::seen;

/// How long a refusal may take.
const SOON: Duration = Duration::from_secs(120);

/// Components, and things in the place of one, that are not run at all: name, bytes and code of the refusal.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let binary = |component: &str| wat::parse_str(component).expect("the text is a component");
    let command = |inner: &str| binary(&text("", &format!("{inner} {DONE}")));
    let importing = |name: &str| binary(&text(&format!("(import \"{name}\" (instance))"), DONE));
    let whole = binary(&text("", DONE));
    let types: String = (1..150)
        .map(|at| format!("(type $t{at} (list $t{}))", at - 1))
        .collect();
    let bomb = format!("(func (local {}) {})", "i32 ".repeat(4_000), "(block)".repeat(2_000));
    vec![
        (
            "CMP-01 core module",
            binary(r#"(module (func (export "_start")))"#),
            "wasm.not_component",
        ),
        ("CMP-02 text", text("", DONE).into_bytes(), "wasm.format"),
        ("MAN-08 nothing", Vec::new(), "manifest.command_target"),
        ("CMP-03 ELF", b"\x7fELF\x02\x01\x01\x00native".to_vec(), "wasm.native"),
        ("CMP-03 compiled before", compiled_code(), "wasm.native"),
        ("CMP-04 cut short", whole[..whole.len() - 9].to_vec(), "wasm.invalid"),
        (
            "CMP-05 unknown import",
            importing("evil:host/exec@1.0.0"),
            "wasm.import",
        ),
        ("CMP-06 sockets", importing("wasi:sockets/tcp@0.2.0"), "wasm.import"),
        (
            "CMP-06 http",
            importing("wasi:http/outgoing-handler@0.2.0"),
            "wasm.import",
        ),
        (
            "CMP-06 newer line",
            importing("wasi:cli/environment@0.3.0"),
            "wasm.import",
        ),
        ("CMP-07 functions", command(&"(func)".repeat(100_001)), "wasm.functions"),
        (
            "CMP-08 locals",
            command(&format!("(func (local {}))", "i64 ".repeat(5_001))),
            "wasm.functions",
        ),
        // 32 KB to read, and a great deal of work to compile.
        ("CMP-08 live ranges", command(&bomb), "wasm.functions"),
        ("CMP-09 depth", components_in_one_another(200), "wasm.nesting"),
        (
            "CMP-09 types",
            binary(&text(&format!("(type $t0 (list u8)) {types}"), DONE)),
            "wasm.invalid",
        ),
        (
            "CMP-09 nesting",
            binary(&text(&"(component)".repeat(65), DONE)),
            "wasm.nesting",
        ),
        ("CMP-10 64-bit memory", command("(memory i64 1)"), "wasm.invalid"),
        ("CMP-10 shared memory", command("(memory 1 1 shared)"), "wasm.invalid"),
        ("CMP-10 two memories", command("(memory 1) (memory 1)"), "wasm.invalid"),
        (
            "CMP-10 tail call",
            command("(func $f (return_call $f))"),
            "wasm.invalid",
        ),
        ("CMP-10 exceptions", command("(tag) (func (throw 0))"), "wasm.invalid"),
        (
            "CMP-10 garbage collection",
            command("(type (struct (field i32)))"),
            "wasm.invalid",
        ),
        ("CMP-10 page size", command("(memory 1 (pagesize 1))"), "wasm.invalid"),
        (
            "CMP-10 component-model async",
            binary(&text("(core func $new (canon task.cancel))", DONE)),
            "wasm.invalid",
        ),
        (
            "CMP-10 calls by reference",
            command("(type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0)))"),
            "wasm.invalid",
        ),
        (
            "CMP-10 relaxed SIMD",
            command("(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))"),
            "wasm.invalid",
        ),
        ("CMP-11 no export", binary("(component)"), "wasm.export"),
        ("CMP-15 size", [whole, vec![0; 33 << 20]].concat(), "wasm.size"),
    ]
}

/// Components in one another, deeper than their text can be.
fn components_in_one_another(depth: usize) -> Vec<u8> {
    const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";
    const COMPONENT_SECTION: u8 = 4;
    (0..depth).fold(PREAMBLE.to_vec(), |inner, _| {
        let mut outer = PREAMBLE.to_vec();
        outer.push(COMPONENT_SECTION);
        let mut length = inner.len();
        while length >= 0x80 {
            outer.push(0x80 | (length & 0x7f) as u8);
            length >>= 7;
        }
        outer.push(length as u8);
        outer.extend(inner);
        outer
    })
}

/// Code that this very host compiled, as it lies in the cache: from a package it is refused like any other.
fn compiled_code() -> Vec<u8> {
    seen::warm_up();
    let kept = kept_code(&seen::cache()).pop().expect("there is code in it");
    let kept = std::fs::read(kept).expect("it can be read");
    let start = kept.windows(4).position(|bytes| bytes == b"\x7fELF");
    kept[start.expect("code is an ELF file behind its checksum")..].to_vec()
}

/// What is refused is refused soon, twice in the same words, by its code, before anything runs.
#[test]
fn what_is_no_component_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut problems = Vec::new();
    for (name, component, code) in refused() {
        let path = packed(folder.path(), "Refused", &component);
        let arguments = [
            "run".as_ref(),
            path.as_os_str(),
            "--json".as_ref(),
            "--cache".as_ref(),
            seen::cache().as_os_str(),
        ]
        .map(ToOwned::to_owned);
        let of = |isolation: Isolation| isolation.arguments().iter().map(OsString::from);
        let runs = Isolation::rounds().into_iter().map(|isolation| {
            let arguments: Vec<OsString> = arguments.iter().cloned().chain(of(isolation)).collect();
            run_hostler(&arguments, folder.path(), SOON)
        });
        let runs: Vec<_> = runs.collect();
        for ran in &runs {
            let report = ran.json();
            let codes: Vec<_> = report["findings"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|finding| &finding["code"])
                .collect();
            let first = codes.first().copied().and_then(Value::as_str);
            if ran.status.code() != Some(3) || report["verdict"] != "refuse" || first != Some(code) {
                problems.push(format!(
                    "{name}: not refused with {code}: {}, {report} {}",
                    ran.status,
                    ran.stderr_text()
                ));
            }
            if ran.stdout.len() > 4096 || ran.peak_rss > 256 << 20 {
                problems.push(format!(
                    "{name}: {} bytes of report, {} MiB",
                    ran.stdout.len(),
                    ran.peak_rss >> 20
                ));
            }
        }
        if runs.windows(2).any(|two| two[0].stdout != two[1].stdout) {
            problems.push(format!("{name}: refused in other words the next time"));
        }
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}
