//! Packages that a test makes: a small component written as text, and whatever shall lie beside it.

use std::path::PathBuf;
use std::sync::OnceLock;

use hostler_tests::{ZipEntry, ZipForge};
use serde_json::{Value, json};

use crate::workbench::Workbench;

/// What packages made here are called.
pub(crate) const IDENTITY: &str = "Hostler.Tests.Made-1.0";

/// Name of the component in them.
pub(crate) const COMPONENT: &str = "made.wasm";

/// A component that ends well at once.
pub(crate) fn done() -> &'static [u8] {
    static DONE: OnceLock<Vec<u8>> = OnceLock::new();
    DONE.get_or_init(|| command("(func (export \"run\") (result i32) (i32.const 0))"))
}

/// A component whose `wasi:cli/run` is the function `run` of the core module with `inner` in it.
pub(crate) fn command(inner: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
             (core module $main {inner})
             (core instance $main (instantiate $main))
             (func $run (result (result)) (canon lift (core func $main "run")))
             (instance $exported (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    );
    wat::parse_str(text).expect("a component")
}

/// A manifest whose five commands name [`COMPONENT`].
pub(crate) fn manifest() -> Value {
    let line = |command: &str| format!("{COMPONENT} {command}");
    json!([{
        "version": 1.0,
        "handlerManifest": {
            "installCommand": line("install"),
            "uninstallCommand": line("uninstall"),
            "updateCommand": line("update"),
            "enableCommand": line("enable"),
            "disableCommand": line("disable"),
            "rebootAfterInstall": false,
            "reportHeartbeat": false,
        },
    }])
}

/// The manifest with `value` as the member `key` of `handlerManifest`.
pub(crate) fn manifest_with(key: &str, value: Value) -> Value {
    let mut manifest = manifest();
    manifest[0]["handlerManifest"][key] = value;
    manifest
}

/// A manifest as it lies in a package.
pub(crate) fn manifest_entry(text: impl AsRef<[u8]>) -> ZipEntry {
    ZipEntry::stored("HandlerManifest.json", text.as_ref())
}

/// A good package with `more` entries.
pub(crate) fn with(more: impl IntoIterator<Item = ZipEntry>) -> ZipForge {
    let needed = [
        manifest_entry(manifest().to_string()),
        ZipEntry::stored(COMPONENT, done()),
    ];
    ZipForge::of(needed.into_iter().chain(more))
}

/// A package with that component.
pub(crate) fn with_component(component: &[u8]) -> ZipForge {
    ZipForge::of([
        manifest_entry(manifest().to_string()),
        ZipEntry::stored(COMPONENT, component),
    ])
}

/// A package with that text as its manifest.
pub(crate) fn with_manifest(text: impl AsRef<[u8]>) -> ZipForge {
    ZipForge::of([manifest_entry(text), ZipEntry::stored(COMPONENT, done())])
}

impl Workbench {
    /// Writes an archive as the package of [`IDENTITY`].
    pub(crate) fn package(&self, forge: &ZipForge) -> PathBuf {
        self.write(&format!("{IDENTITY}.zip"), forge.build())
    }

    /// A folder `name` to pack, with `manifest` and the component in it.
    pub(crate) fn folder(&self, name: &str, manifest: &Value) -> PathBuf {
        self.write(&format!("{name}/HandlerManifest.json"), manifest.to_string());
        self.write(&format!("{name}/{COMPONENT}"), done());
        self.path(name)
    }
}
