//! The newest complete document of a folder: the one whose name counts highest and that is JSON to its end.
//!
//! By its name and not by its time: clocks jump, and copies have the time of what they were copied from.

use std::path::Path;

use hostler_contract::{Finding, Place, codes};
use serde::de::IgnoredAny;

use super::order::by_count;
use super::{Look, read};

/// Most names that are looked at.
const MAX_NAMES: usize = 10_000;

/// Most documents that are opened at one look, from the newest on.
const MAX_OPENED: usize = 8;

pub(super) fn newest(folder: &Path) -> Look {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) => return refused(folder, format!("it cannot be read: {error}")),
    };
    let mut odd = Vec::new();
    for name in names.iter().take(MAX_OPENED) {
        let path = folder.join(name);
        match read(&path) {
            Ok(document) if serde_json::from_slice::<IgnoredAny>(&document.bytes).is_ok() => {
                return Look {
                    document: Some(document),
                    findings: odd,
                };
            }
            Ok(_) => odd.push(passed_over(&path, "it is not JSON to its end")),
            Err(error) => odd.push(passed_over(&path, &format!("it cannot be read: {error}"))),
        }
    }
    let mut look = refused(folder, "no file `*.json` in it is a whole document".to_owned());
    look.findings.extend(odd);
    look
}

/// The names that count, the highest first.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)?.take(MAX_NAMES) {
        let name = entry?.file_name().into_string().unwrap_or_default();
        if name.ends_with(".json") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_unstable_by(|a, b| by_count(b, a));
    Ok(names)
}

fn refused(folder: &Path, what: String) -> Look {
    let hint = "put a whole goal state there: write it under a name that begins with a dot, and rename it to NAME.json";
    let file = folder.display().to_string();
    Look::nothing(Finding::refusal(codes::AGENT_FOLDER, &file, Place::Whole, what, hint))
}

fn passed_over(path: &Path, what: &str) -> Finding {
    let hint = "write it under a name that begins with a dot, and rename it when it is whole";
    let file = path.display().to_string();
    Finding::warning(codes::AGENT_INCOMPLETE, &file, Place::Whole, what, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_name_that_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let found = || {
            let look = newest(folder.path());
            let name = look.document.map(|document| document.source.file_name());
            let codes: Vec<_> = look.findings.iter().map(|finding| finding.code().name()).collect();
            (name, codes)
        };
        assert_eq!(found(), (None, vec!["agent.folder"]));
        let steps: [(&str, &str, &str, &[&str]); 7] = [
            ("goal.9.json", "{}", "goal.9.json", &[]),
            ("goal.10.json", "{}", "goal.10.json", &[]),
            ("goal.011.json", "{\"half\":", "goal.10.json", &["agent.incomplete"]),
            (".goal.99.json", "{}", "goal.10.json", &["agent.incomplete"]),
            ("goal.99.json.tmp", "{}", "goal.10.json", &["agent.incomplete"]),
            (
                "goal.12.json",
                "",
                "goal.10.json",
                &["agent.incomplete", "agent.incomplete"],
            ),
            // Whole, and no goal state: that is for whoever reads it to say.
            ("goal.13.json", "17", "goal.13.json", &[]),
        ];
        for (name, text, newest, codes) in steps {
            std::fs::write(folder.path().join(name), text).unwrap();
            assert_eq!(found(), (Some(newest.to_owned()), codes.to_vec()), "{name}");
        }
        // A pipe is not waited for.
        let pipe = folder.path().join("goal.14.json");
        rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert_eq!(found(), (Some("goal.13.json".to_owned()), vec!["agent.incomplete"]));
    }
}
