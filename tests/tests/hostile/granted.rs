//! Attacks by way of what was granted: a folder that may be read, one that may be written in, a variable.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use hostler_tests::make_canary;
use serde_json::{Value, json};

use crate::packages::{Package, write_asking};
use crate::seen::{start, warm_up};

/// A folder with a granted folder in it, and a package that asks for that.
struct Granted {
    scratch: tempfile::TempDir,
    access: &'static str,
    quota: &'static str,
}

impl Granted {
    fn new(access: &'static str, quota: &'static str) -> Self {
        warm_up();
        let scratch = tempfile::tempdir().expect("a folder can be made");
        let this = Self { scratch, access, quota };
        fs::create_dir(this.folder()).expect("a folder can be made");
        fs::write(this.folder().join("file"), "the operator's").expect("a file can be written");
        this
    }

    fn folder(&self) -> PathBuf {
        self.scratch.path().join("granted")
    }

    fn text(&self) -> String {
        self.folder().display().to_string()
    }

    /// Enables the handler with `verb`, and gives its entry in the report.
    fn enable(&self, verb: &str, mut parameters: Value) -> Value {
        parameters["folder"] = json!(self.text());
        let asked = json!({"capabilities": {
            "directories": [{"path": self.text(), "access": self.access}],
            "environment": ["HOME"],
        }});
        let package = write_asking(self.scratch.path(), &Package::Hostile.path(), &asked);
        let policy = self.scratch.path().join("policy.toml");
        let rule = format!(
            "[[rule]]\nname = \"hostile\"\nenvironment = [\"HOME\", \"LANG\"]\n\
             directories = [{{ path = \"{}\", access = \"{}\"{} }}]\n",
            self.text(),
            self.access,
            self.quota
        );
        fs::write(&policy, rule).expect("a policy can be written");
        let policy = policy.to_str().expect("the path is text");
        let options = ["--json", "--policy", policy, "--commands", "enable"];
        let (ran, canary) = start(&package, verb, &parameters, &options);
        assert_eq!(
            canary,
            Vec::<String>::new(),
            "{verb}: what lies beside the handler was changed"
        );
        let report = ran.json();
        let entry = report.pointer("/aggregateStatus/handlerAggregateStatus/0").cloned();
        entry.unwrap_or_else(|| panic!("no handler in the report: {report}"))
    }
}

fn printed(entry: &Value) -> Value {
    let text = entry["hostler"]["commands"][0]["stdout"]["text"]
        .as_str()
        .unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no JSON ({error}): {entry}"))
}

/// FSX-07, FSX-08: what may be read is not written, created, linked, moved or removed.
#[test]
fn a_folder_that_may_be_read_is_not_changed() {
    let granted = Granted::new("read", "");
    let entry = granted.enable("write-readonly", json!({}));
    let printed = printed(&entry);
    assert_eq!(printed["succeeded"], json!([]), "{printed}");
    assert_eq!(printed["unchanged"], true);
    // Its own three, and the granted one.
    let tried = printed["tried"].as_u64().unwrap_or_default();
    assert!(tried >= 80, "{tried}");
    let left: Vec<_> = fs::read_dir(granted.folder()).expect("it is there").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let folders = entry["hostler"]["folders"].as_array().cloned().unwrap_or_default();
    let told = folders.iter().find(|folder| folder["granted"] == true);
    assert_eq!(
        told.map(|folder| &folder["access"]),
        Some(&json!("read-only")),
        "{folders:?}"
    );
}

/// FSX-01 to FSX-06: nothing leads out of a granted folder, whoever made the link.
#[test]
fn no_link_in_a_granted_folder_leads_out() {
    let granted = Granted::new("read-write", "");
    let outside = make_canary(granted.scratch.path());
    for (name, target) in [
        ("out", &*outside),
        ("proc", Path::new("/proc/self")),
        ("up", Path::new("../..")),
    ] {
        symlink(target, granted.folder().join(name)).expect("a link can be made");
    }
    for name in ["out/canary", "proc/environ", "up/etc/passwd"] {
        let entry = granted.enable("read", json!({ "name": name }));
        let status = &entry["runtimeSettingsStatus"]["settingsStatus"]["status"];
        assert_eq!(status["status"], "error", "{name}: {status}");
    }
    let printed = printed(&granted.enable("escape", json!({})));
    // No link of its own comes into being there, which others than the handler might follow. So what it takes for its
    // links are files and folders that it makes, and takes away again.
    let made: Vec<_> = fs::read_dir(granted.folder()).expect("it is there").flatten().collect();
    for entry in &made {
        let is_link = entry.file_type().expect("it is there").is_symlink();
        assert_eq!(
            is_link,
            ["out", "proc", "up"].iter().any(|name| entry.file_name() == *name),
            "{entry:?}"
        );
    }
    for one in printed["succeeded"].as_array().expect("a list") {
        let path = one["path"].as_str().unwrap_or_default();
        let leads_out = path.starts_with('/') || ["..", "out", "proc", "up"].iter().any(|name| path.starts_with(name));
        assert!(one["folder"] == granted.text() && !leads_out, "{one}");
    }
}

/// FSX-12, FSX-14: a command adds no more than its quota, and the report says how much it added.
#[test]
fn the_quota_of_a_granted_folder_holds() {
    let granted = Granted::new("read-write", ", bytes = \"1MiB\", files = 20");
    for (parameters, part) in [
        (json!({ "bytes": 300_000 }), "bytes"),
        (json!({ "bytes": 10 }), "files"),
    ] {
        let entry = granted.enable("fill", parameters);
        let added = &entry["hostler"]["commands"][0]["granted"][0];
        assert_eq!(added["folder"], granted.text(), "{entry}");
        assert_eq!(added[part]["reached"], true, "{added}");
        let files: Vec<u64> = fs::read_dir(granted.folder())
            .expect("it is there")
            .flatten()
            .filter(|entry| entry.file_name() != "file")
            .map(|entry| entry.metadata().map_or(0, |found| found.len()))
            .collect();
        assert_eq!(added["bytes"]["used"], files.iter().sum::<u64>(), "{added}");
        assert!(files.iter().sum::<u64>() <= 1 << 20 && files.len() <= 20, "{files:?}");
        for name in fs::read_dir(granted.folder()).expect("it is there").flatten() {
            if name.file_name() != "file" {
                fs::remove_file(name.path()).expect("a file can be removed");
            }
        }
    }
    let kept = fs::read_to_string(granted.folder().join("file")).expect("it is there");
    assert_eq!(kept, "the operator's");
}

/// GST-16: a granted variable is passed as the host has it, and no other.
#[test]
fn a_granted_variable_comes_alone() {
    let printed = printed(&Granted::new("read", "").enable("environment", json!({})));
    let home = printed["HOME"].as_str().unwrap_or_default();
    assert!(Path::new(home).is_absolute(), "{printed}");
    for name in ["LANG", "TMPDIR", "PATH"] {
        assert!(printed.get(name).is_none(), "{name} was not granted: {printed}");
    }
}
