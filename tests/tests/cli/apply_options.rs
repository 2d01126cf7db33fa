//! What `apply` is told on its command line, and where it is to work.

use std::fs;

use serde_json::json;

use crate::offered::DEMO;
use crate::workbench::Workbench;

#[test]
fn a_report_that_cannot_be_written() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({}));
    let entries = [entry];
    fs::create_dir(bench.path("folder")).unwrap();
    let to = |name: &str| {
        let path = bench.path(name);
        bench.apply(&entries, &["--report", path.to_str().unwrap()])
    };
    insta::assert_snapshot!(to("missing/report.json").all(), @"
    exit code 4
    --- stderr
    error: no report can be written to [HERE]/missing/report.json: its folder cannot be opened: No such file or directory (os error 2) [host.io]
      at hostler
      name a file in a folder that is there and that you may write in
    ");
    insta::assert_snapshot!(to("folder").all(), @"
    exit code 4
    --- stderr
    error: no report can be written to [HERE]/folder: something that is not a regular file is there [host.io]
      at hostler
      name a file in a folder that is there and that you may write in
    ");
    assert_eq!(to("folder/report.json").exit, 0);
    assert_eq!(
        fs::read_dir(bench.path("folder")).unwrap().count(),
        1,
        "nothing but the report"
    );
    assert_eq!(
        fs::read(bench.path("folder/report.json")).unwrap(),
        fs::read(bench.path("root/report/status.json")).unwrap()
    );
}

#[test]
fn a_limit_that_is_raised_or_none() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({}));
    let entries = [entry];
    insta::assert_snapshot!(bench.apply(&entries, &["--limit", "cmd.cpu=120min"]).all(), @"
    exit code 2
    --- stderr
    error: cmd.cpu cannot be raised above its default [limit.raise]
      at --limit
      give a lower value: limits can only be lowered
    ");
    insta::assert_snapshot!(bench.apply(&entries, &["--limit", "cmd.cpu=120min", "--json"]).all(), @r#"
    exit code 2
    --- stdout
    {
      "findings": [
        {
          "code": "limit.raise",
          "severity": "refusal",
          "where": "--limit",
          "what": "cmd.cpu cannot be raised above its default",
          "hint": "give a lower value: limits can only be lowered"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(bench.apply(&entries, &["--limit", "cmd.hope=1"]).all(), @"
    exit code 2
    --- stderr
    error: there is no limit `cmd.hope` [limit.name]
      at --limit
      did you mean `cmd.cpu`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    ");
    assert!(!bench.path("root").exists(), "nothing was begun");
}

/// A deadline, long enough for what ends, stops the one that waits for ever, and the next handler gets its turn.
#[test]
fn a_deadline_that_is_lowered() {
    let bench = Workbench::new();
    let entries = [
        bench.offer("Contoso.Loop", &json!({"enable": {"loop": true}})),
        bench.offer(DEMO, &json!({})),
    ];
    insta::assert_snapshot!(bench.apply(&entries, &["--limit", "cmd.deadline=6s"]).all(), @"
    exit code 1
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Contoso.Demo 1.0.0
      ran       install 1.0.0, enable 1.0.0
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: 1.0.0 is enabled with settings 0
    Contoso.Loop 1.0.0
      ran       install 1.0.0, enable 1.0.0 (failed)
      handler   NotReady, code 1011: [ExtensionError] Timeout(6): [HERE]/root/handlers/Contoso.Loop-1.0.0/recorder.wasm enable
                | Stopped: limit cmd.deadline of 6 s reached, [USED] used, set by --limit [timeout]
                | [stdout]
                | [stderr]
      status    0.status: error: [ExtensionError] Timeout(6): [HERE]/root/handlers/Contoso.Loop-1.0.0/recorder.wasm enable
                | Stopped: limit cmd.deadline of 6 s reached, [USED] used, set by --limit [timeout]
                | The handler's own last words: 1.0.0 is enabled with settings 0
                | [stdout]
                | [stderr]
    2 handlers, 0 removed; not well: Contoso.Loop.
    ");
}

#[test]
fn no_root_can_be_made_there() {
    let bench = Workbench::new();
    let entry = bench.offer(DEMO, &json!({}));
    bench.write("root", "a file");
    insta::assert_snapshot!(bench.apply(&[entry], &[]).all(), @"
    exit code 4
    --- stderr
    error: [HERE]/root cannot hold a root: it is a link or not a folder [host.root_perms]
      at hostler
      name a folder that only you can write in
    ");
}

/// HST-05: what is in the way in the root itself, for a user whom modes do not stop.
#[test]
fn something_else_in_place_of_a_folder_of_the_root() {
    let bench = Workbench::new();
    let entries = [bench.offer(DEMO, &json!({}))];
    // Nothing goes through `staging` in a run that only enables.
    for folder in ["state", "handlers", "logs", "data", "report"] {
        let root = bench.path("root");
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        assert_eq!(bench.apply(&entries, &[]).exit, 0);
        fs::remove_dir_all(root.join(folder)).unwrap();
        fs::write(root.join(folder), "in the way").unwrap();
        let said = bench.apply(&entries, &[]);
        assert_eq!(said.exit, 4, "{folder}: {}", said.all());
        let all = said.all();
        assert!(all.contains(&format!("[HERE]/root/{folder}")), "{folder}: {all}");
        assert_eq!(fs::read_to_string(root.join(folder)).unwrap(), "in the way");
    }
}
