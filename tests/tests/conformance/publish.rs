//! What a handler's publisher offers: packages of the recorder, and a version manifest for each handler.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use hostler_package::PackageDigest;
use hostler_tests::recorder;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::case::{HANDLER, PackageSpec};

/// Writes the packages and the version manifests of all handlers to `folder`.
pub(crate) fn publish(folder: &Path, packages: &BTreeMap<String, PackageSpec>) {
    let mut manifests: BTreeMap<String, String> = BTreeMap::new();
    for (key, package) in packages {
        let (name, version) = identity(key);
        let file = format!("{name}-{version}.zip");
        let bytes = match &package.text {
            Some(text) => text.clone().into_bytes(),
            None => archive(name, package, folder),
        };
        fs::write(folder.join(&file), &bytes).expect("a package can be written");
        let plugins = manifests.entry(name.to_owned()).or_default();
        if !package.unlisted {
            plugins.push_str(&plugin(version, &file, package, &bytes));
        }
    }
    for (name, plugins) in manifests {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <PluginVersionManifest><Plugins>\n{plugins}</Plugins></PluginVersionManifest>\n"
        );
        fs::write(folder.join(version_manifest(&name)), text).expect("a version manifest can be written");
    }
}

/// Name of the version manifest of the handler `name`.
pub(crate) fn version_manifest(name: &str) -> String {
    format!("{name}.manifest.xml")
}

/// Handler and version of a package, from its name in a case.
fn identity(key: &str) -> (&str, &str) {
    key.rsplit_once('-').unwrap_or((HANDLER, key))
}

/// One `Plugin` of a version manifest.
fn plugin(version: &str, file: &str, package: &PackageSpec, bytes: &[u8]) -> String {
    let mut attributes = String::new();
    let stated = [
        ("sha256", &package.sha256, PackageDigest::of(bytes).to_string()),
        ("size", &package.size, bytes.len().to_string()),
    ];
    for (name, stated, right) in stated {
        if let Some(stated) = stated {
            let value = if stated == "right" { &right } else { stated };
            attributes.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    let own = [file.to_owned()];
    let uris: String = package
        .uris
        .as_deref()
        .unwrap_or(&own)
        .iter()
        .map(|uri| format!("<Uri>{uri}</Uri>"))
        .collect();
    format!("<Plugin{attributes}><Version>{version}</Version><Uris>{uris}</Uris></Plugin>\n")
}

/// The archive of a package.
fn archive(name: &str, package: &PackageSpec, source: &Path) -> Vec<u8> {
    static RECORDER: OnceLock<Vec<u8>> = OnceLock::new();
    let component = RECORDER.get_or_init(|| fs::read(recorder()).expect("the recorder can be read"));
    let manifest = package
        .manifest_text
        .clone()
        .unwrap_or_else(|| manifest(name, package, source));
    let path = package.manifest_path.as_deref().unwrap_or("HandlerManifest.json");
    let behaviour = package.behaviour.as_ref().map(Value::to_string);
    let mut files: Vec<(&str, &[u8])> = vec![(path, manifest.as_bytes()), ("recorder.wasm", component)];
    files.extend(behaviour.iter().map(|text| ("behaviour.json", text.as_bytes())));
    files.extend(package.files.iter().map(|(path, text)| (&**path, text.as_bytes())));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|(path, _)| Some(path.rsplit_once('/')?.0))
        .collect();
    for folder in folders {
        writer
            .add_directory(folder, SimpleFileOptions::default())
            .expect("a vector takes all bytes");
    }
    for (path, content) in files {
        writer
            .start_file(path, SimpleFileOptions::default())
            .and_then(|()| Ok(writer.write_all(content)?))
            .expect("a vector takes all bytes");
    }
    writer.finish().expect("a vector takes all bytes").into_inner()
}

/// The manifest with all five commands, and what the case has in the place of its members and beside them.
fn manifest(name: &str, package: &PackageSpec, source: &Path) -> String {
    let mut members = json!({"rebootAfterInstall": false, "reportHeartbeat": false});
    for command in ["install", "enable", "update", "disable", "uninstall"] {
        members[format!("{command}Command")] = json!(format!("recorder.wasm {command}"));
    }
    for (key, value) in &package.manifest {
        match (value, members.as_object_mut()) {
            (Value::Null, Some(members)) => drop(members.remove(key)),
            (value, _) => members[key] = value.clone(),
        }
    }
    let mut top = json!({"name": name, "version": 1.0, "handlerManifest": members});
    if let Some(sandbox) = &package.sandbox {
        top["sandbox"] = sandbox.clone();
    }
    json!([top])
        .to_string()
        .replace("[SOURCE]", &source.display().to_string())
}
