//! The machine that a case happens on: a root, a publisher's folder beside it, and `hostler` run on both.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_tests::{Ran, run_hostler};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::case::{Change, GoalState, PackageSpec, Step};
use crate::publish::publish;

/// How long a run may take before the test gives up on it: far beyond everything that is run here.
const PATIENCE: Duration = Duration::from_secs(300);

/// Name of the goal state in the publisher's folder.
const GOAL_STATE: &str = "goal-state.json";

/// A folder that goes away with the case.
pub(crate) struct Machine {
    folder: TempDir,
    packages: BTreeMap<String, PackageSpec>,
    goal_states: usize,
    has_policy: bool,
}

impl Machine {
    /// A machine on which nothing is installed, and what `packages` and `source` say beside it.
    pub(crate) fn new(packages: &BTreeMap<String, PackageSpec>, source: &BTreeMap<String, String>) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().expect("a folder can be made"),
            packages: packages.clone(),
            goal_states: 0,
            has_policy: false,
        };
        let folder = machine.source();
        fs::create_dir(&folder).expect("a folder can be made");
        for (name, text) in source {
            fs::write(folder.join(name), text).expect("a file can be written");
        }
        publish(&folder, &machine.packages);
        machine
    }

    /// The root, which `hostler` makes.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn policy(&self) -> PathBuf {
        self.folder.path().join("policy.toml")
    }

    /// Where the report is written to.
    fn report(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }

    /// What happens before `step` runs.
    pub(crate) fn prepare(&mut self, step: &Step) {
        if !step.packages.is_empty() {
            self.packages.extend(step.packages.clone());
            publish(&self.source(), &self.packages);
        }
        if let Some(policy) = &step.policy {
            self.has_policy = !policy.is_empty();
            let text = policy.replace("[SOURCE]", &self.source().display().to_string());
            fs::write(self.policy(), text).expect("a policy can be written");
            let private = fs::Permissions::from_mode(0o600);
            fs::set_permissions(self.policy(), private).expect("a mode can be set");
        }
        step.before.iter().for_each(|change| self.change(change));
        if let Some(goal_state) = &step.goal_state {
            self.goal_states += 1;
            let bytes = goal_state.bytes(self.goal_states);
            fs::write(self.source().join(GOAL_STATE), bytes).expect("a goal state can be written");
        }
    }

    fn change(&self, change: &Change) {
        let done = match change {
            Change::Delete(path) => {
                let path = self.root().join(path);
                if path.is_dir() {
                    fs::remove_dir_all(path)
                } else {
                    fs::remove_file(path)
                }
            }
            Change::Write { path, text } => fs::write(self.root().join(path), text),
            Change::Approve { handler, exit } => {
                self.approve(handler, &self.awaited(handler), *exit);
                Ok(())
            }
            Change::ApproveDigest { handler, digest, exit } => {
                self.approve(handler, digest, *exit);
                Ok(())
            }
            Change::MakeFolder { path, mode } => self.make_folder(path, mode),
        };
        done.unwrap_or_else(|error| panic!("{change:?}: {error}"));
    }

    /// The digest in the command that the report on `handler` names.
    fn awaited(&self, handler: &str) -> String {
        let report = self.status().json();
        let entries = report["aggregateStatus"]["handlerAggregateStatus"].as_array().cloned();
        let findings = entries
            .into_iter()
            .flatten()
            .filter(|entry| entry["handlerName"] == handler)
            .flat_map(|entry| entry["hostler"]["findings"].as_array().cloned().unwrap_or_default());
        let hint = findings
            .filter(|finding| finding["code"] == "grant.approval")
            .find_map(|finding| finding["hint"].as_str().map(str::to_owned));
        let hint = hint.unwrap_or_else(|| panic!("{handler} awaits nothing: {report}"));
        let command = format!("hostler approve {handler} ");
        let (_, rest) = hint
            .split_once(&command)
            .unwrap_or_else(|| panic!("no command in: {hint}"));
        let (digest, root) = rest
            .split_once(" --root ")
            .unwrap_or_else(|| panic!("no root in: {hint}"));
        assert_eq!(Path::new(root), self.root(), "{hint}");
        digest.to_owned()
    }

    fn approve(&self, handler: &str, digest: &str, exit: i32) {
        let root = self.root();
        let ran = self.hostler(&[
            "approve".as_ref(),
            OsStr::new(handler),
            OsStr::new(digest),
            "--root".as_ref(),
            root.as_os_str(),
        ]);
        assert_eq!(
            ran.status.code(),
            Some(exit),
            "approve {handler} {digest}: {}",
            ran.stderr_text()
        );
    }

    /// Makes the root and the folders below it with mode 0700, and the last one with `mode`.
    fn make_folder(&self, path: &str, mode: &str) -> std::io::Result<()> {
        let mode = u32::from_str_radix(mode, 8).expect("a mode in octal");
        let mut folder = self.root();
        let names: Vec<&str> = std::iter::once("").chain(path.split('/')).collect();
        for name in names {
            folder = folder.join(name);
            if !folder.exists() {
                fs::create_dir(&folder)?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
            }
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode))
    }

    /// Runs `hostler apply` as `step` says, and gives what it printed and the report that it wrote.
    pub(crate) fn apply(&self, step: &Step) -> (Ran, Option<Value>) {
        let _ = fs::remove_file(self.report());
        let named = step
            .goal_state
            .as_ref()
            .and_then(|goal_state: &GoalState| goal_state.named.as_deref());
        let goal_state = match named {
            Some(url) if url.contains("://") => PathBuf::from(url),
            other => self.source().join(other.unwrap_or(GOAL_STATE)),
        };
        let mut arguments: Vec<OsString> = vec!["apply".into(), goal_state.into()];
        arguments.extend(["--root".into(), self.root().into(), "--json".into()]);
        arguments.extend(["--report".into(), self.report().into()]);
        arguments.extend(["--cache".into(), shared_cache().into()]);
        if self.has_policy {
            arguments.extend(["--policy".into(), self.policy().into()]);
        }
        arguments.extend(step.options.iter().map(OsString::from));
        let ran = self.hostler(&arguments);
        let report = fs::read(self.report()).ok();
        let report =
            report.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_else(|error| json!(error.to_string())));
        (ran, report)
    }

    /// Runs `hostler status`.
    pub(crate) fn status(&self) -> Ran {
        let root = self.root();
        self.hostler(&[
            "status".as_ref(),
            "--json".as_ref(),
            "--root".as_ref(),
            root.as_os_str(),
        ])
    }

    fn hostler<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        run_hostler(arguments, self.folder.path(), PATIENCE)
    }

    /// What there is to say of `path` below the root; `None` when it is not there.
    pub(crate) fn look_at(&self, path: &str) -> Option<Value> {
        let path = self.root().join(path);
        let found = fs::symlink_metadata(&path).ok()?;
        let mut seen = json!({ "mode": format!("{:04o}", found.permissions().mode() & 0o7777) });
        if found.is_dir() {
            seen["entries"] = json!(names(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            seen["json"] = serde_json::from_str(&text).unwrap_or_default();
            let lines = text
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap_or_default());
            seen["lines"] = lines.collect();
            seen["text"] = json!(text);
        }
        Some(seen)
    }

    /// `value` with `[ROOT]` in the place of the root's path in all of its texts.
    pub(crate) fn without_paths(&self, value: Value) -> Value {
        let root = self.root().display().to_string();
        replaced(value, &root)
    }
}

fn replaced(value: Value, root: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(root, "[ROOT]")),
        Value::Array(items) => items.into_iter().map(|item| replaced(item, root)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, replaced(value, root)))
            .collect(),
        other => other,
    }
}

/// The sorted names in `folder`.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Where compiled code is kept between cases: the recorder is compiled once.
fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-cache")
}
