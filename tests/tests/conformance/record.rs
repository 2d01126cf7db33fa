//! What the recorder wrote down: one line of JSON for each command, in the log folder of its handler.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::case::HANDLER;

/// One command that ran.
#[derive(Debug)]
pub(crate) struct Record {
    /// As a case names it: `e@1.0.0`, or `A:e@1.0.0` for another handler than `Contoso.Demo`, `e@1.0.0/X` for the extension
    /// `X`.
    pub(crate) name: String,
    /// The line.
    pub(crate) line: Value,
}

/// How far the records were read: the length of each file, in bytes.
#[derive(Debug, Default)]
pub(crate) struct Mark(BTreeMap<PathBuf, usize>);

impl Mark {
    /// The records below `root` that were written since this mark, in their order; the mark is then behind them.
    pub(crate) fn advance(&mut self, root: &Path) -> Vec<Record> {
        let mut records = Vec::new();
        for folder in fs::read_dir(root.join("logs")).into_iter().flatten().flatten() {
            let path = folder.path().join("record.jsonl");
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let handler = folder.file_name().to_string_lossy().into_owned();
            let read = self.0.insert(path, text.len()).unwrap_or(0);
            // A shorter file is a new one.
            let new = text.get(read..).unwrap_or(&text);
            records.extend(new.lines().map(|line| Record::read(&handler, line)));
        }
        records.sort_by_key(|record| record.line["at"].as_u64());
        records
    }
}

impl Record {
    fn read(handler: &str, line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in the record {line}"));
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let letter = match &*text("command") {
            // The letters of the scenarios: `x` for the one that would be `u` again.
            "uninstall" => "x".to_owned(),
            command => command.chars().take(1).collect(),
        };
        let short = format!("{letter}@{}", text("version"));
        let name = match handler {
            HANDLER => short,
            other => format!("{}:{short}", other.rsplit('.').next().unwrap_or(other)),
        };
        let name = match line["variables"]["ConfigExtensionName"].as_str() {
            Some(extension) => format!("{name}/{extension}"),
            None => name,
        };
        Self { name, line }
    }
}
