//! Dead links in the project's Markdown files: relative ones, and anchors. Addresses on the web are not asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::markdown;

/// Folders whose files are not ours to check: build results, and documents that tests read.
const SKIPPED: [&str; 3] = ["target", "corpus", "node_modules"];

/// One line for each dead link below `root`: file, line, link, and what is wrong with it.
pub(crate) fn dead(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    markdown_files(root, &mut files)?;
    files.sort();
    let mut dead = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        for link in markdown::links(&text) {
            if let Some(wrong) = fault(root, file, &text, &link.target) {
                let name = file.strip_prefix(root).unwrap_or(file).display();
                dead.push(format!("{name}:{}: {}: {wrong}", link.line, link.target));
            }
        }
    }
    Ok(dead)
}

fn markdown_files(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !SKIPPED.contains(&name.as_ref()) {
                markdown_files(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    Ok(())
}

/// What is wrong with a link from `file`, whose text is given.
fn fault(root: &Path, file: &Path, text: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    if path.is_empty() {
        return anchor.and_then(|anchor| missing_anchor(text, anchor));
    }
    if path.starts_with('/') {
        return Some("an absolute path, which means nothing elsewhere".to_owned());
    }
    let target = file.parent().unwrap_or(root).join(path);
    let Ok(real) = target.canonicalize() else {
        return Some("there is no such file".to_owned());
    };
    if !root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
        return Some("lies outside of the project".to_owned());
    }
    let anchor = anchor?;
    match fs::read_to_string(&real) {
        Ok(text) => missing_anchor(&text, anchor),
        Err(error) => Some(error.to_string()),
    }
}

fn missing_anchor(text: &str, anchor: &str) -> Option<String> {
    (!markdown::anchors(text).iter().any(|name| name == anchor)).then(|| format!("there is no heading #{anchor}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::dead;

    #[test]
    fn dead_links_are_named_and_living_ones_are_not() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("docs")).unwrap();
        fs::create_dir(root.path().join("target")).unwrap();
        fs::write(root.path().join("target/x.md"), "[dead](nowhere.md)").unwrap();
        fs::write(
            root.path().join("docs/a.md"),
            "# Here\n[up](../README.md) [self](#here) [web](https://a.example)",
        )
        .unwrap();
        fs::write(
            root.path().join("README.md"),
            "[a](docs/a.md#here) [b](docs/b.md)\n[c](docs/a.md#there) [d](#x) [e](/etc/hosts) [f](docs/../..)",
        )
        .unwrap();
        let found = dead(root.path()).unwrap();
        assert_eq!(
            found,
            [
                "README.md:1: docs/b.md: there is no such file",
                "README.md:2: docs/a.md#there: there is no heading #there",
                "README.md:2: #x: there is no heading #x",
                "README.md:2: /etc/hosts: an absolute path, which means nothing elsewhere",
                "README.md:2: docs/../..: lies outside of the project",
            ]
        );
    }
}
