//! A repository as plain files: the packages of each handler, and the version manifest that lists them (contract 8.1).
//!
//! `file-config` has three versions. 1.0.0 and 1.1.0 hold the same program; 1.2.0 is one that cannot update.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde_json::{Value, json};

pub(crate) use crate::packages::HELLO;
use crate::packages::{Packages, copy_folder, pack};

/// The handler whose life is shown.
pub(crate) const FILE_CONFIG: &str = "Hostler.Samples.FileConfig";
/// A handler that does harm; [`HELLO`] is one that does none.
pub(crate) const HOSTILE: &str = "Hostler.Samples.Hostile";

const HANDLERS: [(&str, &[&str]); 3] = [
    (FILE_CONFIG, &["1.0.0", "1.1.0", "1.2.0"]),
    (HELLO, &["1.0.0"]),
    (HOSTILE, &["1.0.0"]),
];

/// The repository's folder, as a goal state beside it says it.
const FOLDER: &str = "repository";

/// The manifest's name, as the contract has it.
const MANIFEST: &str = "HandlerManifest.json";

/// Where the version manifest of `handler` lies, as a goal state beside the repository says it.
pub(crate) fn version_manifest_of(handler: &str) -> String {
    let kind = handler.rsplit('.').next().unwrap_or(handler);
    format!("{FOLDER}/{kind}.xml")
}

/// Lays the repository out in `folder`.
pub(crate) fn lay_out(hostler: &Path, packages: &Packages, folder: &Path) -> anyhow::Result<()> {
    let repository = folder.join(FOLDER);
    fs::create_dir_all(&repository).with_context(|| repository.display().to_string())?;
    for (handler, versions) in HANDLERS {
        let package = packages.of(handler);
        let name = package.file_name().context("a package without a name")?;
        fs::copy(&package, repository.join(name)).with_context(|| package.display().to_string())?;
        let path = folder.join(version_manifest_of(handler));
        fs::write(&path, version_manifest(handler, versions)).with_context(|| path.display().to_string())?;
    }
    let staged = packages.staged(FILE_CONFIG);
    pack(hostler, &staged, FILE_CONFIG, "1.1.0", &repository)?;
    let broken = folder.join("cannot-update");
    copy_folder(&staged, &broken)?;
    break_update(&broken, &packages.recorder)?;
    pack(hostler, &broken, FILE_CONFIG, "1.2.0", &repository)?;
    Ok(())
}

/// Gives the package in `folder` an update command that fails: the component `recorder`, which does as it is told.
fn break_update(folder: &Path, recorder: &Path) -> anyhow::Result<()> {
    let manifest = folder.join(MANIFEST);
    let text = fs::read(&manifest).with_context(|| manifest.display().to_string())?;
    let mut json: Value = serde_json::from_slice(&text).with_context(|| manifest.display().to_string())?;
    *json
        .pointer_mut("/0/handlerManifest/updateCommand")
        .with_context(|| format!("{}: no updateCommand", manifest.display()))? = json!("recorder.wasm update");
    fs::write(&manifest, format!("{json:#}\n")).with_context(|| manifest.display().to_string())?;
    let behaviour = json!({"update": {"stderr": "1.2.0 cannot go on with the files of 1.1.0\n", "exit": 3}});
    fs::write(folder.join("behaviour.json"), format!("{behaviour:#}\n"))
        .with_context(|| folder.display().to_string())?;
    fs::copy(recorder, folder.join("recorder.wasm")).with_context(|| recorder.display().to_string())?;
    Ok(())
}

fn version_manifest(handler: &str, versions: &[&str]) -> String {
    let plugins: String = versions
        .iter()
        .map(|version| {
            format!(
                "    <Plugin><Version>{version}</Version><Uris><Uri>{handler}-{version}.zip</Uri></Uris></Plugin>\n"
            )
        })
        .collect();
    format!("<PluginVersionManifest>\n  <Plugins>\n{plugins}  </Plugins>\n</PluginVersionManifest>\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::{MANIFEST, break_update, version_manifest, version_manifest_of};

    #[test]
    fn a_version_manifest_names_packages_beside_it() {
        assert_eq!(version_manifest_of("Contoso.Samples.Other"), "repository/Other.xml");
        assert_eq!(
            version_manifest("Contoso.Other", &["1.0", "1.1"]),
            "<PluginVersionManifest>\n  <Plugins>\n    \
             <Plugin><Version>1.0</Version><Uris><Uri>Contoso.Other-1.0.zip</Uri></Uris></Plugin>\n    \
             <Plugin><Version>1.1</Version><Uris><Uri>Contoso.Other-1.1.zip</Uri></Uris></Plugin>\n  \
             </Plugins>\n</PluginVersionManifest>\n"
        );
    }

    #[test]
    fn only_the_update_command_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = folder.path().join("built");
        fs::write(&recorder, "component").unwrap();
        let manifest = folder.path().join(MANIFEST);
        let commands = |update: &str| {
            json!([{"version": 1.0, "handlerManifest": {
                "enableCommand": "a.wasm enable", "updateCommand": update,
            }}])
        };
        fs::write(&manifest, commands("a.wasm update").to_string()).unwrap();
        break_update(folder.path(), &recorder).unwrap();
        let written: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        assert_eq!(written, commands("recorder.wasm update"));
        assert_eq!(fs::read(folder.path().join("recorder.wasm")).unwrap(), b"component");
        fs::write(&manifest, "[]").unwrap();
        assert!(break_update(folder.path(), &recorder).is_err());
    }
}
