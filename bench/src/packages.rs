//! Packages under names of the benchmark's own.

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::json;

/// A package of the handler `name` (`Publisher.Type`), all of whose commands are those of `component`.
pub(crate) fn package(name: &str, component: &[u8]) -> Vec<u8> {
    const COMPONENT: &str = "handler.wasm";
    let mut members = json!({
        "updateMode": "UpdateWithInstall", "rebootAfterInstall": false, "reportHeartbeat": false,
    });
    for command in ["install", "enable", "update", "disable", "uninstall"] {
        members[format!("{command}Command")] = json!(format!("{COMPONENT} {command}"));
    }
    let manifest = json!([{"name": name, "version": 1.0, "handlerManifest": members}]).to_string();
    let manifest = ZipEntry::deflated("HandlerManifest.json", manifest.as_bytes());
    ZipForge::of([manifest, ZipEntry::deflated(COMPONENT, component)]).build()
}
