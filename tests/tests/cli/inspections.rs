//! `inspect`: what a package is, asks for and would get.

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::json;

use crate::made::{COMPONENT, done, manifest, manifest_entry, with, with_manifest};
use crate::workbench::{Said, Workbench};

/// Inspects a package with a limit of its own, an odd key and a file beside the component.
fn inspect(options: &[&str]) -> Said {
    let mut manifest = manifest();
    manifest[0]["colour"] = json!("blue");
    manifest[0]["sandbox"] = json!({ "limits": { "cmd.deadline": 60_000 } });
    let entries = [
        manifest_entry(manifest.to_string()),
        ZipEntry::stored(COMPONENT, done()),
        ZipEntry::folder("docs/"),
        ZipEntry::stored("docs/note.txt", b"note"),
    ];
    let bench = Workbench::new();
    let package = bench.package(&ZipForge::of(entries));
    bench.hostler(&[&["inspect", package.to_str().unwrap()], options].concat())
}

#[test]
fn as_text() {
    insta::assert_snapshot!(inspect(&[]).all(), @r"
    exit code 0
    --- stdout
    Hostler.Tests.Made-1.0
      package    Hostler.Tests.Made-1.0.zip, [SIZE], unsigned
      SHA-256    [DIGEST]
      heartbeat  none
      files
              333  HandlerManifest.json
              195  made.wasm
                4  docs/note.txt
      component made.wasm
        entered by  wasi:cli/run@0.2.0
        imports     
      gets its own folders, nothing else of the machine, and for each command
      install    made.wasm install
        cmd.deadline 1 min (the package's manifest); all other limits at their defaults
      enable     made.wasm enable
        cmd.deadline 1 min (the package's manifest); all other limits at their defaults
      update     made.wasm update
        cmd.deadline 1 min (the package's manifest); all other limits at their defaults
      disable    made.wasm disable
        cmd.deadline 1 min (the package's manifest); all other limits at their defaults
      uninstall  made.wasm uninstall
        cmd.deadline 1 min (the package's manifest); all other limits at their defaults
    warning: nothing reads this key [manifest.unknown_key]
      at HandlerManifest.json: $[0].colour
      leave it out
    ");
}

/// The first command stands for all: they differ in their names only.
#[test]
fn as_json() {
    let said = inspect(&["--json"]);
    let document = said.document();
    let (until_the_second, rest) = document.split_once("\"command\": \"enable\"").unwrap();
    insta::assert_snapshot!(until_the_second, @r#"
    exit code 0
    --- stdout
    {
      "verdict": "accept-with-warnings",
      "handler": "Hostler.Tests.Made-1.0",
      "file": "Hostler.Tests.Made-1.0.zip",
      "digest": "[DIGEST]",
      "bytes": [N],
      "signature": "unsigned",
      "entries": [
        { "name": "HandlerManifest.json", "bytes": [N] },
        { "name": "made.wasm", "bytes": [N] },
        { "name": "docs/note.txt", "bytes": [N] }
      ],
      "components": [
        {
          "name": "made.wasm",
          "entries": [
            "wasi:cli/run@0.2.0"
          ],
          "imports": []
        }
      ],
      "asked": [],
      "commands": [
        {
          "command": "install",
          "line": "made.wasm install",
          "component": "made.wasm",
          "limits": [
            { "name": "cmd.deadline", "value": 60000, "rule": "package" },
            { "name": "cmd.cpu", "value": 60000, "rule": "default" },
            { "name": "guest.memory_total", "value": 268435456, "rule": "default" },
            { "name": "guest.table_elems_total", "value": 1000000, "rule": "default" },
            { "name": "guest.instances", "value": 64, "rule": "default" },
            { "name": "guest.memories", "value": 8, "rule": "default" },
            { "name": "guest.tables", "value": 64, "rule": "default" },
            { "name": "guest.handles", "value": 4096, "rule": "default" },
            { "name": "guest.resources", "value": 512, "rule": "default" },
            { "name": "guest.hostcall", "value": 4194304, "rule": "default" },
            { "name": "guest.random", "value": 65536, "rule": "default" },
            { "name": "guest.stdout", "value": 1048576, "rule": "default" },
            { "name": "guest.stderr", "value": 1048576, "rule": "default" },
            { "name": "dir.status.bytes", "value": 4194304, "rule": "default" },
            { "name": "dir.status.files", "value": 1024, "rule": "default" },
            { "name": "dir.status.depth", "value": 1, "rule": "default" },
            { "name": "dir.heartbeat.bytes", "value": 1048576, "rule": "default" },
            { "name": "dir.heartbeat.files", "value": 64, "rule": "default" },
            { "name": "dir.heartbeat.depth", "value": 1, "rule": "default" },
            { "name": "dir.log.bytes", "value": 16777216, "rule": "default" },
            { "name": "dir.log.files", "value": 128, "rule": "default" },
            { "name": "dir.log.depth", "value": 8, "rule": "default" },
            { "name": "dir.events.bytes", "value": 4194304, "rule": "default" },
            { "name": "dir.events.files", "value": 1000, "rule": "default" },
            { "name": "dir.events.depth", "value": 1, "rule": "default" },
            { "name": "dir.data.bytes", "value": 67108864, "rule": "default" },
            { "name": "dir.data.files", "value": 1024, "rule": "default" },
            { "name": "dir.data.depth", "value": 8, "rule": "default" },
            { "name": "file.max", "value": 16777216, "rule": "default" }
          ]
        },
        {
    "#);
    assert!(
        rest.contains("\"reportHeartbeat\": false,\n  \"findings\": [\n"),
        "{rest}"
    );
    let commands = said.json()["commands"].as_array().unwrap().clone();
    let names: Vec<_> = commands.iter().map(|command| &command["command"]).collect();
    assert_eq!(names, ["install", "enable", "update", "disable", "uninstall"]);
}

#[test]
fn the_digest_is_that_of_the_file() {
    let bench = Workbench::new();
    let package = bench.package(&with([]));
    let said = bench.hostler(&["--json", "inspect", package.to_str().unwrap()]);
    let sum = std::process::Command::new("sha256sum").arg(&package).output();
    let Ok(sum) = sum else {
        hostler_tests::not_run("sha256sum");
        return;
    };
    let digest = said.json()["digest"].as_str().unwrap().to_owned();
    assert!(sum.stdout.starts_with(digest.as_bytes()), "{digest}");
}

#[test]
fn a_package_that_is_refused() {
    let bench = Workbench::new();
    let package = bench.package(&with_manifest("{"));
    insta::assert_snapshot!(bench.hostler(&["inspect", package.to_str().unwrap()]).all(), @r"
    exit code 3
    --- stderr
    refused: not JSON: EOF while parsing an object [manifest.json]
      at HandlerManifest.json:1:1
      write JSON as RFC 8259 has it: UTF-8, double quotes, no comments, no trailing commas
    ");
}
