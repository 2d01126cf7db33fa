//! What `apply` tells people, and what a second one changes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use hostler_tests::{Snapshot, goal_state_entry};
use serde_json::{Value, json};

use crate::offered::DEMO;
use crate::workbench::Workbench;

/// Both samples, with settings.
fn samples(bench: &Workbench) -> [Value; 2] {
    let files = json!({"files": [{"path": "motd", "content": "Welcome.\n"}]});
    [
        bench.offer_sample("Hostler.Samples.Hello", &json!({"name": "Ada"})),
        bench.offer_sample("Hostler.Samples.FileConfig", &files),
    ]
}

#[test]
fn two_samples_applied_twice() {
    let bench = Workbench::new();
    let samples = samples(&bench);
    insta::assert_snapshot!(bench.apply(&samples, &[]).all(), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Samples.Hello 1.0.0
      ran       install 1.0.0, enable 1.0.0
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: Hello, Ada
                  greeting: success: Hello, Ada
    Hostler.Samples.FileConfig 1.0.0
      ran       install 1.0.0, enable 1.0.0
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: 1 files as described, 1 changes
                  motd: success: created
    2 handlers, 0 removed; all well.
    ");
    insta::assert_snapshot!(bench.apply(&samples, &[]).all(), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Samples.Hello 1.0.0
      ran       enable: it was in place, with these settings
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: Hello, Ada
                  greeting: success: Hello, Ada
    Hostler.Samples.FileConfig 1.0.0
      ran       enable: it was in place, with these settings
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: 1 files as described, nothing to do
                  motd: success: as described
    2 handlers, 0 removed; all well; nothing changed but what enable wrote.
    ");
}

/// Content, and time of the last change.
type Seen = (Option<Vec<u8>>, (i64, i64));

/// What lies below `root`, but for what enable writes and what is the host's own account.
fn lasting(root: &Path) -> BTreeMap<String, Seen> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            let found = path.symlink_metadata().unwrap();
            let of_enable = ["status", "heartbeat"].iter().any(|name| path.ends_with(name));
            let told = ["audit", "data", "logs", "state", "report"].contains(&name.as_str());
            if found.is_dir() && !of_enable && !told {
                folders.push(path.clone());
            }
            // The lock says who has it.
            if name == "lock" {
                continue;
            }
            let changed = if told || of_enable {
                (0, 0)
            } else {
                (found.mtime(), found.mtime_nsec())
            };
            seen.insert(name, (found.is_file().then(|| fs::read(&path).unwrap()), changed));
        }
    }
    seen
}

/// The second run changes nothing but what enable writes: neither content nor times.
#[test]
fn the_second_run_changes_nothing() {
    let bench = Workbench::new();
    let samples = samples(&bench);
    assert_eq!(bench.apply(&samples, &[]).exit, 0);
    let source = Snapshot::of(&bench.path("source"));
    let before = lasting(&bench.path("root"));
    let again = bench.apply(&samples, &[]);
    assert_eq!(again.exit, 0);
    assert!(
        again
            .stdout()
            .ends_with("all well; nothing changed but what enable wrote.\n")
    );
    let after = lasting(&bench.path("root"));
    let names = |seen: &BTreeMap<String, Seen>| seen.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    let changed: Vec<_> = before
        .iter()
        .filter(|(name, seen)| after[*name] != **seen)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, [""; 0]);
    assert!(before.contains_key("handlers/Hostler.Samples.Hello-1.0.0/config/0.settings"));
    // The goal state itself is written anew by this test.
    let source = source.differences(&Snapshot::of(&bench.path("source")));
    assert!(
        source.iter().all(|line| line.ends_with("goal-state.json changed")),
        "{source:?}"
    );
}

#[test]
fn a_handler_that_fails_beside_one_that_does_not() {
    let bench = Workbench::new();
    let entries = [
        bench.offer(
            "Contoso.Bad",
            &json!({"enable": {"exit": 3, "stderr": "no room \u{1b}[31mfor it\n"}}),
        ),
        bench.offer(DEMO, &json!({})),
    ];
    insta::assert_snapshot!(bench.apply(&entries, &[]).all(), @r"
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
    Contoso.Bad 1.0.0
      ran       install 1.0.0, enable 1.0.0 (failed)
      handler   NotReady, code 1009: [ExtensionOperationError] Non-zero exit code: 3, [HERE]/root/handlers/Contoso.Bad-1.0.0/recorder.wasm enable
                | [stdout]
                | [stderr]
                | no room \x1b[31mfor it
      status    0.status: error: [ExtensionOperationError] Non-zero exit code: 3, [HERE]/root/handlers/Contoso.Bad-1.0.0/recorder.wasm enable
                | The handler's own last words: 1.0.0 is enabled with settings 0
                | [stdout]
                | [stderr]
                | no room \x1b[31mfor it
    2 handlers, 0 removed; not well: Contoso.Bad.
    ");
}

#[test]
fn new_settings_an_uninstall_and_a_handler_that_vanished() {
    let bench = Workbench::new();
    let mut entries = ["Contoso.A", "Contoso.B", "Contoso.C"].map(|name| bench.offer(name, &json!({})));
    assert_eq!(bench.apply(&entries, &[]).exit, 0);
    entries[0]["settingsSeqNo"] = json!(1);
    entries[1]["state"] = json!("uninstall");
    insta::assert_snapshot!(bench.apply(&entries[..2], &[]).all(), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Contoso.A 1.0.0
      ran       enable: it was in place, and its settings are new
      handler   Ready, code 0: Plugin enabled
      status    1.status: success: 1.0.0 is enabled with settings 1
    Contoso.B-1.0.0 is gone: uninstalled, with its data
      ran       disable 1.0.0, uninstall 1.0.0
    Contoso.C-1.0.0 is gone: not in the goal state any more: no command ran, its data stays
    1 handler, 2 removed; all well.
    ");
}

/// Contract 8.1 and 7.5: of a handler that is not offered nothing is done, and the others are.
#[test]
fn a_version_that_is_not_offered() {
    let bench = Workbench::new();
    bench.offer(DEMO, &json!({}));
    let entries = [
        goal_state_entry(DEMO, "2.0", "enabled", 0, &json!({})),
        goal_state_entry("Contoso.Nowhere", "1.0", "enabled", 0, &json!({})),
        bench.offer("Contoso.Good", &json!({})),
    ];
    insta::assert_snapshot!(bench.apply(&entries, &[]).all(), @"
    exit code 1
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Contoso.Good 1.0.0
      ran       install 1.0.0, enable 1.0.0
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: 1.0.0 is enabled with settings 0
    Contoso.Demo 2.0
      ran       nothing
      handler   NotReady, code -1: [ExtensionError] Unable to find version 2.0 in manifest for extension Contoso.Demo
      refused: Unable to find version 2.0 in manifest for extension Contoso.Demo [version.unlisted]
        at Contoso.Demo.xml
        ask for one of those that are listed: 1.0.0
    Contoso.Nowhere 1.0
      ran       nothing
      handler   NotReady, code -1: [ExtensionError] Failed to get ext handler pkgs: [HERE]/source/Contoso.Nowhere.xml: the file cannot be read: No such file or directory (os error 2)
      refused: the file cannot be read: No such file or directory (os error 2) [download.unreachable]
        at [HERE]/source/Contoso.Nowhere.xml
        name a file that is there and may be read
    3 handlers, 0 removed; not well: Contoso.Demo, Contoso.Nowhere.
    ");
}
