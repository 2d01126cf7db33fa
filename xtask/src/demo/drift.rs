//! Meddling with the files that a handler keeps, and looking at them afterwards.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use super::FILES;

/// The handler's data folder in a root.
const DATA: &str = "data/Hostler.Samples.FileConfig";

/// Changes a file and removes another in the data folder of every root; says so in half a sentence each.
pub(crate) fn cause(roots: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let described = described()?;
    let [(changed, _), .., (removed, _)] = described.as_slice() else {
        anyhow::bail!("the demonstration's settings name too few files");
    };
    for root in roots {
        let path = find(root, changed)?.with_context(|| format!("{changed} is not there to be changed"))?;
        fs::write(&path, "listen = 1\n").with_context(|| path.display().to_string())?;
        let path = find(root, removed)?.with_context(|| format!("{removed} is not there to be removed"))?;
        fs::remove_file(&path).with_context(|| path.display().to_string())?;
    }
    Ok(vec![format!("changed {changed}"), format!("removed {removed}")])
}

/// Whether the files in the data folder of every root have the content that the settings describe.
pub(crate) fn is_as_described(roots: &[PathBuf]) -> anyhow::Result<bool> {
    for root in roots {
        for (name, content) in described()? {
            let Some(path) = find(root, &name)? else {
                return Ok(false);
            };
            if fs::read_to_string(&path).with_context(|| path.display().to_string())? != content {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Path and content of the files in the settings.
fn described() -> anyhow::Result<Vec<(String, String)>> {
    let settings: Value = serde_json::from_str(FILES)?;
    let files = settings["files"].as_array().context("settings of the demonstration")?;
    let text = |file: &Value, key: &str| file[key].as_str().map(str::to_owned);
    files
        .iter()
        .map(|file| text(file, "path").zip(text(file, "content")))
        .collect::<Option<_>>()
        .context("settings of the demonstration")
}

/// The file that ends in `name` in the data folder, wherever the handler keeps it there.
fn find(root: &Path, name: &str) -> anyhow::Result<Option<PathBuf>> {
    let mut folders = vec![root.join(DATA)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().ends_with(name) {
                return Ok(Some(entry.path()));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{DATA, cause, described, is_as_described};

    #[test]
    fn drift_is_caused_and_seen() {
        let root = tempfile::tempdir().unwrap();
        let roots = [root.path().to_owned()];
        let data = root.path().join(DATA).join("files");
        for (name, content) in described().unwrap() {
            let path = data.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        assert!(is_as_described(&roots).unwrap());
        assert_eq!(cause(&roots).unwrap(), ["changed app/app.conf", "removed motd"]);
        assert!(!is_as_described(&roots).unwrap());
        assert!(!data.join("motd").exists());
    }
}
