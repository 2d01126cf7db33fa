//! What is a component that can be run, and what is none.

use hostler_contract::Source;
use hostler_host::sandbox::End;

use crate::all_ways::{limits, run, run_component, sandboxes, with_imports};

/// Components that are put together from others are run: what passes a string from one memory to another is made by
/// wasmtime itself and has both.
#[test]
fn components_within_a_component_pass_strings() {
    let component = wat::parse_str(
        r#"(component
             (component $a
               (core module $m
                 (memory (export "mem") 1)
                 (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
                 (func (export "f") (param i32 i32)))
               (core instance $i (instantiate $m))
               (func (export "f") (param "x" string)
                 (canon lift (core func $i "f") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
             (component $b
               (import "f" (func $f (param "x" string)))
               (core module $l (memory (export "mem") 1))
               (core instance $i (instantiate $l))
               (core func $g (canon lower (func $f) (memory (core memory $i "mem"))))
               (core module $n
                 (import "" "f" (func $f (param i32 i32)))
                 (func (export "run") (result i32) (call $f (i32.const 0) (i32.const 4)) i32.const 0))
               (core instance $j (instantiate $n (with "" (instance (export "f" (func $g))))))
               (func (export "run") (result (result)) (canon lift (core func $j "run"))))
             (instance $a (instantiate $a))
             (instance $b (instantiate $b (with "f" (func $a "f"))))
             (instance $r (export "run" (func $b "run")))
             (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    )
    .unwrap();
    let outcome = run(&component, limits(&[]));
    assert_eq!(outcome.end, End::Exited { code: 0, message: None });
}

/// CMP-01 to CMP-03, CMP-05, CMP-10, CMP-11 as far as they do not need a package.
#[test]
fn what_is_no_runnable_component_is_refused_before_it_is_compiled() {
    let wat = |text: &str| wat::parse_str(text).unwrap();
    let imports = r#"(import "wasi:cli/environment@0.2.0" (instance (export "steal" (func))))"#;
    let newer = r#"(import "wasi:cli/environment@0.2.999" (instance))"#;
    let bomb = format!("(local {}) {}", "i32 ".repeat(4_000), "(block)".repeat(2_000));
    let cases: [(&str, Vec<u8>); 14] = [
        // CMP-05: what is imported by a known name must be what is linked under it.
        ("wasm.import", with_imports(imports)),
        ("wasm.import", with_imports(newer)),
        // CMP-11: a way in is a function without parameters and with one result.
        (
            "wasm.export",
            wat(r#"(component (instance $r) (export "wasi:cli/run@0.2.0" (instance $r)))"#),
        ),
        // CMP-08: little to read and much to compile.
        (
            "wasm.functions",
            wat(&format!("(component (core module (func {bomb})))")),
        ),
        ("wasm.invalid", wat("(component (core module (memory 1) (memory 1)))")),
        ("wasm.not_component", wat("(module)")),
        ("wasm.format", b"(component)".to_vec()),
        ("wasm.format", vec![]),
        ("wasm.native", b"\x7fELF\x02\x01\x01".to_vec()),
        ("wasm.export", wat("(component)")),
        ("wasm.import", wat(r#"(component (import "evil:host/exec" (func)))"#)),
        (
            "wasm.import",
            wat(r#"(component (import "wasi:sockets/tcp@0.2.0" (instance)))"#),
        ),
        ("wasm.invalid", wat("(component (core module (memory i64 1)))")),
        ("wasm.invalid", run_component("", "")[..60].to_vec()),
    ];
    for (sandbox, (expected, bytes)) in sandboxes()
        .iter()
        .flat_map(|sandbox| cases.iter().map(move |case| (sandbox, case)))
    {
        match sandbox.code(Source::new("bad.wasm", bytes), None) {
            Err(refused) => assert_eq!(refused.first().code().name(), *expected, "{refused}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
}
