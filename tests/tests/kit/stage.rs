//! A handler written as a shell script, and the kit run on it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hostler_tests::{Ran, run_hostler_in};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the kit may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(600);

/// The folder that a test works in.
pub(crate) struct Stage {
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the shell handler that breaks the rule `breach`; `none` for one that breaks none.
    pub(crate) fn shell_handler(&self, breach: &str) -> PathBuf {
        let folder = self.path("shell");
        fs::create_dir_all(&folder).unwrap();
        let script = include_str!("handler.sh");
        let broken = script.replace("breach=none\n", &format!("breach={breach}\n"));
        assert!(breach == "none" || broken != script);
        fs::write(folder.join("handler.sh"), broken).unwrap();
        let commands: serde_json::Map<String, Value> = ["install", "enable", "update", "disable", "uninstall"]
            .map(|command| (format!("{command}Command"), json!(format!("handler.sh {command}"))))
            .into_iter()
            .collect();
        let mut handler = Value::Object(commands);
        handler["reportHeartbeat"] = json!(true);
        let manifest = json!([{ "name": "Tested.Shell", "version": 1.0, "handlerManifest": handler }]);
        fs::write(folder.join("HandlerManifest.json"), manifest.to_string()).unwrap();
        folder
    }

    /// Runs `hostler test` on what is at `path`.
    pub(crate) fn test(&self, path: &Path, options: &[&str]) -> Ran {
        let mut arguments: Vec<&OsStr> = vec!["test".as_ref(), path.as_os_str()];
        arguments.extend(options.iter().map(OsStr::new));
        self.hostler(&arguments)
    }

    /// Runs `hostler` in this folder.
    pub(crate) fn hostler<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        // Where memory can be a folder, nothing has to reach a disk: the kit makes hundreds of folders.
        let memory = Path::new("/dev/shm");
        let aside = if memory.is_dir() {
            tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir())
        } else {
            tempfile::tempdir()
        };
        let aside = aside.unwrap();
        run_hostler_in(arguments, self.folder.path(), PATIENCE, |command| {
            command.env("TMPDIR", aside.path()).current_dir(self.folder.path());
        })
    }
}

/// The rules with that verdict in a result as JSON.
pub(crate) fn rules(result: &Value, verdict: &str) -> Vec<String> {
    let rules = result["rules"].as_array().expect("rules");
    let with = rules.iter().filter(|rule| rule["verdict"] == verdict);
    with.map(|rule| rule["rule"].as_str().unwrap().to_owned()).collect()
}
