//! Where nothing can be written: a full disk (HST-04), and one that is read-only (HST-05). Needs `unshare` and the right to
//! mount.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use hostler_tests::{hostler, not_run};
use serde_json::json;

use crate::course::COURSES;
use crate::machine::Machine;
use crate::tree::{Tree, differences, tree};

/// In KiB: too small for the state, for the package, for what comes after it, and large enough.
const SIZES: [usize; 9] = [8, 32, 64, 96, 128, 160, 256, 320, 512];

/// Room for everything, in KiB.
const ENOUGH: usize = 65_536;

/// Runs `script` in a mount namespace of its own; `$0` is hostler, and the rest as given. `None` where that may not be.
fn apart(script: &str, arguments: &[&str]) -> Option<Output> {
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(["-m", "/bin/sh", "-c", script])
            .arg(hostler())
            .args(arguments);
        command.stdin(Stdio::null()).output().ok()
    };
    let folder = tempfile::tempdir().unwrap();
    let allowed = run(&format!("mount -t tmpfs tmpfs {}", folder.path().display()));
    if !allowed.is_some_and(|output| output.status.success()) {
        not_run("unshare that may mount");
        return None;
    }
    run(script)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// What is left of the root in `folder`, but for what tells of times.
fn left(folder: &Path) -> Tree {
    let mut tree = tree(folder);
    tree.retain(|name, _| {
        !["audit/", "lock", "logs/", "report/", "state/"]
            .iter()
            .any(|told| name.starts_with(told))
    });
    tree
}

#[test]
fn a_full_disk_is_said_and_forgotten_when_there_is_room() {
    const SCRIPT: &str = r#"
        set -eu
        root=$1 size=$2 out=$3; shift 3
        mkdir "$root" "$out"
        mount -t tmpfs -o "size=${size}k,mode=700" tmpfs "$root"
        set +e
        "$0" "$@" > "$out/first" 2> "$out/stderr"; echo $? > "$out/code"
        mount -o remount,size=64m "$root"
        "$0" audit verify --root "$root" > "$out/verified"; echo $? > "$out/audit"
        "$0" "$@" > "$out/second" 2>> "$out/stderr"; echo $? >> "$out/code"
        "$0" audit verify --root "$root" >> "$out/verified"; echo $? >> "$out/audit"
        cp -a "$root" "$out/root"
    "#;
    let machine = Machine::new(&json!({"install": {"data": {"a": "1"}}}));
    let arguments = machine.apply_arguments(&COURSES[0].wanted());
    let root = machine.root();
    // Else the recorder would be compiled by each of them.
    assert_eq!(machine.apply(&COURSES[0].wanted()).status.code(), Some(0));
    fs::remove_dir_all(&root).unwrap();

    let mut expected = None;
    let mut problems = Vec::new();
    for size in [ENOUGH].into_iter().chain(SIZES) {
        let out = root.with_file_name(format!("out-{size}"));
        let (size_text, root_text, out_text) = (size.to_string(), root.to_str().unwrap(), out.to_str().unwrap());
        let mut all = vec![root_text, &size_text, out_text];
        all.extend(arguments.iter().map(String::as_str));
        let Some(output) = apart(SCRIPT, &all) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::remove_dir(&root).unwrap();

        let (code, first, stderr) = (
            text(&out.join("code")),
            text(&out.join("first")),
            text(&out.join("stderr")),
        );
        // The last are SQLite's words where it cannot make its index of the journal larger.
        let words = ["No space left on device", "disk is full", "disk I/O error"];
        let said = words.iter().any(|words| first.contains(words)) && first.contains("look at the space");
        let fine = match code.as_str() {
            "0\n0\n" => true,
            "4\n0\n" => said,
            _ => false,
        };
        if !fine || stderr.contains("panicked at") {
            problems.push(format!("{size} KiB: exit codes {code:?}, {first}{stderr}"));
        }
        if text(&out.join("audit")) != "0\n0\n" {
            let verified = text(&out.join("verified"));
            problems.push(format!("{size} KiB: the audit log is not whole: {verified}"));
        }
        let left = left(&out.join("root"));
        let expected = expected.get_or_insert_with(|| left.clone());
        problems.extend(
            differences(expected, &left)
                .iter()
                .map(|problem| format!("{size} KiB: {problem}")),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_read_only_root_is_said_and_can_be_looked_at() {
    const SCRIPT: &str = r#"
        set -eu
        root=$1 out=$2; shift 2
        mkdir "$out"
        mount --bind "$root" "$root"
        mount -o remount,bind,ro "$root"
        set +e
        "$0" "$@" > "$out/apply" 2> "$out/stderr"; echo $? > "$out/code"
        "$0" status --root "$root" > "$out/status" 2>> "$out/stderr"; echo $? >> "$out/code"
        "$0" logs Contoso.Demo --root "$root" > "$out/logs" 2>> "$out/stderr"; echo $? >> "$out/code"
    "#;
    let machine = Machine::new(&json!({}));
    machine.settle(&COURSES[0].wanted());
    let root = machine.root();
    let out = root.with_file_name("out");
    let arguments = machine.apply_arguments(&COURSES[2].wanted());
    let mut all = vec![root.to_str().unwrap(), out.to_str().unwrap()];
    all.extend(arguments.iter().map(String::as_str));
    let before = tree(&root);
    let Some(output) = apart(SCRIPT, &all) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(differences(&before, &tree(&root)), [""; 0]);
    let (applied, stderr) = (text(&out.join("apply")), text(&out.join("stderr")));
    assert!(applied.contains("Read-only file system"), "{applied}{stderr}");
    assert_eq!(text(&out.join("code")), "4\n0\n0\n", "{applied}{stderr}");
    assert!(text(&out.join("status")).contains("Contoso.Demo"), "{stderr}");
}
