//! `audit show` and `audit verify`: what a root's log has of what was done, and that nothing can be taken out of it unseen.

use std::fs;
use std::path::PathBuf;

use hostler_tests::{goal_state, goal_state_entry, publish};
use serde_json::{Value, json};

use crate::made::with;
use crate::offered::DEMO;
use crate::workbench::{Said, Workbench};

/// The output of `audit show` without times, digests and measures.
fn shown(said: &Said) -> String {
    let lines = said.all();
    let lines = lines.lines().map(|line| {
        let words = line.split(' ').map(|word| match word.split_once('=') {
            Some((name @ ("durationMs" | "bytes" | "used"), _)) => format!("{name}=[N]"),
            _ if word.len() == "2026-01-31T23:59:59.000Z".len() && word.ends_with('Z') => "[TIME]".to_owned(),
            _ => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn audit(bench: &Workbench, command: &str, options: &[&str]) -> Said {
    let root = bench.path("root");
    bench.hostler(&[&["audit", command, "--root", root.to_str().unwrap()], options].concat())
}

/// The output of `audit verify`.
fn verdict(bench: &Workbench) -> String {
    let text = audit(bench, "verify", &[]).all();
    match text.rsplit_once(':') {
        Some((before, hash)) if hash.trim_end().len() == 64 => format!("{before}:[DIGEST]\n"),
        _ => text,
    }
}

fn log(bench: &Workbench) -> PathBuf {
    bench.path("root/audit/audit-000001.jsonl")
}

/// Applies a goal state in which the handler is to be as it says.
fn apply(bench: &Workbench, version: &str, state: &str, number: i64, public: &Value) -> i32 {
    bench
        .apply(&[goal_state_entry(DEMO, version, state, number, public)], &[])
        .exit
}

fn with_two_versions() -> Workbench {
    let bench = Workbench::new();
    let source = bench.path("source");
    fs::create_dir_all(&source).unwrap();
    publish(&source, DEMO, &[("1.0.0", json!({})), ("1.1.0", json!({}))]);
    bench
}

/// Contract 7 as the log has it.
#[test]
fn a_handlers_life() {
    let bench = with_two_versions();
    assert_eq!(apply(&bench, "1.1.0", "enabled", 5, &json!({})), 0);
    assert_eq!(apply(&bench, "1.0.0", "enabled", 3, &json!({"enable": {"exit": 9}})), 1);
    assert_eq!(apply(&bench, "2.0.0", "enabled", 4, &json!({})), 1);
    bench.write("source/Contoso.Demo-1.1.0.zip", "no archive");
    assert_eq!(apply(&bench, "1.1.0", "enabled", 6, &json!({})), 1);
    assert_eq!(apply(&bench, "1.0.0", "uninstall", 6, &json!({})), 0);
    assert_eq!(bench.apply_file(bench.write("bad", "{").to_str().unwrap(), &[]).exit, 3);
    insta::assert_snapshot!(shown(&audit(&bench, "show", &[])), @r#"
    exit code 0
    --- stdout
         1  [TIME]  log-begun
         2  [TIME]  apply-begun  source=[HERE]/source/goal-state.json
         3  [TIME]  grants-decided  Contoso.Demo-1.1.0  digest=[DIGEST]  effective={"gets":[],"read":0,"variables":0,"write":0,"writesIn":[]}
         4  [TIME]  package-accepted  Contoso.Demo-1.1.0  bytes=[N]  digest=[DIGEST]  signature=unsigned  source=[HERE]/source/Contoso.Demo-1.1.0.zip
         5  [TIME]  command-begun  Contoso.Demo-1.1.0  command=install  digest=[DIGEST]  settings=5
         6  [TIME]  command-ended  Contoso.Demo-1.1.0  command=install  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
         7  [TIME]  version-installed  Contoso.Demo-1.1.0  digest=[DIGEST]  source=[HERE]/source/Contoso.Demo-1.1.0.zip
         8  [TIME]  command-begun  Contoso.Demo-1.1.0  command=enable  digest=[DIGEST]  settings=5
         9  [TIME]  command-ended  Contoso.Demo-1.1.0  command=enable  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        10  [TIME]  apply-ended  end=taken-up
        11  [TIME]  apply-begun  source=[HERE]/source/goal-state.json
        12  [TIME]  downgrade  Contoso.Demo-1.0.0  from=1.1.0
        13  [TIME]  grants-decided  Contoso.Demo-1.0.0  digest=[DIGEST]  effective={"gets":[],"read":0,"variables":0,"write":0,"writesIn":[]}
        14  [TIME]  package-accepted  Contoso.Demo-1.0.0  bytes=[N]  digest=[DIGEST]  signature=unsigned  source=[HERE]/source/Contoso.Demo-1.0.0.zip
        15  [TIME]  lower-sequence-number  Contoso.Demo-1.0.0  from=5  to=3
        16  [TIME]  command-begun  Contoso.Demo-1.1.0  command=disable  digest=[DIGEST]  settings=3
        17  [TIME]  command-ended  Contoso.Demo-1.1.0  command=disable  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        18  [TIME]  command-begun  Contoso.Demo-1.1.0  command=update  digest=[DIGEST]  settings=3
        19  [TIME]  command-ended  Contoso.Demo-1.1.0  command=update  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        20  [TIME]  command-begun  Contoso.Demo-1.1.0  command=uninstall  digest=[DIGEST]  settings=3
        21  [TIME]  command-ended  Contoso.Demo-1.1.0  command=uninstall  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        22  [TIME]  command-begun  Contoso.Demo-1.0.0  command=install  digest=[DIGEST]  settings=3
        23  [TIME]  command-ended  Contoso.Demo-1.0.0  command=install  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        24  [TIME]  version-installed  Contoso.Demo-1.0.0  digest=[DIGEST]  from=1.1.0  source=[HERE]/source/Contoso.Demo-1.0.0.zip
        25  [TIME]  command-begun  Contoso.Demo-1.0.0  command=enable  digest=[DIGEST]  settings=3
        26  [TIME]  command-ended  Contoso.Demo-1.0.0  codes=command.exit  command=enable  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=9
        27  [TIME]  apply-ended  end=taken-up
        28  [TIME]  apply-begun  source=[HERE]/source/goal-state.json
        29  [TIME]  entry-refused  Contoso.Demo  codes=version.unlisted
        30  [TIME]  apply-ended  end=taken-up
        31  [TIME]  apply-begun  source=[HERE]/source/goal-state.json
        32  [TIME]  package-refused  Contoso.Demo-1.1.0  codes=pkg.format
        33  [TIME]  apply-ended  end=taken-up
        34  [TIME]  apply-begun  source=[HERE]/source/goal-state.json
        35  [TIME]  command-begun  Contoso.Demo-1.0.0  command=uninstall  digest=[DIGEST]  settings=6
        36  [TIME]  command-ended  Contoso.Demo-1.0.0  command=uninstall  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        37  [TIME]  handler-removed  Contoso.Demo  how=uninstalled
        38  [TIME]  apply-ended  end=taken-up
        39  [TIME]  apply-begun  source=[HERE]/bad
        40  [TIME]  apply-ended  codes=vm_settings.json  end=refused
    "#);
    let said = audit(&bench, "show", &["--handler", "Contoso.Demo-1.0.0", "--since", "24"]);
    insta::assert_snapshot!(shown(&said), @"
    exit code 0
    --- stdout
        24  [TIME]  version-installed  Contoso.Demo-1.0.0  digest=[DIGEST]  from=1.1.0  source=[HERE]/source/Contoso.Demo-1.0.0.zip
        25  [TIME]  command-begun  Contoso.Demo-1.0.0  command=enable  digest=[DIGEST]  settings=3
        26  [TIME]  command-ended  Contoso.Demo-1.0.0  codes=command.exit  command=enable  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=9
        35  [TIME]  command-begun  Contoso.Demo-1.0.0  command=uninstall  digest=[DIGEST]  settings=6
        36  [TIME]  command-ended  Contoso.Demo-1.0.0  command=uninstall  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
    ");
    assert_eq!(audit(&bench, "verify", &[]).exit, 0);
}

/// `run --keep`, and a limit that was reached.
#[test]
fn a_run_that_reaches_a_limit() {
    let bench = Workbench::new();
    let package = bench.path("package.zip");
    fs::copy(hostler_tests::package("Hostler.Samples.Hostile"), &package).unwrap();
    let settings = bench.write("0.settings", json!({"verb": "loop"}).to_string());
    let settings = settings.to_str().unwrap();
    let options = [
        "--handler",
        "Hostler.Samples.Hostile-1.0.0",
        "--settings",
        settings,
        "--limit",
        "cmd.cpu=300ms",
    ];
    assert_eq!(bench.run(&package, &options).exit, 1);
    insta::assert_snapshot!(shown(&audit(&bench, "show", &[])), @"
    exit code 0
    --- stdout
         1  [TIME]  log-begun
         2  [TIME]  package-accepted  Hostler.Samples.Hostile-1.0.0  bytes=[N]  digest=[DIGEST]  signature=unsigned  source=package.zip
         3  [TIME]  command-begun  Hostler.Samples.Hostile-1.0.0  command=install  digest=[DIGEST]  settings=0
         4  [TIME]  command-ended  Hostler.Samples.Hostile-1.0.0  command=install  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
         5  [TIME]  version-installed  Hostler.Samples.Hostile-1.0.0  digest=[DIGEST]  source=package.zip
         6  [TIME]  command-begun  Hostler.Samples.Hostile-1.0.0  command=enable  digest=[DIGEST]  settings=0
         7  [TIME]  command-ended  Hostler.Samples.Hostile-1.0.0  codes=limit.cpu  command=enable  digest=[DIGEST]  durationMs=[N]  end=stopped  exitCode=137
         8  [TIME]  limit-reached  Hostler.Samples.Hostile-1.0.0  allowed=300  command=enable  digest=[DIGEST]  limit=cmd.cpu  rule=command-line  used=[N]
    ");
}

/// As a machine reads it: each line as it stands there.
#[test]
fn as_json() {
    let bench = with_two_versions();
    assert_eq!(apply(&bench, "1.0.0", "enabled", 0, &json!({})), 0);
    let said = audit(&bench, "show", &["--json"]);
    assert_eq!(said.stdout(), fs::read_to_string(log(&bench)).unwrap());
    let verdict = audit(&bench, "verify", &["--json"]);
    insta::assert_snapshot!(verdict.document(), @r#"
    exit code 0
    --- stdout
    {
      "whole": true,
      "files": 1,
      "lines": 10,
      "first": 1,
      "last": { "sequence": 10, "hash": "[DIGEST]" },
      "known": { "sequence": 10, "hash": "[DIGEST]" },
      "unfinished": 0,
      "faults": [],
      "moreFaults": 0
    }
    "#);
    let last = verdict.json()["last"].clone();
    let anchor = format!("{}:{}", last["sequence"], last["hash"].as_str().unwrap());
    assert_eq!(apply(&bench, "1.0.0", "enabled", 0, &json!({})), 0);
    assert_eq!(audit(&bench, "verify", &["--anchor", &anchor]).exit, 0);
    let other = anchor.replace(char::is_alphabetic, "0");
    assert_eq!(audit(&bench, "verify", &["--anchor", &other]).exit, 1);
}

#[test]
fn a_log_that_was_changed() {
    let bench = with_two_versions();
    assert_eq!(apply(&bench, "1.0.0", "enabled", 0, &json!({})), 0);
    let good = fs::read_to_string(log(&bench)).unwrap();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    fs::write(
        log(&bench),
        good.replacen("Contoso.Demo-1.0.0", "Contoso.Demo-1.0.1", 1),
    )
    .unwrap();
    insta::assert_snapshot!(verdict(&bench), @"
    exit code 1
    --- stdout
    audit/audit-000001.jsonl:3: line 3 is not what it was when the next one was written [audit.chain]
    not whole: lines 1 to 10 in 1 file
    ends with 10:[DIGEST]
    ");
    fs::write(
        log(&bench),
        [&lines[..3], &["{\"a\":\u{9b}31m}\n"], &lines[4..]].concat().concat(),
    )
    .unwrap();
    insta::assert_snapshot!(verdict(&bench), @"
    exit code 1
    --- stdout
    audit/audit-000001.jsonl:4: what stands here is not a line of the log [audit.line]
    not whole: lines 1 to 10 in 1 file
    ends with 10:[DIGEST]
    ");
    insta::assert_snapshot!(shown(&audit(&bench, "show", &["--since", "4"])), @"
    exit code 0
    --- stdout
         -  what stands here is not a line of the log
         5  [TIME]  command-begun  Contoso.Demo-1.0.0  command=install  digest=[DIGEST]  settings=0
         6  [TIME]  command-ended  Contoso.Demo-1.0.0  command=install  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
         7  [TIME]  version-installed  Contoso.Demo-1.0.0  digest=[DIGEST]  source=[HERE]/source/Contoso.Demo-1.0.0.zip
         8  [TIME]  command-begun  Contoso.Demo-1.0.0  command=enable  digest=[DIGEST]  settings=0
         9  [TIME]  command-ended  Contoso.Demo-1.0.0  command=enable  digest=[DIGEST]  durationMs=[N]  end=exited  exitCode=0
        10  [TIME]  apply-ended  end=taken-up
    ");
    fs::write(log(&bench), lines[..5].concat()).unwrap();
    insta::assert_snapshot!(verdict(&bench), @"
    exit code 1
    --- stdout
    audit/audit-000001.jsonl:5: the log ends with line 5, and the host's state knows lines up to 10 [audit.end]
    not whole: lines 1 to 5 in 1 file
    ends with 5:[DIGEST]
    ");
    // The next one says so, and the log does from then on.
    let said = bench.apply(
        &[goal_state_entry(DEMO, "1.0.0", "enabled", 0, &json!({}))],
        &["--json"],
    );
    let findings = said.json()["hostler"]["goalState"]["findings"].clone();
    assert_eq!(findings[0]["code"], "audit.end", "{findings:#}");
    insta::assert_snapshot!(verdict(&bench), @"
    exit code 1
    --- stdout
    audit/audit-000001.jsonl:6: the host found here that the log did not end where it should have: lines are missing before this one, or were changed [audit.end]
    not whole: lines 1 to 15 in 1 file
    ends with 15:[DIGEST]
    ");
}

#[test]
fn where_there_is_none() {
    let bench = Workbench::new();
    insta::assert_snapshot!(audit(&bench, "verify", &[]).all(), @"
    exit code 4
    --- stderr
    error: there is no root at [HERE]/root [host.io]
      at hostler
      name the root that `hostler apply` was given, with `--root`
    ");
    insta::assert_snapshot!(audit(&bench, "show", &["--handler", "nobody"]).all(), @"
    exit code 2
    --- stderr
    error: `nobody` is not a handler name: it has no dot between publisher and type [handler.identity]
      at --handler
      write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello
    ");
    insta::assert_snapshot!(audit(&bench, "verify", &["--anchor", "12"]).all(), @"
    exit code 2
    --- stderr
    error: invalid value '12' for '--anchor <SEQUENCE:HASH>': write a line's number, a colon and the 64 hexadecimal digits of its hash

    For more information, try '--help'.
    ");
}

/// What must be in it before it is done is not done where it cannot be written.
#[test]
fn a_log_that_cannot_be_written() {
    let bench = with_two_versions();
    assert_eq!(apply(&bench, "1.0.0", "enabled", 0, &json!({})), 0);
    fs::remove_dir_all(bench.path("root/audit")).unwrap();
    bench.write("root/audit", "");
    let record = bench.path("root/logs/Contoso.Demo/record.jsonl");
    let before = fs::read(&record).unwrap();
    let entries = [goal_state_entry(DEMO, "1.1.0", "enabled", 0, &json!({}))];
    insta::assert_snapshot!(bench.apply(&entries, &[]).all(), @"
    exit code 4
    --- stderr
    error: [HERE]/root/audit cannot be used: the folder cannot be made or opened: Not a directory (os error 20) [host.io]
      at hostler
      name a folder that you may read and write, or whose parent you may write in
    ");
    assert_eq!(fs::read(&record).unwrap(), before, "no command ran");
    assert!(!bench.path("root/handlers/Contoso.Demo-1.1.0").exists());
}

/// Neither settings nor what a handler says are ever in it, whatever happens to them.
#[test]
fn no_settings_and_no_output() {
    const CANARY: &str = "CANARYcanary7";
    let bench = with_two_versions();
    let loud = json!({"exit": 3, "stdout": CANARY, "stderr": CANARY, "status": {"status": CANARY}});
    let public = json!({"secret": CANARY, "install": {"stdout": CANARY}, "enable": loud});
    let mut entry = goal_state_entry(DEMO, "1.0.0", "enabled", 1, &public);
    assert_eq!(bench.apply(std::slice::from_ref(&entry), &[]).exit, 1);
    // Protected settings that cannot be opened.
    entry["settings"][0]["protectedSettings"] = json!(CANARY);
    entry["settings"][0]["protectedSettingsCertThumbprint"] = json!("B3364F39E3086E9AD0C67767348D7392D35BC176");
    assert_eq!(bench.apply(std::slice::from_ref(&entry), &[]).exit, 1);
    entry["settings"][0]["protectedSettings"] = json!(null);
    // Settings that are refused, with words that quote them.
    for bad in [
        json!(format!("{{\"{CANARY}\": ")),
        json!({ CANARY: CANARY }),
        json!(format!("{{\"{CANARY}\":1,\"{CANARY}\":2}}")),
    ] {
        entry["settings"][0]["publicSettings"] = bad;
        bench.apply(std::slice::from_ref(&entry), &[]);
    }
    // A token in a location.
    entry["location"] = json!(format!("http://user:{CANARY}@127.0.0.1:9/a.xml?sig={CANARY}"));
    entry["settings"][0]["publicSettings"] = json!("{}");
    assert_eq!(bench.apply(std::slice::from_ref(&entry), &[]).exit, 1);
    let bad = bench.write(
        "source/bad.json",
        goal_state(&[json!({"name": CANARY, "settings": CANARY})]),
    );
    bench.apply_file(bad.to_str().unwrap(), &[]);
    // And `run`.
    let package = bench.package(&with([]));
    let settings = bench.write("7.settings", json!({ "secret": CANARY }).to_string());
    bench.run(&package, &["--settings", settings.to_str().unwrap()]);
    let text = fs::read_to_string(log(&bench)).unwrap();
    assert!(
        text.contains("entry-refused") && text.contains("command-ended") && !text.contains(CANARY),
        "{text}"
    );
    assert!(
        fs::read_to_string(bench.path("root/logs/Contoso.Demo/record.jsonl"))
            .unwrap()
            .contains(CANARY)
    );
}
