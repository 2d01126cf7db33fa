//! `hostler run --watch DIR`: a project built and run again whenever it changes, and what that changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, SystemTime};

use hostler_contract::{HandlerIdentity, escape, escape_bounded};
use hostler_package::{PackError, PackOptions};

use super::{RunArgs, Trial, trial};
use crate::commands::failure::{Failure, Reply};
use crate::commands::place::not_readable;
use crate::commands::say;
use crate::report::{AtFault, HandlerEntry};
use crate::sandbox::Sandbox;

/// How often the project is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Folders that a build writes to, and what keeps the project's history.
const NOT_SOURCES: [&str; 5] = ["target", "build", "node_modules", ".git", "__pycache__"];

/// What a build makes in the project.
const BUILT: &str = "wasm";

/// Longest message that is shown, in bytes.
const MESSAGE_BYTES: usize = 400;

/// What a run left behind, as far as it is told of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    /// What each command and the status said, by what it is called.
    said: BTreeMap<String, String>,
    /// Files of the handler with their sizes, by path.
    files: BTreeMap<String, u64>,
}

pub(super) fn watch(args: &RunArgs, folder: &Path, _json: bool) -> Result<Reply, Failure> {
    if !folder.join("package").is_dir() {
        let what = "there is no folder `package` in it".to_owned();
        return Err(not_readable(folder, what));
    }
    let sandbox = args.isolation.sandbox()?;
    let mut before = Left::default();
    let mut left = args.runs;
    let mut exit_code;
    loop {
        let seen = sources(folder);
        let (text, code) = match once(args, &sandbox, folder) {
            Ok((after, failed)) => {
                let text = changes(&before, &after);
                before = after;
                (text, AtFault::exit_code(failed))
            }
            Err(failure) => {
                let reply = failure.reply(false);
                (reply.stderr, reply.exit_code)
            }
        };
        exit_code = code;
        let reply = Reply {
            stdout: text,
            ..Reply::default()
        };
        if say(&reply).is_err() {
            // Nobody reads on.
            break;
        }
        left = left.map(|left| left.saturating_sub(1));
        if left == Some(0) {
            break;
        }
        while sources(folder) == seen {
            std::thread::sleep(LOOK_EVERY);
        }
    }
    Ok(Reply {
        exit_code,
        ..Reply::default()
    })
}

/// Builds the project and runs it.
fn once(args: &RunArgs, sandbox: &Sandbox, folder: &Path) -> Result<(Left, Option<AtFault>), Failure> {
    if folder.join("build.sh").is_file() {
        let built = Process::new("./build.sh").current_dir(folder).output();
        let built = built.map_err(|error| Failure::host(error, "make build.sh executable"))?;
        if !built.status.success() {
            let said = String::from_utf8_lossy(&built.stderr);
            let error = anyhow::anyhow!("build.sh ended with {}:\n{}", built.status, escape_lines(&said));
            return Err(Failure::host(
                error,
                "mend what it says; it is built again when a file changes",
            ));
        }
    }
    let identity = match args.handler.as_deref() {
        Some(text) => crate::commands::place::identity(Some(text), folder)?,
        None => HandlerIdentity::parse("Watched.Handler-1.0.0").map_err(|error| anyhow_failure(error.what()))?,
    };
    let options = PackOptions {
        name: Some(identity.name.to_string()),
        ..PackOptions::default()
    };
    let built =
        hostler_package::build(&folder.join("package"), identity.version.as_str(), &options).map_err(|error| {
            match error {
                PackError::Refused(refused) => refused.into(),
                error @ PackError::Io { .. } => Failure::host(error, "look at the folder's permissions"),
            }
        })?;
    let bytes = built.package().archive().bytes().to_vec();
    let aside =
        tempfile::tempdir().map_err(|error| Failure::host(error, "set TMPDIR to a folder that can be written"))?;
    let root = aside.path().join("root");
    let trial = Trial {
        keep: Some(root.clone()),
        ..trial(args, sandbox, bytes, "package".to_owned(), identity)?
    };
    let entry = trial.run()?;
    let left = Left {
        said: said(&entry),
        files: handler_files(&root),
    };
    Ok((left, entry.failed()))
}

fn anyhow_failure(what: &str) -> Failure {
    Failure::host(
        anyhow::anyhow!("{what}"),
        "say who it is with `--handler Publisher.Type-1.0`",
    )
}

/// What each command came to, and what the status says.
fn said(entry: &HandlerEntry) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for command in &entry.addition.commands {
        let stderr = escape_bounded(command.stderr.text.trim_end(), MESSAGE_BYTES);
        let mut text = format!("exit code {}", command.exit_code);
        if !stderr.is_empty() {
            text += &format!(", {stderr}");
        }
        said.insert(command.command.name().to_owned(), text);
    }
    if let Some((name, Some(status))) = &entry.extension {
        let message = escape_bounded(status.message.as_deref().unwrap_or_default(), MESSAGE_BYTES);
        said.insert(format!("status {}", name.number), format!("{}: {message}", status.kind));
    }
    said
}

/// The files that the handler left in the root: everything but its package.
fn handler_files(root: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.join("data"), root.join("logs"), root.join("handlers")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(metadata) = path.symlink_metadata() else {
                continue;
            };
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            if metadata.is_dir() {
                waiting.push(path);
            } else if !name.starts_with("handlers/") || name.contains("/status/") || name.contains("/heartbeat/") {
                found.insert(name, metadata.len());
            }
        }
    }
    found
}

/// What differs between two runs, a line each; one line where nothing does.
fn changes(before: &Left, after: &Left) -> String {
    let mut text = String::new();
    let mut tell = |mark: char, name: &str, what: &str| text += &format!("{mark} {}  {what}\n", escape(name));
    for (name, what) in &after.said {
        if before.said.get(name) != Some(what) {
            tell('*', name, what);
        }
    }
    for (name, size) in &after.files {
        match before.files.get(name) {
            None => tell('+', name, &format!("{size} bytes")),
            Some(old) if old != size => tell('~', name, &format!("{size} bytes, {old} before")),
            Some(_) => {}
        }
    }
    let gone = before.said.keys().filter(|name| !after.said.contains_key(*name));
    for name in gone.chain(before.files.keys().filter(|name| !after.files.contains_key(*name))) {
        tell('-', name, "");
    }
    if text.is_empty() {
        "= as before\n".to_owned()
    } else {
        text + "\n"
    }
}

/// Every file of the project with its size and time, but for what a build makes.
fn sources(folder: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(metadata) = path.symlink_metadata() else {
                continue;
            };
            if metadata.is_dir() {
                if NOT_SOURCES.iter().all(|other| name != *other) {
                    waiting.push(path);
                }
            } else if path.extension().is_none_or(|extension| extension != BUILT) {
                found.insert(path, (metadata.len(), metadata.modified().ok()));
            }
        }
    }
    found
}

fn escape_lines(text: &str) -> String {
    text.lines().map(|line| escape(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let left = |said: &[(&str, &str)], files: &[(&str, u64)]| Left {
            said: said
                .iter()
                .map(|(name, what)| ((*name).to_owned(), (*what).to_owned()))
                .collect(),
            files: files.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect(),
        };
        let first = left(
            &[("enable", "exit code 0"), ("status 0", "success: a")],
            &[("data/a", 1), ("data/b", 2)],
        );
        let second = left(
            &[("enable", "exit code 0"), ("status 0", "error: b")],
            &[("data/b", 3), ("data/c", 4)],
        );
        assert_eq!(changes(&first, &first), "= as before\n");
        assert_eq!(
            changes(&first, &second),
            "* status 0  error: b\n~ data/b  3 bytes, 2 before\n+ data/c  4 bytes\n- data/a  \n\n"
        );
    }
}
