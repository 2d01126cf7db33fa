//! What `status` tells people.

use serde_json::json;

use crate::offered::DEMO;
use crate::workbench::{Said, Workbench};

/// The output with each age replaced, and with columns that do not depend on its width.
fn table(said: &Said) -> String {
    let mut words: Vec<String> = Vec::new();
    for line in said.all().lines() {
        let mut cells: Vec<String> = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(age)
            .collect();
        if let [only] = cells.as_mut_slice()
            && let Some((before, outcome)) = only.split_once(" ago: ")
            && let Some((source, _)) = before.rsplit_once(", ")
        {
            *only = format!("{source}, [AGE] ago: {outcome}");
        }
        words.push(cells.join(" | "));
    }
    words.join("\n")
}

/// `[AGE]` for a cell that is one.
fn age(cell: &str) -> String {
    match cell.split_once(' ') {
        Some((number, "s" | "min")) if number.bytes().all(|byte| byte.is_ascii_digit()) => "[AGE]".to_owned(),
        // A long reason is cut, and how much of it is left depends on how long this machine's paths are.
        _ => match cell.find("[HERE]").filter(|_| cell.ends_with(" ...")) {
            Some(at) => format!("{}[HERE] ...", &cell[..at]),
            None => cell.to_owned(),
        },
    }
}

#[test]
fn one_that_is_well_and_one_that_is_not() {
    let bench = Workbench::new();
    let entries = [
        bench.offer(DEMO, &json!({})),
        bench.offer("Contoso.Bad", &json!({"install": {"exit": 3, "stderr": "no room\n"}})),
        bench.offer("Contoso.Odd", &json!({"enable": {"statusText": "\u{1b}[2J"}})),
    ];
    assert_eq!(bench.apply(&entries, &[]).exit, 1);
    insta::assert_snapshot!(table(&bench.look("status", &[])), @"
    exit code 1
    --- stdout
    HANDLER | VERSION | STATE | STATUS | SINCE | WHY
    ok | Contoso.Demo | 1.0.0 | Ready (Enabled) | success (0) | [AGE] | 1.0.0 is enabled with settings 0
    !! | Contoso.Bad | 1.0.0 | NotReady (NotInstalled) | - | [AGE] | [ExtensionOperationError] Non-zero exit code: 3, [HERE] ...
    !! | Contoso.Odd | 1.0.0 | Ready (Enabled) | error (0) | [AGE] | The status reported by the extension Contoso.Odd-1.0.0(Sequence number 0), was in an incorrect forma ...
    3 handlers, 2 not well
    goal state [HERE]/source/goal-state.json, [AGE] ago: carried out
    ");
}

/// What a handler writes after its command is seen at once.
#[test]
fn a_status_that_changes_later() {
    let bench = Workbench::new();
    let entries = [bench.offer(DEMO, &json!({}))];
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    let error = json!([{"status": {
        "status": "error", "code": 7, "operation": "Enable",
        "formattedMessage": {"lang": "en-US", "message": "the disk went away\nsecond line"},
    }}]);
    let file = bench.handler("Contoso.Demo-1.0.0").join("status/0.status");
    std::fs::write(file, error.to_string()).unwrap();
    insta::assert_snapshot!(table(&bench.look("status", &[])), @"
    exit code 1
    --- stdout
    HANDLER | VERSION | STATE | STATUS | SINCE | WHY
    !! | Contoso.Demo | 1.0.0 | Ready (Enabled) | error (0) | [AGE] | the disk went away
    1 handler, 1 not well
    goal state [HERE]/source/goal-state.json, [AGE] ago: carried out
    ");
}

#[test]
fn the_same_as_json() {
    let bench = Workbench::new();
    let entries = [bench.offer(DEMO, &json!({}))];
    let applied = bench.apply(&entries, &["--json"]);
    let looked = bench.look("status", &["--json"]);
    assert_eq!(looked.exit, 0);
    assert_eq!(looked.document(), applied.document());
}

#[test]
fn no_root() {
    let bench = Workbench::new();
    insta::assert_snapshot!(bench.look("status", &[]).all(), @"
    exit code 4
    --- stderr
    error: there is no root at [HERE]/root [host.io]
      at hostler
      name the root that `hostler apply` was given, with `--root`
    ");
    insta::assert_snapshot!(bench.look("status", &["--json"]).all(), @r#"
    exit code 4
    --- stdout
    {
      "findings": [
        {
          "code": "host.io",
          "severity": "refusal",
          "where": "hostler",
          "what": "there is no root at [HERE]/root",
          "hint": "name the root that `hostler apply` was given, with `--root`"
        }
      ]
    }
    "#);
    assert!(!bench.path("root").exists(), "looking makes nothing");
}

#[test]
fn a_root_to_which_nothing_was_applied() {
    let bench = Workbench::new();
    let missing = bench.path("none.json");
    // A mistyped name makes no root.
    assert_eq!(bench.apply_file(missing.to_str().unwrap(), &[]).exit, 3);
    insta::assert_snapshot!(bench.look("status", &[]).all(), @"
    exit code 4
    --- stderr
    error: there is no root at [HERE]/root [host.io]
      at hostler
      name the root that `hostler apply` was given, with `--root`
    ");
    std::fs::create_dir(bench.path("root")).unwrap();
    insta::assert_snapshot!(bench.look("status", &[]).all(), @"
    exit code 0
    --- stdout
    No goal state was ever applied here.
    ");
}

/// `apply` makes the file of the state first, and is stopped then: nothing was ever applied.
#[test]
fn a_state_that_was_only_begun() {
    let bench = Workbench::new();
    std::fs::create_dir_all(bench.path("root/state")).unwrap();
    bench.write("root/state/hostler.sqlite", "");
    insta::assert_snapshot!(bench.look("status", &[]).all(), @"
    exit code 0
    --- stdout
    No goal state was ever applied here.
    ");
}
