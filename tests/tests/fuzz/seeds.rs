//! What each target begins with: the corpus, and small inputs with each of the corners that a format has.

use std::fs;

use hostler_contract::{Command, DocumentKind, Manifest, Source};
use hostler_host::sandbox::{ScanLimits, prescan};
use hostler_host::state::HandlerRecord;
use hostler_tests::fuzz_targets::{FuzzTarget, Seeds};
use hostler_tests::{ZipEntry, ZipForge, extra_field};
use serde::Deserialize;
use serde_json::json;

use crate::root;

/// A row of the corpus' index.
#[derive(Deserialize)]
struct Row {
    file: String,
    kind: String,
}

/// The documents of the corpus with their kinds.
fn documents() -> Vec<(DocumentKind, Vec<u8>)> {
    let corpus = root().join("tests/corpus");
    let rows: Vec<Row> = serde_json::from_slice(&fs::read(corpus.join("index.json")).unwrap()).unwrap();
    let document = |row: Row| {
        let kind = DocumentKind::from_name(&row.kind).unwrap();
        (kind, fs::read(corpus.join(row.file)).unwrap())
    };
    rows.into_iter()
        .filter(|row| !row.kind.starts_with("wire-"))
        .map(document)
        .collect()
}

/// What a target begins with.
pub(crate) fn seeds(target: &FuzzTarget) -> Vec<Vec<u8>> {
    let of = |wanted: &dyn Fn(DocumentKind) -> bool| {
        let all = documents().into_iter().filter(|(kind, _)| wanted(*kind));
        all.map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    match target.seeds {
        Seeds::Documents(kind) => of(&|one| one == kind),
        Seeds::Json => of(&|one| {
            use DocumentKind::{Definition, ExtensionsConfig, GoalState, VersionManifest};
            !matches!(one, VersionManifest | ExtensionsConfig | GoalState | Definition)
        }),
        Seeds::Archives => archives(),
        Seeds::CommandLines => {
            let manifests = of(&|one| one == DocumentKind::HandlerManifest);
            let mut lines = vec![
                b"h.wasm 'a b' \"c \\\" d\" e\\ f ''".to_vec(),
                b"./a/b.wasm --x=1 -- *".to_vec(),
            ];
            for manifest in manifests {
                let Ok(manifest) = Manifest::parse(Source::new("seed", &manifest)) else {
                    continue;
                };
                let manifest = manifest.value;
                lines.extend(
                    Command::ALL
                        .iter()
                        .filter_map(|&command| Some(manifest.command(command)?.into())),
                );
            }
            lines
        }
        Seeds::Names => texts(&[
            "a",
            "lib/b.txt",
            "a/../b",
            "../evil",
            "/etc/evil",
            "a\\b",
            "config/0.settings",
            "x/config/0.settings",
            "status/0.status",
            "HandlerManifest.json",
            "handlermanifest.json",
            "h.wasm/inside",
            "e\u{301}",
            "d\u{e9}j\u{e0}",
            "a/./b",
            "a//b",
            "con.txt",
            "a.cwasm",
            "Contoso.Demo-1.0.0",
            "Contoso.Demo.More-1.2.3.4",
        ]),
        Seeds::SettingsFiles => texts(&[
            "0.settings\n1.settings\n10.settings\n9.settings",
            "Ext.0.settings\nExt-2.5.settings\n0.status\nREADME",
            "01.settings\n-1.settings\n+1.settings\n1e3.settings\n2147483647.settings\n2147483648.settings",
        ]),
        Seeds::Components => components(),
        Seeds::Imports => texts(&[
            "wasi:cli/environment@0.2.0",
            "wasi:io/streams@0.2.12",
            "wasi:filesystem/types@0.2.6",
            "wasi:random/insecure-seed@0.2.3",
            "wasi:sockets/tcp@0.2.0",
            "wasi:http/outgoing-handler@0.2.0",
            "wasi:cli/environment@0.3.0",
            "wasi:cli/environment",
            "evil:host/exec@1.0.0",
            "hostler:handler/lifecycle@0.1.0",
        ]),
        Seeds::Limits => texts(&[
            "cmd.deadline=500ms",
            "cmd.deadline=444444",
            "cmd.cpu=2s",
            "guest.memory_total=64MiB",
            "dir.data.files=1",
            "guest.handles=0",
            "no.such=1",
            "cmd.deadline=99999999999999999999min",
            "guest.memory_total",
        ]),
        Seeds::Records => records(),
    }
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Components with a way in, with imports, and with parts in them.
fn components() -> Vec<Vec<u8>> {
    let text = |parts: &str, inner: &str| {
        format!(
            r#"(component {parts}
                 (core module $m {inner} (func (export "run") (result i32) i32.const 0))
                 (core instance $i (instantiate $m))
                 (func $run (result (result)) (canon lift (core func $i "run")))
                 (instance $r (export "run" (func $run)))
                 (export "wasi:cli/run@0.2.0" (instance $r)))"#
        )
    };
    let imports = r#"(import "wasi:cli/environment@0.2.0" (instance)) (import "wasi:io/poll@0.2.6" (instance))"#;
    [
        text("", ""),
        text(imports, "(memory 1) (table 2 funcref) (global i32 (i32.const 1))"),
        text(
            "(component (core module)) (core module)",
            "(func (local i32 i64) (block (br 0)))",
        ),
    ]
    .map(|text| {
        let component = wat::parse_str(text).unwrap();
        let accepted = prescan(Source::new("seed", &component), &ScanLimits::default());
        assert!(accepted.is_ok(), "{accepted:?}");
        component
    })
    .to_vec()
}

/// Records as the host writes them.
fn records() -> Vec<Vec<u8>> {
    let version = |version: &str, state: &str| json!({ "version": version, "state": state, "package": null, "settings": "Ext.3.settings" });
    [
        json!({}),
        json!({ "versions": [version("1.0.0", "Enabled"), version("1.1", "FailedUpgrade")] }),
        json!({ "versions": [version("2.0rc1", "NotInstalled")], "under_way": { "command": "enable", "version": "2.0rc1" } }),
    ]
    .map(|record| {
        let read = serde_json::from_value::<HandlerRecord>(record.clone());
        assert!(read.is_ok(), "{read:?}: {record}");
        record.to_string().into_bytes()
    })
    .to_vec()
}

/// Good packages, and archives with each of the corners that zip has.
fn archives() -> Vec<Vec<u8>> {
    let command = |name: &str| format!("\"{name}Command\": \"handler.wasm {name}\"");
    let commands = ["install", "uninstall", "update", "enable", "disable"]
        .map(command)
        .join(", ");
    let manifest = format!("[{{\"version\": 1.0, \"handlerManifest\": {{{commands}}}}}]");
    let good = [
        ZipEntry::deflated("HandlerManifest.json", manifest.as_bytes()),
        ZipEntry::stored("handler.wasm", b"\0asm\x0d\0\x01\0"),
    ];
    let with = |more: Vec<ZipEntry>| ZipForge::of(good.iter().cloned().chain(more)).build();
    let extra = ZipEntry {
        extra: extra_field(0x5455, &[1, 0, 0, 0, 0]),
        local_extra: extra_field(0x5455, &[1, 0, 0, 0, 0]),
        ..ZipEntry::stored("time", b"x")
    };
    vec![
        with(vec![]),
        with(vec![
            ZipEntry::folder("lib/"),
            ZipEntry::deflated("lib/é.txt", &b"text ".repeat(40)),
        ]),
        with(vec![
            ZipEntry::stored("empty", b""),
            ZipEntry::folder("a/"),
            ZipEntry::folder("a/b/"),
        ]),
        with(vec![ZipEntry::deflated("streamed", b"more text").streamed(), extra]),
        ZipForge::of([]).build(),
    ]
}
