//! What publishers of handlers and their clouds write: packages of the recorder, version manifests, goal states.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::hostler::recorder;

/// A package of the recorder, called `name`, that does what `behaviour` says, by command: `{"install": {"exit": 1}}`. It has a
/// service where that says something of `service`, and `signingInfo` where that is among it.
///
/// # Panics
/// When the recorder is not built.
pub fn recorder_package(name: &str, behaviour: &Value) -> Vec<u8> {
    static RECORDER: OnceLock<Vec<u8>> = OnceLock::new();
    let component = RECORDER.get_or_init(|| {
        let path = recorder();
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    });
    let mut members = json!({"rebootAfterInstall": false, "reportHeartbeat": false});
    for command in ["install", "enable", "update", "disable", "uninstall"] {
        members[format!("{command}Command")] = json!(format!("recorder.wasm {command}"));
    }
    let mut manifest = json!([{"name": name, "version": 1.0, "handlerManifest": members}]);
    if behaviour.get("service").is_some() {
        manifest[0]["sandbox"] = json!({"serviceCommand": "recorder.wasm service"});
    }
    if let Some(info) = behaviour.get("signingInfo") {
        manifest[0]["signingInfo"] = info.clone();
    }
    let manifest = manifest.to_string();
    let behaviour = behaviour.to_string();
    let files = [
        ("HandlerManifest.json", manifest.as_bytes()),
        ("behaviour.json", behaviour.as_bytes()),
        ("recorder.wasm", component),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let written = files.iter().try_for_each(|(path, content)| {
        writer.start_file(*path, SimpleFileOptions::default())?;
        Ok(writer.write_all(content)?)
    });
    match written.and_then(|()| writer.finish()) {
        Ok(archive) => archive.into_inner(),
        Err::<_, zip::result::ZipError>(error) => panic!("a package cannot be made: {error}"),
    }
}

/// The version manifest (contract 8.1) that offers each of `versions` at its locations; a third part holds further
/// attributes of its `Plugin`, as `sha256="..."`, or nothing.
pub fn version_manifest(versions: &[(&str, &[String], &str)]) -> String {
    let plugin = |(version, uris, attributes): &(&str, &[String], &str)| {
        let uris: String = uris.iter().map(|uri| format!("<Uri>{uri}</Uri>")).collect();
        format!("<Plugin {attributes}><Version>{version}</Version><Uris>{uris}</Uris></Plugin>\n")
    };
    let plugins: String = versions.iter().map(plugin).collect();
    format!("<PluginVersionManifest><Plugins>\n{plugins}</Plugins></PluginVersionManifest>\n")
}

/// Writes recorder packages of the handler `name`, by version and behaviour, to `folder`, and its version manifest
/// `NAME.xml` beside them.
///
/// # Panics
/// When a file cannot be written.
pub fn publish(folder: &Path, name: &str, packages: &[(&str, Value)]) {
    let write = |file: &str, content: &[u8]| {
        fs::write(folder.join(file), content).unwrap_or_else(|error| panic!("{file}: {error}"));
    };
    let mut offered = Vec::new();
    for (version, behaviour) in packages {
        let file = format!("{name}-{version}.zip");
        write(&file, &recorder_package(name, behaviour));
        offered.push((*version, [file]));
    }
    let versions: Vec<_> = offered
        .iter()
        .map(|(version, files)| (*version, files.as_slice(), ""))
        .collect();
    write(&format!("{name}.xml"), version_manifest(&versions).as_bytes());
}

/// An entry of a goal state (contract 4.2) for a handler whose version manifest is `NAME.xml` beside the goal state;
/// `state` is `enabled`, `disabled` or `uninstall`, `number` the sequence number of its settings.
pub fn goal_state_entry(name: &str, version: &str, state: &str, number: i64, public: &Value) -> Value {
    json!({
        "name": name,
        "version": version,
        "location": format!("{name}.xml"),
        "state": state,
        "settingsSeqNo": number,
        "settings": [{"publicSettings": public.to_string()}],
    })
}

/// A goal state of `entries` in the vmSettings form.
pub fn goal_state(entries: &[Value]) -> String {
    json!({"inSvdSeqNo": 1, "extensionGoalStates": entries}).to_string()
}
