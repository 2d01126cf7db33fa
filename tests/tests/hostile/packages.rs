//! Packages made by the tests themselves.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hostler_tests::{ZipEntry, ZipForge, package};
use serde_json::{Value, json};

/// Which package of the hostile handler.
#[derive(Debug, Clone)]
pub(crate) enum Package {
    /// As it is built.
    Hostile,
    /// The same component with a manifest that promises a heartbeat.
    WithHeartbeat,
    /// One that a test made.
    Made(PathBuf),
}

impl Package {
    /// Its file.
    pub(crate) fn path(&self) -> PathBuf {
        static HOSTILE: OnceLock<PathBuf> = OnceLock::new();
        static WITH_HEARTBEAT: OnceLock<PathBuf> = OnceLock::new();
        let hostile = || HOSTILE.get_or_init(|| package("Hostler.Samples.Hostile"));
        match self {
            Self::Hostile => hostile().clone(),
            Self::WithHeartbeat => WITH_HEARTBEAT.get_or_init(|| with_heartbeat(hostile())).clone(),
            Self::Made(path) => path.clone(),
        }
    }
}

pub(crate) fn component_of(hostile: &Path) -> Vec<u8> {
    let mut archive =
        zip::ZipArchive::new(fs::File::open(hostile).expect("the package opens")).expect("the package is a zip");
    let mut component = Vec::new();
    archive
        .by_name("hostile.wasm")
        .expect("the package has its component")
        .read_to_end(&mut component)
        .expect("the component can be read");
    component
}

fn with_heartbeat(hostile: &Path) -> PathBuf {
    let component = component_of(hostile);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    write(
        folder,
        "Hostler.Samples.HostileHeartbeat-1.0.zip",
        "hostile.wasm",
        &component,
        true,
    )
}

/// Writes the package `hostile` once more to `folder`, where it asks for `sandbox`.
pub(crate) fn write_asking(folder: &Path, hostile: &Path, sandbox: &Value) -> PathBuf {
    let component = component_of(hostile);
    let mut manifest = manifest("hostile.wasm", false);
    manifest[0]["sandbox"] = sandbox.clone();
    let path = folder.join("Hostler.Samples.HostileGranted-1.0.zip");
    let entries = [
        ZipEntry::stored("HandlerManifest.json", manifest.to_string().as_bytes()),
        ZipEntry::stored("hostile.wasm", &component),
    ];
    fs::write(&path, ZipForge::of(entries).build()).expect("a package can be written");
    path
}

/// Writes a package `name` to `folder`, with the one file `component` that every command names.
pub(crate) fn write(folder: &Path, name: &str, component: &str, bytes: &[u8], heartbeat: bool) -> PathBuf {
    let entries = [
        ZipEntry::stored(
            "HandlerManifest.json",
            manifest(component, heartbeat).to_string().as_bytes(),
        ),
        ZipEntry::stored(component, bytes),
    ];
    let path = folder.join(name);
    fs::write(&path, ZipForge::of(entries).build()).expect("a package can be written");
    path
}

/// A manifest whose commands all name `component`.
pub(crate) fn manifest(component: &str, heartbeat: bool) -> Value {
    let command = |command: &str| format!("{component} {command}");
    json!([{
        "name": "Hostile",
        "version": 1.0,
        "handlerManifest": {
            "installCommand": command("install"),
            "enableCommand": command("enable"),
            "updateCommand": command("update"),
            "disableCommand": command("disable"),
            "uninstallCommand": command("uninstall"),
            "rebootAfterInstall": false,
            "reportHeartbeat": heartbeat,
        },
    }])
}
