//! What is offered to a bench: packages, version manifests and goal states in its folder `source`.

use std::ffi::OsString;
use std::fs;

use hostler_tests::{goal_state, goal_state_entry, package, publish, version_manifest};
use serde_json::{Value, json};

use crate::workbench::{Said, Workbench, shared_cache};

/// The handler whose package a test makes of the recorder.
pub(crate) const DEMO: &str = "Contoso.Demo";

impl Workbench {
    /// Offers the sample handler `name` in version 1.0.0, and gives its entry with `settings`.
    pub(crate) fn offer_sample(&self, name: &str, settings: &Value) -> Value {
        let file = format!("{name}-1.0.0.zip");
        self.write(&format!("source/{file}"), fs::read(package(name)).unwrap());
        let manifest = version_manifest(&[("1.0.0", &[file], "")]);
        self.write(&format!("source/{name}.xml"), manifest);
        goal_state_entry(name, "1.0.0", "enabled", 0, settings)
    }

    /// Offers the recorder as the handler `name` in version 1.0.0, and gives its entry with `settings`, which say what it
    /// does.
    pub(crate) fn offer(&self, name: &str, settings: &Value) -> Value {
        let source = self.path("source");
        fs::create_dir_all(&source).unwrap();
        publish(&source, name, &[("1.0.0", json!({}))]);
        goal_state_entry(name, "1.0.0", "enabled", 0, settings)
    }

    /// Applies a goal state of `entries` to the root `root`, with compiled code that other tests left.
    #[track_caller]
    pub(crate) fn apply(&self, entries: &[Value], options: &[&str]) -> Said {
        let file = self.write("source/goal-state.json", goal_state(entries));
        self.apply_file(file.to_str().unwrap(), options)
    }

    /// As [`Self::apply`], with whatever `named` is as the goal state.
    #[track_caller]
    pub(crate) fn apply_file(&self, named: &str, options: &[&str]) -> Said {
        let mut arguments: Vec<OsString> = vec!["apply".into(), named.into()];
        arguments.extend(["--root".into(), self.path("root").into_os_string()]);
        arguments.extend(["--cache".into(), shared_cache().into_os_string()]);
        arguments.extend(options.iter().map(OsString::from));
        self.hostler(&arguments)
    }

    /// Runs `hostler COMMAND --root ROOT` with `options`, for `status` and `logs`.
    #[track_caller]
    pub(crate) fn look(&self, command: &str, options: &[&str]) -> Said {
        let root = self.path("root");
        let root = root.to_str().unwrap();
        self.hostler(&[&[command, "--root", root], options].concat())
    }
}
