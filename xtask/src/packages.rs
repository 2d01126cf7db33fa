//! From built components to packages: what a publisher would do by hand with `hostler pack`.

mod folder;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use serde_json::Value;

pub(crate) use self::folder::copy_folder;
use crate::{guest, step, workspace::Workspace};

/// Version of the sample packages.
const VERSION: &str = "1.0.0";

/// The sample packages, packed.
pub(crate) struct Packages {
    /// The folder that they lie in.
    pub(crate) folder: PathBuf,
    /// Where the folders lie that they were made from, each by its handler's name.
    handlers: PathBuf,
    /// The archives.
    pub(crate) files: Vec<PathBuf>,
    /// The component that does as it is told; not packed, since each conformance case wants a package of its own.
    pub(crate) recorder: PathBuf,
    /// The benchmark's own component, not packed either.
    pub(crate) bench: PathBuf,
    /// What the benchmark lets components compute, built as the sample handlers are.
    pub(crate) kernels: PathBuf,
}

impl Packages {
    /// The archive of the handler `identity`.
    pub(crate) fn of(&self, identity: &str) -> PathBuf {
        self.folder.join(archive(identity, VERSION))
    }

    /// The folder that the package of the sample handler `identity` was made from.
    pub(crate) fn staged(&self, identity: &str) -> PathBuf {
        self.handlers.join(identity)
    }
}

/// A sample handler: its name, its folder, and the crate's program.
struct Sample {
    identity: &'static str,
    folder: &'static str,
    krate: &'static str,
}

/// The sample handler that attacks.
const HOSTILE: &str = "Hostler.Samples.Hostile";

/// What `hostler self-test` calls its package, which it looks for beside itself.
const ATTACKER: &str = "hostile.zip";

/// The handler that does least, by the name that it is published under.
pub(crate) const HELLO: &str = "Hostler.Samples.Hello";

/// The sample handlers, by the name they are published under.
const SAMPLES: [Sample; 4] = [
    Sample {
        identity: HELLO,
        folder: "hello",
        krate: "hello-handler",
    },
    Sample {
        identity: "Hostler.Samples.FileConfig",
        folder: "file-config",
        krate: "file-config-handler",
    },
    Sample {
        identity: "Hostler.Samples.FileWatch",
        folder: "file-watch",
        krate: "file-watch-handler",
    },
    Sample {
        identity: HOSTILE,
        folder: "hostile",
        krate: "hostile-handler",
    },
];

/// Builds the sample handlers and packs each with the binary `hostler`; a copy of the one that attacks goes beside it,
/// where `hostler self-test` finds it.
pub(crate) fn build(workspace: &Workspace, hostler: &Path) -> anyhow::Result<Packages> {
    let components = guest::build(workspace)?;
    let folder = workspace.target().join("packages");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut packages = Packages {
        folder,
        handlers: workspace.target().join("handlers"),
        files: Vec::new(),
        recorder: component_of(&components, guest::RECORDER, "recorder.wasm")?,
        bench: component_of(&components, guest::BENCH, "bench-guest.wasm")?,
        kernels: component_of(&components, guest::KERNELS, "bench-kernels.wasm")?,
    };
    for sample in &SAMPLES {
        let staged = stage(workspace, sample, &components, &packages)
            .with_context(|| format!("package of {}", sample.identity))?;
        let file = pack(hostler, &staged, sample.identity, VERSION, &packages.folder)?;
        packages.files.push(file);
    }
    let (from, to) = (packages.of(HOSTILE), hostler.with_file_name(ATTACKER));
    fs::copy(&from, &to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
    Ok(packages)
}

/// Packs `folder` as `version` of the handler `identity` into `out`, and gives the archive.
pub(crate) fn pack(
    hostler: &Path,
    folder: &Path,
    identity: &str,
    version: &str,
    out: &Path,
) -> anyhow::Result<PathBuf> {
    let mut pack = Command::new(hostler);
    pack.arg("pack")
        .arg(folder)
        .arg(version)
        .args(["--name", identity])
        .arg("--out")
        .arg(out);
    if let Some(complaint) = step::complaint_of(&mut pack)? {
        anyhow::bail!("hostler pack {}:\n{complaint}", folder.display());
    }
    let file = out.join(archive(identity, version));
    if !file.is_file() {
        anyhow::bail!("hostler pack left no {}", file.display());
    }
    Ok(file)
}

fn archive(identity: &str, version: &str) -> String {
    format!("{identity}-{version}.zip")
}

/// Lays the folder that becomes the package out anew: the sample's `package` folder, and the component under the name
/// that the manifest gives it.
fn stage(workspace: &Workspace, sample: &Sample, components: &Path, packages: &Packages) -> anyhow::Result<PathBuf> {
    let source = workspace
        .root()
        .join("sample-handlers")
        .join(sample.folder)
        .join("package");
    let staged = packages.staged(sample.identity);
    if staged.exists() {
        fs::remove_dir_all(&staged).with_context(|| staged.display().to_string())?;
    }
    copy_folder(&source, &staged)?;
    let name = component_name(&source.join("HandlerManifest.json"))?;
    let built = component_of(components, sample.krate, &name)?;
    let target = staged.join(&name);
    fs::copy(&built, &target).with_context(|| format!("{} to {}", built.display(), target.display()))?;
    Ok(staged)
}

/// The component's name in the package: the first word of `enableCommand`.
fn component_name(manifest: &Path) -> anyhow::Result<String> {
    let text = fs::read(manifest).with_context(|| manifest.display().to_string())?;
    let json: Value = serde_json::from_slice(&text).with_context(|| manifest.display().to_string())?;
    json[0]["handlerManifest"]["enableCommand"]
        .as_str()
        .and_then(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .with_context(|| format!("{}: no enableCommand", manifest.display()))
}

/// The file that cargo built: it carries the program's name, which is the crate's or, as in the manifest, its own.
fn component_of(components: &Path, krate: &str, in_package: &str) -> anyhow::Result<PathBuf> {
    let stem = in_package.trim_end_matches(".wasm");
    [krate, stem, &stem.replace('_', "-"), &stem.replace('-', "_")]
        .iter()
        .map(|name| components.join(format!("{name}.wasm")))
        .find(|path| path.is_file())
        .with_context(|| format!("no component of {krate} in {}", components.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{component_name, component_of};

    #[test]
    fn the_component_is_named_by_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("HandlerManifest.json");
        fs::write(
            &manifest,
            r#"[{"handlerManifest": {"enableCommand": "file_config.wasm enable"}}]"#,
        )
        .unwrap();
        assert_eq!(component_name(&manifest).unwrap(), "file_config.wasm");
        fs::write(&manifest, r#"[{"handlerManifest": {}}]"#).unwrap();
        assert!(component_name(&manifest).is_err());
    }

    #[test]
    fn what_cargo_built_is_found_under_either_name() {
        let folder = tempfile::tempdir().unwrap();
        assert!(component_of(folder.path(), "file-config-handler", "file_config.wasm").is_err());
        for name in ["file-config.wasm", "file-config-handler.wasm"] {
            fs::write(folder.path().join(name), "").unwrap();
            let found = component_of(folder.path(), "file-config-handler", "file_config.wasm").unwrap();
            assert_eq!(found, folder.path().join(name));
        }
    }
}
