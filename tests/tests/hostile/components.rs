//! Attacks that no compiler writes: components as text, made into packages here.

use std::path::PathBuf;

use crate::hold;
use crate::packages::{self, Package};
use crate::row::Ended::{Exited, Stopped, Trapped};
use crate::row::Row;

/// A component with `outer` beside a core module of `inner`, whose function `run` is `wasi:cli/run`.
pub(crate) fn command(outer: &str, inner: &str) -> String {
    format!(
        r#"(component
             {outer}
             (core module $main {inner})
             (core instance $main (instantiate $main))
             {RUN})"#
    )
}

/// `run` of the core instance `$main` as the export `wasi:cli/run`.
const RUN: &str = r#"
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported))"#;

/// A core function `run` that succeeds at once.
pub(crate) const DONE: &str = r#"(func (export "run") (result i32) (i32.const 0))"#;

/// A component that exports `hostler:handler/lifecycle`; `fail` is the core function that every command is.
///
/// A nested component gives the functions the types that they need to be exported with.
fn typed(inner: &str) -> String {
    let names = ["install", "enable", "update", "disable", "uninstall"];
    let result = "(func (result (result (error $failure))))";
    let imports: String = names
        .map(|name| format!("(import \"{name}-in\" (func ${name} (result (result (error $in)))))\n"))
        .concat();
    let exports: String = names
        .map(|name| format!("(export \"{name}\" (func ${name}) (func (result (result (error $out)))))\n"))
        .concat();
    let with: String = names
        .map(|name| format!("(with \"{name}-in\" (func $fail))\n"))
        .concat();
    format!(
        r#"(component
             (core module $main {inner})
             (core instance $main (instantiate $main))
             (type $failure (record (field "exit-code" u8) (field "message" string)))
             (type $command {result})
             (func $fail (type $command) (canon lift (core func $main "fail") (memory (core memory $main "memory"))))
             (component $shim
               (type $failure (record (field "exit-code" u8) (field "message" string)))
               (import "failure-in" (type $in (eq $failure)))
               {imports}
               (export $out "failure" (type $failure))
               {exports})
             (instance $shim (instantiate $shim (with "failure-in" (type $failure)) {with}))
             (export "hostler:handler/lifecycle@0.1.0" (instance $shim)))"#
    )
}

/// A failure as it lies in memory at 16: that exit code, and a message at `start` with `length` bytes.
fn failure(pages: u32, exit_code: u8, start: u32, length: u32, at: u32) -> String {
    format!(
        r#"(memory (export "memory") {pages})
           (data (i32.const 100) "it is \1b[31mbroken")
           (func (export "fail") (result i32)
             (i32.store8 (i32.const 16) (i32.const 1))
             (i32.store8 (i32.const 20) (i32.const {exit_code}))
             (i32.store (i32.const 24) (i32.const {start}))
             (i32.store (i32.const 28) (i32.const {length}))
             (i32.const {at}))"#
    )
}

/// A component that asks the host for a list, and whose `realloc`, which the host calls to make room for it, is
/// `realloc`, with `functions` beside it.
fn calling_back(functions: &str, realloc: &str) -> String {
    format!(
        r#"(component
             (import "wasi:random/random@0.2.0" (instance $wasi
               (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
             (core module $memory
               (memory (export "memory") 1)
               (table (export "table") 1 funcref)
               (type $realloc (func (param i32 i32 i32 i32) (result i32)))
               (func (export "realloc") (type $realloc)
                 (call_indirect (type $realloc)
                   (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
             (core instance $memory (instantiate $memory))
             (core func $random (canon lower (func $wasi "get-random-bytes")
               (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
             (core module $main
               (import "memory" "memory" (memory 1))
               (import "memory" "table" (table 1 funcref))
               (import "wasi" "random" (func $random (param i64 i32)))
               {functions}
               (func $realloc (param i32 i32 i32 i32) (result i32) {realloc})
               (elem (i32.const 0) $realloc)
               (func (export "run") (result i32)
                 (call $random (i64.const 8) (i32.const 0)) (i32.const 0)))
             (core instance $wasi (export "random" (func $random)))
             (core instance $main
               (instantiate $main (with "memory" (instance $memory)) (with "wasi" (instance $wasi))))
             {RUN})"#
    )
}

/// Components that are run, with a name for each.
pub(crate) fn attacks() -> Vec<(Row, String)> {
    let row = |case, name| Row::new(case, name).bad_status("status.missing");
    let repeat = |text: &str, times: usize| text.repeat(times);
    let instances = |count: usize| {
        let all = repeat("(core instance (instantiate $other))\n", count - 1);
        command(&format!("(core module $other)\n{all}"), DONE)
    };
    let memories = |count: usize| {
        let all = repeat("(core instance (instantiate $other))\n", count);
        command(&format!("(core module $other (memory 1))\n{all}"), DONE)
    };
    let tables = |count: usize| command("", &(repeat("(table 1 funcref)\n", count) + DONE));
    let forever = r#"(func $forever (loop (br 0)))"#;
    vec![
        (
            row("GST-03", "table-grow").reaches("guest.table_elems_total").also(|seen| {
                match seen.limit("guest.table_elems_total")["used"].as_u64() {
                    Some(900_000..=1_000_000) => Ok(()),
                    other => Err(format!("{other:?} table elements were used")),
                }
            }),
            command(
                "",
                r#"(table $t 0 funcref)
                   (func (export "run") (result i32)
                     (loop $more
                       (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))))
                     (i32.const 0))"#,
            ),
        ),
        (row("CMP-12", "instances-64"), instances(64)),
        (row("CMP-12", "instances-65").ends(Stopped("guest.instances", "limit.instances")), instances(65)),
        (row("CMP-12", "memories-8"), memories(8)),
        (row("CMP-12", "memories-9").ends(Stopped("guest.memories", "limit.memories")), memories(9)),
        (row("CMP-12", "tables-64"), tables(64)),
        (row("CMP-12", "tables-65").ends(Stopped("guest.tables", "limit.tables")), tables(65)),
        (
            row("CMP-13", "memory-4-gib").ends(Stopped("guest.memory_total", "limit.memory")),
            command("", &format!("(memory 65536) {DONE}")),
        ),
        (
            row("CMP-13", "table-10-million").ends(Stopped("guest.table_elems_total", "limit.table")),
            command("", &format!("(table 10000000 funcref) {DONE}")),
        ),
        (
            row("GST-02", "memories-that-add-up").ends(Stopped("guest.memory_total", "limit.memory")),
            command(
                "(core module $other (memory 1500))
                 (core instance (instantiate $other)) (core instance (instantiate $other)) (core instance (instantiate $other))",
                DONE,
            ),
        ),
        (row("CMP-14", "start-loops").times_out(), command("", &format!("{forever} (start $forever) {DONE}"))),
        (
            row("GST-14", "start-exits").ends(Exited(1)),
            format!(
                r#"(component
                     (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
                     (core func $exit (canon lower (func $exit "exit")))
                     (core module $main
                       (import "exit" "exit" (func $exit (param i32)))
                       (func $start (call $exit (i32.const 1)))
                       (start $start) {DONE})
                     (core instance $exits (export "exit" (func $exit)))
                     (core instance $main (instantiate $main (with "exit" (instance $exits))))
                     {RUN})"#
            ),
        ),
        (
            row("GST-07", "handles").ends(Stopped("guest.handles", "limit.handles")),
            format!(
                r#"(component
                     (type $thing (resource (rep i32)))
                     (core func $new (canon resource.new $thing))
                     (core module $main
                       (import "things" "new" (func $new (param i32) (result i32)))
                       (func (export "run") (result i32)
                         (loop $more (drop (call $new (i32.const 1))) (br $more))
                         (unreachable)))
                     (core instance $things (export "new" (func $new)))
                     (core instance $main (instantiate $main (with "things" (instance $things))))
                     {RUN})"#
            ),
        ),
        (
            row("GST-05", "divide").ends(Trapped("trap.arithmetic")),
            command("", r#"(func (export "run") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))"#),
        ),
        (
            row("GST-05", "call-null").ends(Trapped("trap.bounds")),
            command(
                "",
                r#"(table 1 funcref) (type $f (func (result i32)))
                   (func (export "run") (result i32) (call_indirect (type $f) (i32.const 0)))"#,
            ),
        ),
        (
            row("GST-05", "bad-result").ends(Trapped("trap.other")),
            command("", r#"(func (export "run") (result i32) (i32.const 7))"#),
        ),
        (
            row("GST-14", "typed-failure").ends(Exited(51)).also(|seen| {
                let message = seen.enable()["end"]["message"].as_str().unwrap_or_default();
                if message == "it is \\x1b[31mbroken" { Ok(()) } else { Err(format!("the message is `{message}`")) }
            }),
            typed(&failure(1, 51, 100, 17, 16)),
        ),
        (
            row("GST-04", "callback-recursion").ends(Trapped("trap.stack")),
            calling_back("(func $deeper (result i32) (i32.add (call $deeper) (i32.const 1)))", "(call $deeper)"),
        ),
        // What makes room for a result may not call the host meanwhile.
        (
            row("GST-04", "callback-calls-back").ends(Trapped("trap.other")),
            calling_back("", "(call $random (i64.const 8) (i32.const 0)) (i32.const 0)"),
        ),
        (row("GST-14", "typed-failure-of-0").ends(Exited(1)), typed(&failure(1, 0, 100, 17, 16))),
        (row("GST-23", "typed-message-out-of-bounds").ends(Trapped("trap.other")), typed(&failure(1, 51, 65_000, 1_000, 16))),
        (row("GST-23", "typed-message-of-2-gib").ends(Trapped("trap.other")), typed(&failure(1, 51, 100, 0x7fff_ffff, 16))),
        (
            row("GST-23", "typed-message-of-100-mib").ends(Stopped("guest.hostcall", "limit.hostcall")).rss(192),
            typed(&failure(1_700, 51, 100, 100 << 20, 16)),
        ),
        (row("GST-23", "typed-misaligned").ends(Trapped("trap.other")), typed(&failure(1, 51, 100, 17, 17))),
        (
            row("GST-23", "typed-utf16-misaligned").ends(Trapped("trap.other")),
            typed(&failure(1, 51, 101, 8, 16)).replacen("(memory (core", "string-encoding=utf16 (memory (core", 1),
        ),
        (
            row("GST-23", "typed-utf16-of-2-gib").ends(Trapped("trap.other")),
            typed(&failure(1, 51, 100, 0x7fff_ffff, 16)).replacen("(memory (core", "string-encoding=utf16 (memory (core", 1),
        ),
        (row("GST-23", "typed-not-utf8").ends(Trapped("trap.other")), {
            typed(&failure(1, 51, 100, 17, 16).replace("it is \\1b[31mbroken", "\\ff\\fe\\fd\\fc\\fb\\fa\\f9\\f8\\ff\\fe\\fd\\fc\\fb\\fa\\f9\\f8\\ff"))
        }),
    ]
}

/// Writes a package with `component` and gives its path.
pub(crate) fn packed(folder: &std::path::Path, name: &str, component: &[u8]) -> PathBuf {
    packages::write(
        folder,
        &format!("Hostile.{name}-1.0.zip"),
        "hostile.wasm",
        component,
        false,
    )
}

#[test]
fn components_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<Row> = attacks()
        .into_iter()
        .map(|(row, text)| {
            let component = wat::parse_str(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", row.verb));
            let path = packed(folder.path(), row.verb, &component);
            row.package(Package::Made(path)).enabled_only()
        })
        .collect();
    hold(&rows);
}
