//! The public settings: which files are watched, and how often.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

/// Most files that are watched.
const MOST_FILES: usize = 100;

/// Longest path, in bytes.
const LONGEST_PATH: usize = 512;

/// Most seconds from one look to the next; the least is 1.
const MOST_SECONDS: u64 = 3600;

/// What is watched.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Given")]
pub(crate) struct Settings {
    /// The files, absolute, each once.
    pub(crate) files: Vec<String>,
    /// Time from one look to the next.
    pub(crate) every: Duration,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    files: Vec<String>,
    #[serde(default = "five")]
    every_seconds: u64,
}

fn five() -> u64 {
    5
}

impl TryFrom<Given> for Settings {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let Given { files, every_seconds } = given;
        if files.is_empty() || files.len() > MOST_FILES {
            return Err(format!(
                "`files` has {} paths; it should have 1 to {MOST_FILES}",
                files.len()
            ));
        }
        if !(1..=MOST_SECONDS).contains(&every_seconds) {
            return Err(format!(
                "`everySeconds` is {every_seconds}; it should be 1 to {MOST_SECONDS}"
            ));
        }
        let mut seen = BTreeSet::new();
        for path in &files {
            check(path)?;
            if !seen.insert(path) {
                return Err(format!("the path {path:?} is named twice"));
            }
        }
        Ok(Self {
            files,
            every: Duration::from_secs(every_seconds),
        })
    }
}

/// One spelling for each file: absolute, of plain names.
fn check(path: &str) -> Result<(), String> {
    let what = match path.strip_prefix('/') {
        None => "is not absolute; it should begin with `/`",
        Some(_) if path.len() > LONGEST_PATH => "is longer than 512 bytes",
        Some(_) if path.contains(char::is_control) => "has a control character in it",
        Some(names) if names.split('/').any(|name| matches!(name, "" | "." | "..")) => {
            "has an empty, `.` or `..` part in it"
        }
        Some(_) => return Ok(()),
    };
    Err(format!("the path {path:?} {what}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Settings;

    fn read(text: &str) -> Result<Settings, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_that_can_be_carried_out() {
        let table = [
            (r#"{"files": ["/a"]}"#, 1, 5),
            (r#"{"files": ["/a", "/a b/.ü"], "everySeconds": 1}"#, 2, 1),
            (r#"{"files": ["/a"], "everySeconds": 3600}"#, 1, 3600),
        ];
        for (text, files, seconds) in table {
            let settings = read(text).unwrap();
            assert_eq!(
                (settings.files.len(), settings.every),
                (files, Duration::from_secs(seconds))
            );
        }
        let hundred: Vec<_> = (0..100).map(|n| format!("/{n}")).collect();
        assert!(read(&serde_json::json!({ "files": hundred }).to_string()).is_ok());
    }

    #[test]
    fn settings_that_cannot() {
        let table = [
            ("{}", "missing field `files`"),
            (r#"{"files": []}"#, "`files` has 0 paths; it should have 1 to 100"),
            (r#"{"files": ["/a"], "every": 5}"#, "unknown field `every`"),
            (
                r#"{"files": ["/a"], "everySeconds": 0}"#,
                "`everySeconds` is 0; it should be 1 to 3600",
            ),
            (r#"{"files": ["/a"], "everySeconds": 3601}"#, "`everySeconds` is 3601"),
            (r#"{"files": ["/a"], "everySeconds": 1.5}"#, "invalid type"),
            (r#"{"files": [""]}"#, "is not absolute"),
            (
                r#"{"files": ["a"]}"#,
                r#"the path "a" is not absolute; it should begin with `/`"#,
            ),
            (r#"{"files": ["/"]}"#, "has an empty, `.` or `..` part"),
            (r#"{"files": ["/a/"]}"#, "has an empty, `.` or `..` part"),
            (r#"{"files": ["/a/../b"]}"#, "has an empty, `.` or `..` part"),
            (r#"{"files": ["/./a"]}"#, "has an empty, `.` or `..` part"),
            (r#"{"files": ["/a\u0000"]}"#, "has a control character"),
            (r#"{"files": ["/a", "/b", "/a"]}"#, r#"the path "/a" is named twice"#),
        ];
        for (text, expected) in table {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let many: Vec<_> = (0..101).map(|n| format!("/{n}")).collect();
        assert!(read(&serde_json::json!({ "files": many }).to_string()).is_err());
        assert!(read(&serde_json::json!({ "files": [format!("/{}", "a".repeat(512))] }).to_string()).is_err());
    }
}
