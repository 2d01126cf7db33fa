//! A folder of its own for a test, and `hostler` run in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_tests::{Ran, run_hostler};
use serde_json::Value;
use tempfile::TempDir;

use crate::normal::{compact, normal};

/// How long a run may take before the test gives up on it: far beyond everything that is run here.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long something may take that takes a moment, on a machine that has much else to do. What waits for somebody, or
/// unpacks what is too large, takes longer.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A folder that goes away with the test.
pub(crate) struct Workbench {
    folder: TempDir,
}

/// What a run of `hostler` printed.
pub(crate) struct Said {
    /// The process.
    pub(crate) ran: Ran,
    /// Its exit code.
    pub(crate) exit: i32,
    paths: Vec<(String, &'static str)>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self { folder }
    }

    /// The path of `name` in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the file `name`, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let folder = path.parent().expect("a file in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Runs `hostler` with `arguments`. Whatever it is given, it does not crash (O1).
    #[track_caller]
    pub(crate) fn hostler<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Said {
        let ran = run_hostler(arguments, self.folder.path(), PATIENCE);
        let stderr = ran.stderr_text();
        assert!(!stderr.contains("internal error"), "{stderr}");
        let exit = ran.status.code();
        let exit = exit.unwrap_or_else(|| panic!("hostler ended with {}: {stderr}", ran.status));
        assert!((0..=5).contains(&exit), "exit code {exit}: {stderr}");
        let temporary = std::env::temp_dir();
        let paths = [(self.folder.path(), "[HERE]"), (&*temporary, "[TMP]")]
            .map(|(path, name)| (path.display().to_string(), name))
            .to_vec();
        Said { ran, exit, paths }
    }

    /// Runs `hostler run PACKAGE` with `options`, in the kept root `root`, with compiled code that other tests left.
    #[track_caller]
    pub(crate) fn run(&self, package: &Path, options: &[&str]) -> Said {
        self.run_with_cache(package, options, &shared_cache())
    }

    /// As [`Self::run`], with a cache of the test's own: whether a component is compiled depends on this test alone.
    #[track_caller]
    pub(crate) fn run_alone(&self, package: &Path, options: &[&str]) -> Said {
        self.run_with_cache(package, options, &self.path("cache"))
    }

    #[track_caller]
    fn run_with_cache(&self, package: &Path, options: &[&str], cache: &Path) -> Said {
        let root = self.path("root");
        let mut arguments: Vec<OsString> = vec!["run".into(), package.into()];
        arguments.extend(["--keep".into(), root.into_os_string()]);
        arguments.extend(["--cache".into(), cache.into()]);
        arguments.extend(options.iter().map(OsString::from));
        self.hostler(&arguments)
    }

    /// The handler folder of `identity` in the kept root.
    pub(crate) fn handler(&self, identity: &str) -> PathBuf {
        self.path("root/handlers").join(identity)
    }

    /// Everything below the kept root, sorted, folders with a `/` at their end; nothing when there is no root.
    pub(crate) fn kept(&self) -> Vec<String> {
        let root = self.path("root");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.strip_prefix(&root).expect("below the root").display().to_string();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    found.push(name + "/");
                    folders.push(path);
                } else {
                    found.push(name);
                }
            }
        }
        found.sort();
        found
    }

    /// Fails where a folder of the handler `name` is in the kept root.
    #[track_caller]
    pub(crate) fn assert_nothing_of(&self, name: &str, case: &str) {
        let left: Vec<_> = self
            .kept()
            .into_iter()
            .filter(|path| path.starts_with("handlers/") && path.contains(name))
            .collect();
        assert!(left.is_empty(), "{case}: left in the root are {left:?}");
    }

    /// Fails unless nothing of a handler is in the kept root: no file but the root's own, and neither a handler's
    /// folder nor one that is being made.
    #[track_caller]
    pub(crate) fn assert_nothing_installed(&self, case: &str) {
        let left = self.kept();
        let installed = |name: &String| {
            let below = |folder: &str| name.strip_prefix(folder).is_some_and(|rest| !rest.is_empty());
            let is_folder = name.ends_with('/');
            below("handlers/")
                || below("staging/")
                || !(is_folder || name == "lock" || below("state/") || below("audit/"))
        };
        assert!(!left.iter().any(installed), "{case}: left in the root are {left:?}");
    }
}

impl Said {
    /// Standard output as it came.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.ran.stdout).into_owned()
    }

    /// Exit code, standard output and standard error, with all that differs from run to run taken out.
    pub(crate) fn all(&self) -> String {
        let mut text = format!("exit code {}\n", self.exit);
        for (name, stream) in [("stdout", self.stdout()), ("stderr", self.ran.stderr_text())] {
            if !stream.is_empty() {
                text += &format!("--- {name}\n{stream}");
            }
        }
        normal(&text, &self.paths)
    }

    /// As [`Self::all`], with JSON in fewer lines.
    pub(crate) fn document(&self) -> String {
        compact(&self.all())
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        self.ran.json()
    }

    /// The handler's entry in the report of `run --json`.
    pub(crate) fn handler(&self) -> Value {
        self.json()["aggregateStatus"]["handlerAggregateStatus"][0].clone()
    }

    /// The status that `run --json` reports for the settings.
    pub(crate) fn status(&self) -> Value {
        self.handler()["runtimeSettingsStatus"]["settingsStatus"]["status"].clone()
    }

    /// Codes of a refusal as people see it.
    pub(crate) fn codes_of_refusal(&self) -> Vec<String> {
        let text = self.ran.stderr_text();
        let lines = text.lines().filter(|line| line.starts_with("refused: "));
        let codes = lines.filter_map(|line| Some(line.rsplit_once('[')?.1.trim_end_matches(']').to_owned()));
        codes.collect()
    }

    /// Codes of the findings of `check --json`, of a refusal, or of the handler in `run --json`.
    pub(crate) fn codes(&self) -> Vec<String> {
        let json = self.json();
        let of_handler = &json["aggregateStatus"]["handlerAggregateStatus"][0]["hostler"]["findings"];
        let findings = json["findings"].as_array().or(of_handler.as_array());
        let codes = findings
            .into_iter()
            .flatten()
            .filter_map(|finding| finding["code"].as_str());
        codes.map(str::to_owned).collect()
    }
}

/// Where compiled code is kept between tests.
pub(crate) fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache")
}
