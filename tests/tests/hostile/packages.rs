//! Packages made by the tests themselves.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hostler_tests::{ZipEntry, ZipForge, package};
use serde_json::json;

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

fn with_heartbeat(hostile: &Path) -> PathBuf {
    let mut archive =
        zip::ZipArchive::new(fs::File::open(hostile).expect("the package opens")).expect("the package is a zip");
    let mut component = Vec::new();
    archive
        .by_name("hostile.wasm")
        .expect("the package has its component")
        .read_to_end(&mut component)
        .expect("the component can be read");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    write(
        folder,
        "Hostler.Samples.HostileHeartbeat-1.0.zip",
        "hostile.wasm",
        &component,
        true,
    )
}

/// Writes a package `name` to `folder`, with the one file `component` that every command names.
pub(crate) fn write(folder: &Path, name: &str, component: &str, bytes: &[u8], heartbeat: bool) -> PathBuf {
    let command = |command: &str| format!("{component} {command}");
    let manifest = json!([{
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
    }]);
    let entries = [
        ZipEntry::stored("HandlerManifest.json", manifest.to_string().as_bytes()),
        ZipEntry::stored(component, bytes),
    ];
    let path = folder.join(name);
    fs::write(&path, ZipForge::of(entries).build()).expect("a package can be written");
    path
}
