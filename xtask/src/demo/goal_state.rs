//! Goal states in the vmSettings form (contract 4.2), with as little in them as is needed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::repository;

/// What is wanted of one handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// `Publisher.Type`.
    pub(crate) handler: &'static str,
    /// The version.
    pub(crate) version: &'static str,
    /// `enabled`, `disabled` or `uninstall`.
    pub(crate) state: &'static str,
    /// The number of the settings: a higher one means new settings.
    pub(crate) number: u32,
    /// The public settings, as JSON.
    pub(crate) settings: &'static str,
}

/// Writes the goal state `name` with `entries` beside the repository, and gives the file.
pub(crate) fn write(folder: &Path, name: &str, entries: &[Entry]) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("{name}.json"));
    let text = format!("{:#}\n", document(entries));
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(path)
}

fn document(entries: &[Entry]) -> Value {
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "name": entry.handler,
                "version": entry.version,
                "location": repository::version_manifest_of(entry.handler),
                "state": entry.state,
                "settingsSeqNo": entry.number,
                // A text that holds JSON: so the fabric writes it.
                "settings": [{"publicSettings": entry.settings}],
            })
        })
        .collect();
    json!({
        "hostGAPluginVersion": "1.0.8.179",
        "vmSettingsSchemaVersion": "0.0",
        "extensionGoalStates": entries,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Entry, document};

    #[test]
    fn an_entry_has_what_is_needed() {
        let entry = Entry {
            handler: "Contoso.Samples.Other",
            version: "1.1.0",
            state: "enabled",
            number: 2,
            settings: "{}",
        };
        assert_eq!(
            document(&[entry])["extensionGoalStates"],
            json!([{
                "name": "Contoso.Samples.Other", "version": "1.1.0", "location": "repository/Other.xml",
                "state": "enabled", "settingsSeqNo": 2, "settings": [{"publicSettings": "{}"}],
            }])
        );
    }
}
