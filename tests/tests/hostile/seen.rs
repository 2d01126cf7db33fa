//! A run of the hostile handler, and what was seen of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use hostler_tests::{Isolation, Ran, Secret, Snapshot, make_canary, run_hostler_in};
use serde_json::{Value, json};

use crate::on_disk::OnDisk;
use crate::packages;
use crate::row::Row;
use crate::victim::{self, Victim};

/// How long a run may take before the test gives up on it: far beyond every bound in the tables.
const PATIENCE: Duration = Duration::from_secs(400);

/// What was seen of a run.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The process.
    pub(crate) ran: Ran,
    /// What it printed.
    pub(crate) report: Value,
    /// What became of the folder beside the handler.
    pub(crate) canary: Vec<String>,
    /// What lies in the handler's folders.
    pub(crate) on_disk: Vec<OnDisk>,
    /// What became of the other handler in the root, and of the rest of the root.
    pub(crate) beside: Vec<String>,
    /// What was found where it must not be.
    pub(crate) leaks: Vec<String>,
}

impl Seen {
    /// Runs the row's attack; the first of its `rounds` looks at more than the others. On a machine so busy that nobody had
    /// looked at the host before it was over, once more.
    pub(crate) fn of(row: &Row, isolation: Isolation, round: usize) -> Self {
        const TRIES: usize = 20;
        warm_up();
        let mut tries = (0..TRIES).map(|_| Self::once(row, isolation, round));
        let was_seen = |seen: &Self| seen.ran.peak_rss > 0 && seen.ran.peak_descriptors > 0;
        tries.find(was_seen).expect("the host was never seen at work")
    }

    fn once(row: &Row, isolation: Isolation, round: usize) -> Self {
        let limits: Vec<_> = row.limits.iter().flat_map(|limit| ["--limit", *limit]).collect();
        let options = [&["--json", "--commands", row.commands], &*limits, isolation.arguments()].concat();
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().join("root");
        let victim = Victim::in_root(&root);
        let mut parameters = row.parameters.clone();
        if row.attacks_victim {
            parameters["outside"] = json!(Victim::folder(&root));
        }
        let mut seen = Self::run(&row.package.path(), row.verb, &parameters, &options, &root);
        seen.beside = victim.changes();
        seen.leaks.extend(victim.leaks());
        seen.leaks
            .extend(own_secret().found_below(&root, &victim::own_folders(&root, false)));
        if round == 0 {
            seen.beside.extend(victim.problems(isolation));
        }
        seen
    }

    fn run(package: &Path, verb: &str, parameters: &Value, options: &[&str], root: &Path) -> Self {
        let keep = root.to_str().expect("a path is text");
        let options = [options, &["--keep", keep]].concat();
        let (ran, canary) = start(package, verb, parameters, &options);
        let report = ran.json();
        let on_disk = OnDisk::all(root);
        let said = [
            ("standard output", &ran.stdout),
            ("standard error", &ran.stderr),
            ("`ps`", &ran.visible),
        ];
        let leaks = said
            .iter()
            .flat_map(|(place, bytes)| [(place, bytes, own_secret()), (place, bytes, Victim::secret())])
            .filter_map(|(place, bytes, secret)| Some(format!("{place} has a secret, {}", secret.found_in(bytes)?)))
            .collect();
        Self {
            ran,
            report,
            canary,
            on_disk,
            beside: Vec::new(),
            leaks,
        }
    }

    /// The handler's entry in the report.
    pub(crate) fn handler(&self) -> &Value {
        &self.report["aggregateStatus"]["handlerAggregateStatus"][0]
    }

    /// What was reported as the status of the settings; null when nothing was.
    pub(crate) fn status(&self) -> &Value {
        &self.handler()["runtimeSettingsStatus"]["settingsStatus"]["status"]
    }

    /// The status' message.
    pub(crate) fn status_message(&self) -> &str {
        self.status()["formattedMessage"]["message"]
            .as_str()
            .unwrap_or_default()
    }

    /// The report on `enable`.
    pub(crate) fn enable(&self) -> &Value {
        let commands = self.handler()["hostler"]["commands"].as_array();
        commands
            .and_then(|commands| commands.iter().find(|command| command["command"] == "enable"))
            .unwrap_or(&Value::Null)
    }

    /// The report on the limit `name` of `enable`.
    pub(crate) fn limit(&self, name: &str) -> &Value {
        let limits = self.enable()["limits"].as_array();
        limits
            .and_then(|limits| limits.iter().find(|limit| limit["name"] == name))
            .unwrap_or(&Value::Null)
    }

    /// The names of all limits of `enable`.
    pub(crate) fn limit_names(&self) -> Vec<&str> {
        let limits = self.enable()["limits"].as_array();
        limits
            .into_iter()
            .flatten()
            .filter_map(|limit| limit["name"].as_str())
            .collect()
    }

    /// The verbs that a run of `list` printed.
    pub(crate) fn listed_verbs(&self) -> Vec<String> {
        let printed = self.printed().expect("`list` prints JSON");
        printed
            .as_object()
            .expect("`list` prints an object")
            .keys()
            .cloned()
            .collect()
    }

    /// Codes of the findings.
    pub(crate) fn findings(&self) -> Vec<&str> {
        let findings = self.handler()["hostler"]["findings"].as_array();
        findings
            .into_iter()
            .flatten()
            .filter_map(|finding| finding["code"].as_str())
            .collect()
    }

    /// Standard output of `enable`, which is JSON.
    pub(crate) fn printed(&self) -> Result<Value, String> {
        let text = self.enable()["stdout"]["text"].as_str().unwrap_or_default();
        serde_json::from_str(text).map_err(|error| format!("the handler printed no JSON ({error}): {text}"))
    }

    /// All that must be the same when the same attack is tried again (O9): how the command ended, the limits that it
    /// reached, what is reported of it, and the codes of what was found.
    pub(crate) fn verdict(&self) -> Value {
        let (enable, handler, status) = (self.enable(), self.handler(), self.status());
        let limits = enable["limits"].as_array().into_iter().flatten();
        let reached: Vec<_> = limits
            .filter(|limit| limit["reached"] == true)
            .map(|limit| &limit["name"])
            .collect();
        json!([
            self.ran.status.code(),
            [&enable["end"]["kind"], &enable["exitCode"], &enable["code"]],
            reached,
            [&handler["status"], &handler["code"]],
            [&status["status"], &status["code"]],
            self.findings(),
        ])
    }

    /// A few lines for a message.
    pub(crate) fn summary(&self) -> String {
        let enable = self.enable();
        let stderr = self.ran.stderr_text();
        let mut status = self.status().clone();
        if let Some(parts) = status.get_mut("substatus") {
            *parts = json!("left out here");
        }
        let mut text = format!(
            "end {}, code {}, status {status}, handler {} {}, findings {}, {:?}, {} MiB, stderr {stderr}",
            enable["end"],
            enable["code"],
            self.handler()["status"],
            self.handler()["code"],
            self.handler()["hostler"]["findings"],
            self.ran.wall,
            self.ran.peak_rss >> 20,
        );
        if enable.is_null() {
            text = format!("{text}; all of it: {}", self.report);
        }
        text.chars().take(4000).collect()
    }
}

/// Runs `verb` of the hostile handler in `package` beside a folder that it is told to attack.
///
/// Gives the process (`options` are further arguments of `hostler run`) and what changed in that folder.
pub(crate) fn start(package: &Path, verb: &str, parameters: &Value, options: &[&str]) -> (Ran, Vec<String>) {
    start_in(package, verb, parameters, options, |_| {})
}

/// As [`start`], in a process that `set_up` has changed.
pub(crate) fn start_in(
    package: &Path,
    verb: &str,
    parameters: &Value,
    options: &[&str],
    set_up: impl FnOnce(&mut Command),
) -> (Ran, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let outside = make_canary(folder.path());
    let before = Snapshot::of(&outside);
    let mut public = parameters.clone();
    public["verb"] = json!(verb);
    if public["outside"].is_null() {
        public["outside"] = json!(outside);
    }
    public["note"] = json!(own_secret().text());
    let settings = folder.path().join("0.settings");
    let document = json!({ "runtimeSettings": [{ "handlerSettings": { "publicSettings": public } }] });
    fs::write(&settings, document.to_string()).expect("settings can be written");

    let mut arguments = vec!["run".into(), package.as_os_str().to_owned()];
    arguments.extend(["--settings".into(), settings.into_os_string()]);
    arguments.extend(["--cache".into(), cache().into_os_string()]);
    arguments.extend(options.iter().map(Into::into));
    let ran = run_hostler_in(&arguments, folder.path(), PATIENCE, set_up);
    let differences = before.differences(&Snapshot::of(&outside));
    (ran, differences)
}

/// Where compiled code is kept between runs, so that the rows measure running and not compiling.
pub(crate) fn cache() -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-cache");
    fs::create_dir_all(&cache).expect("a folder can be made");
    cache
}

/// What is in the attacker's own settings, and in no folder but its own.
fn own_secret() -> &'static Secret {
    static SECRET: OnceLock<Secret> = OnceLock::new();
    SECRET.get_or_init(|| Secret::of("attacker"))
}

/// Runs `list` once, after which compiled code is there.
pub(crate) fn warm_up() -> &'static Seen {
    static LIST: OnceLock<Seen> = OnceLock::new();
    LIST.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().join("root");
        Seen::run(
            &packages::Package::Hostile.path(),
            "list",
            &json!({}),
            &["--json"],
            &root,
        )
    })
}
