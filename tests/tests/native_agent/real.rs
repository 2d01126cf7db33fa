//! The distribution's own package of the native agent runs a launcher package through its life, in namespaces of the test's
//! own, against a wire server of the test's own (`tests/native-agent/stage.py`).
//!
//! `tests/native-agent/fetch-agent` gets that package and unpacks it; it is not installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hostler_tests::{hostler, not_run, recorder};
use serde_json::{Value, json};

use crate::agent::{HANDLER, manifest};

/// How long the agent may take for one goal state, in seconds: far more than it does.
const PATIENCE: u64 = 300;

/// Seconds that all of it may take; it is ended by the system's own `timeout` then, and not left behind.
const ALL: &str = "1500";

/// What puts a process into namespaces of its own, in which it is the first one.
const UNSHARE: [&str; 8] = [
    "--mount",
    "--net",
    "--uts",
    "--ipc",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
];

const SECRET: &str = "Rosebud-77-of-the-real-agent";

/// What is missing to run it here; `None` when nothing is.
fn missing(agent: Option<&Path>) -> Option<String> {
    if agent.is_none() {
        return Some("the native agent; `tests/native-agent/fetch-agent` gets it".to_owned());
    }
    let works = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let namespaces = [&UNSHARE[..], &["ip", "link", "set", "lo", "up"]].concat();
    let needed: [(&str, &str, &[&str]); 4] = [
        (
            "python3 with its module distro",
            "/usr/bin/python3",
            &["-c", "import distro"],
        ),
        ("openssl", "openssl", &["version"]),
        ("ip of iproute2", "ip", &["-V"]),
        ("the right to make namespaces", "unshare", &namespaces),
    ];
    let missing = needed
        .into_iter()
        .find(|(_, program, arguments)| !works(program, arguments));
    missing.map(|(what, ..)| what.to_owned())
}

/// The unpacked agent: where the variable `HOSTLER_NATIVE_AGENT` says, else `native-agent` in the target folder.
fn agent() -> Option<PathBuf> {
    let named = env::var_os("HOSTLER_NATIVE_AGENT").map(PathBuf::from);
    let beside = || {
        let test = env::current_exe().ok()?;
        let folders = test.ancestors().skip(1).map(|folder| folder.join("native-agent"));
        folders.into_iter().find(|folder| folder.is_dir())
    };
    named
        .or_else(beside)
        .filter(|folder| folder.join("usr/sbin/waagent").is_file())
}

/// Packs the recorder with the built `hostler` itself as the launcher.
fn packages(folder: &Path) -> Value {
    let source = folder.join("source");
    fs::create_dir(&source).unwrap();
    fs::copy(recorder(), source.join("recorder.wasm")).unwrap();
    fs::write(source.join("HandlerManifest.json"), manifest(&json!({})).to_string()).unwrap();
    let mut packages = json!({});
    for version in ["1.0.0", "1.1.0"] {
        let mut pack = Command::new(hostler());
        pack.arg("pack")
            .arg(&source)
            .arg(version)
            .args(["--launcher", "--name", HANDLER, "--out"]);
        let output = pack.arg(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        packages[version] = json!(folder.join(format!("{HANDLER}-{version}.launcher.zip")));
    }
    packages
}

/// Name, version, state, settings number, public and protected settings.
type Step = (&'static str, &'static str, &'static str, u32, Value, Option<String>);

fn steps() -> Vec<Step> {
    let said = json!({"enable": {"data": {"kept": "by 1.0.0"}, "stdout": format!("told {SECRET}\n"), "status": [
        {"status": {"status": "success", "formattedMessage": {"lang": "en-US", "message": format!("with {SECRET}")}}}]}});
    let protected = format!("{{\"password\": \"{SECRET}\"}}");
    vec![
        ("install", "1.0.0", "enabled", 0, json!({}), None),
        ("new settings", "1.0.0", "enabled", 1, said, Some(protected)),
        ("update", "1.1.0", "enabled", 2, json!({}), None),
        (
            "a failure",
            "1.1.0",
            "enabled",
            3,
            json!({"enable": {"trap": true}}),
            None,
        ),
        (
            "no status",
            "1.1.0",
            "enabled",
            4,
            json!({"enable": {"status": "none"}}),
            None,
        ),
        ("better again", "1.1.0", "enabled", 5, json!({}), None),
        ("disable", "1.1.0", "disabled", 5, json!({}), None),
        ("uninstall", "1.1.0", "uninstall", 5, json!({}), None),
    ]
}

/// Puts the agent through `steps`, and gives what came of each.
fn play(agent: &Path, folder: &Path) -> Value {
    let steps: Vec<Value> = steps()
        .into_iter()
        .map(|(_, version, state, sequence, public, protected)| {
            json!({"version": version, "state": state, "sequence": sequence, "public": public, "protected": protected})
        })
        .collect();
    let own = folder.join("own");
    fs::create_dir(&own).unwrap();
    let plan = folder.join("plan.json");
    let text = json!({"agent": agent, "folder": own, "handler": HANDLER, "packages": packages(folder),
        "patience": PATIENCE, "steps": steps});
    fs::write(&plan, text.to_string()).unwrap();
    let stage = Path::new(env!("CARGO_MANIFEST_DIR")).join("native-agent/stage.py");
    let output = Command::new("timeout")
        .args(["--kill-after=10", ALL, "unshare"])
        .args(UNSHARE)
        .arg("/usr/bin/python3")
        .arg(stage)
        .arg(&plan)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let result = fs::read(own.join("result.json")).unwrap_or_else(|error| panic!("no result: {error}\n{said}"));
    let result: Value = serde_json::from_slice(&result).unwrap();
    let log = result["log"].as_str().unwrap_or_default();
    assert_eq!(result["failed"], Value::Null, "{said}\n{log}");
    result
}

/// Status and code of the handler, and word and message of its extension.
fn reported(step: &Value) -> String {
    let handlers = step["blob"]["aggregateStatus"]["handlerAggregateStatus"]
        .as_array()
        .unwrap();
    let Some(handler) = handlers.first() else {
        return "nothing".to_owned();
    };
    let status = &handler["runtimeSettingsStatus"]["settingsStatus"]["status"];
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or("-")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    format!(
        "{} {} {} {}; {} {} {}: {}",
        text(&handler["handlerVersion"]),
        text(&handler["status"]),
        handler["code"],
        text(&handler["formattedMessage"]["message"]),
        handler["runtimeSettingsStatus"]["sequenceNumber"],
        text(&status["status"]),
        status["code"],
        text(&status["formattedMessage"]["message"])
    )
}

/// The lines that the recorder had left by the end of `step`.
fn record(step: &Value) -> Vec<Value> {
    let text = step["files"][format!("/var/log/azure/{HANDLER}/record.jsonl")].as_str();
    let lines = text.unwrap_or_default().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the update command saw.
fn updated(step: &Value) -> Value {
    let mut lines = record(step).into_iter();
    lines.find(|line| line["command"] == "update").unwrap()
}

/// Scenarios A1, A3, A11, B4, C3, C5, D1, E1 and E4, as far as they are a handler's. The real agent installs, enables, gives new settings with protected ones, updates, disables and uninstalls; what it reports
/// is what the handler said, and what hostler said in its place.
#[test]
fn the_real_agent_runs_a_launcher_package() {
    let agent = agent();
    if let Some(missing) = missing(agent.as_deref()) {
        return not_run(&missing);
    }
    let folder = tempfile::tempdir().unwrap();
    let result = play(&agent.unwrap(), folder.path());
    let played = result["steps"].as_array().unwrap();
    let mut lines = Vec::new();
    let mut before = 0;
    for ((name, ..), step) in steps().iter().zip(played) {
        let record = record(step);
        let ran: Vec<String> = record
            .iter()
            .skip(before)
            .map(|line| {
                format!(
                    "{}@{}",
                    line["command"].as_str().unwrap(),
                    line["version"].as_str().unwrap()
                )
            })
            .collect();
        before = record.len();
        lines.push(format!("{name}: {}\n  {}", ran.join(" "), reported(step)));
        let secret_shown = step["blob"].to_string().contains(SECRET);
        assert!(!secret_shown, "{name}: the agent reported the secret");
    }
    println!("{}", lines.join("\n"));
    insta::assert_snapshot!(lines.join("\n"), @r"
    install: install@1.0.0 enable@1.0.0
      1.0.0 Ready 0 Plugin enabled; 0 success 0: 1.0.0 is enabled with settings 0
    new settings: enable@1.0.0
      1.0.0 Ready 0 Plugin enabled; 1 success 0: with ***
    update: disable@1.0.0 update@1.1.0 uninstall@1.0.0 install@1.1.0 enable@1.1.0
      1.1.0 Ready 0 Plugin enabled; 2 success 0: 1.1.0 is enabled with settings 2
    a failure: enable@1.1.0
      1.1.0 NotReady 1009 [ExtensionOperationError] Non-zero exit code: 134, /var/lib/waagent/Contoso.Demo-1.1.0/bin/hostler-launcher launch enable; 3 error 1009: [ExtensionOperationError] Non-zero exit code: 134, /var/lib/waagent/Contoso.Demo-1.1.0/handler/recorder.wasm enable
    no status: enable@1.1.0
      1.1.0 Ready 0 Plugin enabled; 4 error 1012: This status is being reported by the Guest Agent since no status file was reported by extension Contoso.Demo: [ExtensionStatusError] Status file status/4.status does not exist, and enable has ended
    better again: enable@1.1.0
      1.1.0 Ready 0 Plugin enabled; 5 success 0: 1.1.0 is enabled with settings 5
    disable: disable@1.1.0
      1.1.0 NotReady 0 Plugin disabled; 5 success 0: 1.1.0 is enabled with settings 5
    uninstall: uninstall@1.1.0
      nothing
    ");
    let update = updated(&played[2]);
    for (name, value) in [
        ("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", "0"),
        ("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0"),
        ("VERSION", "1.1.0"),
    ] {
        assert_eq!(update["variables"][name], value, "{update}");
    }
    let paths = |step: &Value| -> Vec<String> { step["files"].as_object().unwrap().keys().cloned().collect() };
    let data = format!("/var/lib/waagent/hostler/{HANDLER}/data/kept");
    assert!(paths(&played[2]).contains(&data), "data survives the update");
    let left = paths(&played[7]);
    assert!(!left.iter().any(|path| path.contains("/hostler")), "{left:?}");
    // Where a handler is told its secret it may write it down; nobody else does, and that agent never opens it.
    for step in played {
        for (path, text) in step["files"].as_object().unwrap() {
            let is_settings = path.ends_with("/config/1.settings") || path.ends_with("record.jsonl");
            assert!(is_settings || !text.as_str().unwrap().contains(SECRET), "{path}");
        }
    }
}
