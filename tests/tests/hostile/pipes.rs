//! Pipes that somebody else planted in a handler's folders: whoever opens one may wait for ever.

use std::path::Path;
use std::time::Duration;

use hostler_tests::Isolation;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

use crate::packages::Package;
use crate::seen::start;

/// The verbs that are tried here and in no table.
pub(crate) const VERBS: [&str; 1] = ["read"];

/// How long a run may take, however long the pipe would have been waited for.
const SOON: Duration = Duration::from_secs(90);

/// GST-15: the handler waits in a call that nothing can cancel, and is stopped at its deadline all the same.
#[test]
fn a_read_that_never_ends_is_stopped() {
    Isolation::ALL.iter().for_each(|isolation| read_is_stopped(*isolation));
}

fn read_is_stopped(isolation: Isolation) {
    let options = [&["--limit", "cmd.deadline=500ms"], isolation.arguments()].concat();
    let (entry, wall) = run_beside("data/Hostler.Samples.Hostile/pipe", "read", &options);
    let command = &entry["hostler"]["commands"][0];
    assert_eq!(command["end"]["kind"], "timed-out", "{command}");
    assert_eq!(
        (&entry["status"], &entry["code"]),
        (&json!("NotReady"), &json!(1011)),
        "{entry}"
    );
    assert!(wall < SOON, "{wall:?}");
}

/// STA-10: the host does not wait for the writer of a status.
#[test]
fn a_pipe_is_no_status() {
    Isolation::ALL.iter().for_each(|isolation| is_no_status(*isolation));
}

fn is_no_status(isolation: Isolation) {
    let package = Package::Hostile.path();
    let handler = package
        .file_stem()
        .and_then(|name| name.to_str())
        .expect("a package has a name");
    let (entry, wall) = run_beside(
        &format!("handlers/{handler}/status/0.status"),
        "status-none",
        isolation.arguments(),
    );
    let status = &entry["runtimeSettingsStatus"]["settingsStatus"]["status"];
    assert_eq!(
        (&status["status"], &status["code"]),
        (&json!("error"), &json!(1012)),
        "{entry}"
    );
    assert_eq!(entry["hostler"]["findings"][0]["code"], "status.file_type", "{entry}");
    assert!(wall < SOON, "{wall:?}");
}

/// Installs the hostile handler, makes a pipe at `path` below its root, and enables it with `verb`.
///
/// Gives the handler's entry in the report and how long enabling it took.
fn run_beside(path: &str, verb: &str, options: &[&str]) -> (Value, Duration) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("root");
    let keep = ["--json", "--keep", root.to_str().expect("the path is text")];
    let run = |verb: &str, options: &[&str]| {
        let (ran, _) = start(&Package::Hostile.path(), verb, &json!({}), options);
        let entry = ran.json().pointer("/aggregateStatus/handlerAggregateStatus/0").cloned();
        (
            entry.unwrap_or_else(|| panic!("no handler in the report: {}", ran.json())),
            ran.wall,
        )
    };
    run("status-none", &keep);
    make_pipe(&root.join(path));
    run(verb, &[&keep, options].concat())
}

fn make_pipe(path: &Path) {
    let made = mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0);
    assert!(made.is_ok(), "{}: {made:?}", path.display());
}
