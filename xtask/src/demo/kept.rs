//! The files that `file-config` keeps in its data folder: what settings describe, what is there, and meddling with it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context as _;
use serde_json::Value;

use super::repository::FILE_CONFIG;

/// The first settings.
pub(crate) const FIRST: &str = r#"{"files": [
  {"path": "app.conf", "content": "listen = 8080\n"},
  {"path": "motd", "content": "This machine is kept by file-config.\n"}
]}"#;

/// The settings after those: a file changed, one added, one not named any more.
pub(crate) const SECOND: &str = r#"{"files": [
  {"path": "app.conf", "content": "listen = 9090\n"},
  {"path": "log.conf", "content": "level = info\n"}
]}"#;

/// What must be in the data folder after a scene.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept {
    /// The files that these settings describe.
    Described(&'static str),
    /// The same, and nothing of it was written in this scene.
    Untouched(&'static str),
    /// Not even the data folder.
    Gone,
}

/// What is in the data folder: each file's content and when it was last written, and the paths in the handler's record
/// of what it made.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    files: BTreeMap<String, (String, SystemTime)>,
    recorded: Vec<String>,
}

/// The handler's data folder in `root`.
fn data(root: &Path) -> PathBuf {
    root.join("data").join(FILE_CONFIG)
}

/// Looks into the data folder in `root`; `None` where there is none.
pub(crate) fn look(root: &Path) -> anyhow::Result<Option<Found>> {
    let data = data(root);
    if !data.exists() {
        return Ok(None);
    }
    let mut files = BTreeMap::new();
    let folder = data.join("files");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let written = fs::metadata(&path)?.modified()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, (text, written));
    }
    let record = data.join("made.json");
    let text = fs::read(&record).with_context(|| record.display().to_string())?;
    let record: BTreeMap<String, Value> =
        serde_json::from_slice(&text).with_context(|| record.display().to_string())?;
    let recorded = record.into_keys().collect();
    Ok(Some(Found { files, recorded }))
}

/// Changes the first file that `settings` describe and removes the last; says so in a few words each.
pub(crate) fn meddle(root: &Path, settings: &str) -> anyhow::Result<[String; 2]> {
    let described = described(settings)?;
    let (Some((changed, _)), Some((removed, _))) = (described.first_key_value(), described.last_key_value()) else {
        anyhow::bail!("the demonstration's settings name no file");
    };
    let folder = data(root).join("files");
    let path = folder.join(changed);
    fs::write(&path, "listen = 1\n").with_context(|| path.display().to_string())?;
    let path = folder.join(removed);
    fs::remove_file(&path).with_context(|| path.display().to_string())?;
    Ok([format!("changed {changed}"), format!("removed {removed}")])
}

impl Kept {
    /// What is wrong with what was found `after` a scene, if anything; `before` it was found that.
    pub(crate) fn not_met_by(self, before: Option<&Found>, after: Option<&Found>) -> anyhow::Result<Option<String>> {
        let settings = match (self, after) {
            (Self::Gone, None) => return Ok(None),
            (Self::Gone, Some(_)) => return Ok(Some("the data folder is still there".to_owned())),
            (Self::Described(settings) | Self::Untouched(settings), _) => settings,
        };
        let Some(found) = after else {
            return Ok(Some("there is no data folder".to_owned()));
        };
        let described = described(settings)?;
        let contents: BTreeMap<&String, &String> = found.files.iter().map(|(name, (text, _))| (name, text)).collect();
        Ok(if contents != described.iter().collect() {
            Some(format!("the files are not as the settings describe them: {contents:?}"))
        } else if !found.recorded.iter().eq(described.keys()) {
            Some(format!("the handler's record names other files: {:?}", found.recorded))
        } else if matches!(self, Self::Untouched(_)) && before != Some(found) {
            Some("files were written that should have been left alone".to_owned())
        } else {
            None
        })
    }
}

/// Path and content of the files in `settings`.
fn described(settings: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let settings: Value = serde_json::from_str(settings)?;
    let files = settings["files"].as_array().context("settings of the demonstration")?;
    let text = |file: &Value, key: &str| file[key].as_str().map(str::to_owned);
    files
        .iter()
        .map(|file| text(file, "path").zip(text(file, "content")))
        .collect::<Option<_>>()
        .context("settings of the demonstration")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::json;

    use super::{FIRST, Kept, SECOND, data, described, look, meddle};

    fn keep(root: &Path, settings: &str) {
        let folder = data(root).join("files");
        fs::create_dir_all(&folder).unwrap();
        let described = described(settings).unwrap();
        for (name, content) in &described {
            fs::write(folder.join(name), content).unwrap();
        }
        let record: serde_json::Value = described.keys().map(|name| (name.clone(), json!(1))).collect();
        fs::write(data(root).join("made.json"), record.to_string()).unwrap();
    }

    #[test]
    fn what_is_kept_is_judged() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let problem = |kept: Kept, before| kept.not_met_by(before, look(root).unwrap().as_ref()).unwrap();
        assert_eq!(problem(Kept::Gone, None), None);
        assert_eq!(
            problem(Kept::Described(SECOND), None).unwrap(),
            "there is no data folder"
        );

        keep(root, SECOND);
        let before = look(root).unwrap();
        assert_eq!(problem(Kept::Described(SECOND), None), None);
        assert_eq!(problem(Kept::Untouched(SECOND), before.as_ref()), None);
        assert!(
            problem(Kept::Untouched(SECOND), None)
                .unwrap()
                .starts_with("files were written")
        );
        assert!(
            problem(Kept::Described(FIRST), None)
                .unwrap()
                .starts_with("the files are not")
        );
        assert!(problem(Kept::Gone, None).is_some());

        fs::write(data(root).join("made.json"), "{}").unwrap();
        assert!(
            problem(Kept::Described(SECOND), None)
                .unwrap()
                .starts_with("the handler's record")
        );
    }

    #[test]
    fn meddling_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        keep(root, SECOND);
        assert_eq!(meddle(root, SECOND).unwrap(), ["changed app.conf", "removed log.conf"]);
        let after = look(root).unwrap();
        assert!(
            Kept::Described(SECOND)
                .not_met_by(None, after.as_ref())
                .unwrap()
                .is_some()
        );
        assert!(!data(root).join("files/log.conf").exists());
    }
}
