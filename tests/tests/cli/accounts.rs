//! What `run` tells people.

use std::fs;
use std::path::Path;

use hostler_tests::package;
use serde_json::{Value, json};

use crate::made::{COMPONENT, command, manifest, manifest_entry};
use crate::workbench::Workbench;
use hostler_tests::{ZipEntry, ZipForge};

fn public(settings: Value) -> String {
    json!({ "runtimeSettings": [{ "handlerSettings": { "publicSettings": settings } }] }).to_string()
}

/// Compiled at first, kept from then on; the throw-away root is gone afterwards.
#[test]
fn hello() {
    let bench = Workbench::new();
    let settings = bench.write("0.settings", public(json!({ "name": "Ada" })));
    let package = package("Hostler.Samples.Hello");
    let cache = bench.path("cache");
    let options = [
        "--settings".as_ref(),
        settings.as_os_str(),
        "--cache".as_ref(),
        cache.as_os_str(),
    ];
    let said = bench.hostler(&[&["run".as_ref(), package.as_os_str()][..], &options].concat());
    insta::assert_snapshot!(said.all(), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Samples.Hello-1.0.0
      package   Hostler.Samples.Hello-1.0.0.zip, [SIZE], unsigned, SHA-256 [DIGEST]
      allowed   to see these folders and nothing else of this machine:
                  read only   [TMP]/hostler-run-[RANDOM]/handlers/Hostler.Samples.Hello-1.0.0
                  read only   .
                  read only   [TMP]/hostler-run-[RANDOM]/handlers/Hostler.Samples.Hello-1.0.0/config
                  read/write  [TMP]/hostler-run-[RANDOM]/handlers/Hostler.Samples.Hello-1.0.0/status
                  read/write  [TMP]/hostler-run-[RANDOM]/handlers/Hostler.Samples.Hello-1.0.0/heartbeat
                  read/write  [TMP]/hostler-run-[RANDOM]/logs/Hostler.Samples.Hello
                  read/write  [TMP]/hostler-run-[RANDOM]/logs/Hostler.Samples.Hello/events
                  read/write  [TMP]/hostler-run-[RANDOM]/data/Hostler.Samples.Hello
      install   hello.wasm install (compiled in [N] ms)
                done, after [N] ms
                used cmd.deadline [USED] of 15 min, cmd.cpu [USED] of 1 min, guest.memory_total [USED] of 256 MiB, guest.resources [USED] of 512
      enable    hello.wasm enable (compiled code kept from before)
                done, after [N] ms
                used cmd.deadline [USED] of 5 min, cmd.cpu [USED] of 1 min, guest.memory_total [USED] of 256 MiB, guest.resources [USED] of 512
      handler   Ready, code 0: Plugin enabled
      status    0.status: success, code 0: Hello, Ada
                  greeting: success, code 0: Hello, Ada
    ");
    let text = said.stdout();
    let base = text.lines().find_map(|line| line.trim().strip_prefix("read only   /"));
    assert!(!Path::new(&format!("/{}", base.unwrap())).exists());
}

#[test]
fn file_config_twice_with_drift() {
    let bench = Workbench::new();
    let package = package("Hostler.Samples.FileConfig");
    let files = json!([{ "path": "motd", "content": "Welcome.\n" }, { "path": "app/port", "content": "80\n" }]);
    let settings = bench.write("0.settings", public(json!({ "files": files })));
    let options = ["--settings", settings.to_str().unwrap()];
    let first = bench.run_alone(&package, &options);
    assert_eq!(first.exit, 0, "{}", first.all());
    let motd = bench.path("root/data/Hostler.Samples.FileConfig/files/motd");
    assert_eq!(fs::read_to_string(&motd).unwrap(), "Welcome.\n");
    fs::write(&motd, "changed by hand").unwrap();
    let second = bench.run_alone(&package, &options);
    insta::assert_snapshot!(second.all(), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Samples.FileConfig-1.0.0
      package   Hostler.Samples.FileConfig-1.0.0.zip, [SIZE], unsigned, SHA-256 [DIGEST]
      allowed   to see these folders and nothing else of this machine:
                  read only   [HERE]/root/handlers/Hostler.Samples.FileConfig-1.0.0
                  read only   .
                  read only   [HERE]/root/handlers/Hostler.Samples.FileConfig-1.0.0/config
                  read/write  [HERE]/root/handlers/Hostler.Samples.FileConfig-1.0.0/status
                  read/write  [HERE]/root/handlers/Hostler.Samples.FileConfig-1.0.0/heartbeat
                  read/write  [HERE]/root/logs/Hostler.Samples.FileConfig
                  read/write  [HERE]/root/logs/Hostler.Samples.FileConfig/events
                  read/write  [HERE]/root/data/Hostler.Samples.FileConfig
      enable    file_config.wasm enable (compiled code kept from before)
                done, after [N] ms
                used cmd.deadline [USED] of 5 min, cmd.cpu [USED] of 1 min, guest.memory_total [USED] of 256 MiB, guest.resources [USED] of 512
      handler   Ready, code 0: Plugin enabled
      status    0.status: success, code 0: 2 files as described, 1 changes
                  app/port: success, code 0: as described
                  motd: success, code 0: repaired
    ");
    assert_eq!(fs::read_to_string(&motd).unwrap(), "Welcome.\n");
}

#[test]
fn a_handler_that_fails() {
    let bench = Workbench::new();
    let settings = bench.write("0.settings", public(json!({ "name": " " })));
    let said = bench.run_alone(
        &package("Hostler.Samples.Hello"),
        &["--settings", settings.to_str().unwrap(), "--commands", "enable"],
    );
    insta::assert_snapshot!(said.all(), @"
    exit code 1
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Samples.Hello-1.0.0
      package   Hostler.Samples.Hello-1.0.0.zip, [SIZE], unsigned, SHA-256 [DIGEST]
      allowed   to see these folders and nothing else of this machine:
                  read only   [HERE]/root/handlers/Hostler.Samples.Hello-1.0.0
                  read only   .
                  read only   [HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/config
                  read/write  [HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/status
                  read/write  [HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/heartbeat
                  read/write  [HERE]/root/logs/Hostler.Samples.Hello
                  read/write  [HERE]/root/logs/Hostler.Samples.Hello/events
                  read/write  [HERE]/root/data/Hostler.Samples.Hello
      enable    hello.wasm enable (compiled in [N] ms)
                failed with exit code 2: the setting `name` is blank; it should say whom to greet, after [N] ms
                used cmd.deadline [USED] of 5 min, cmd.cpu [USED] of 1 min, guest.memory_total [USED] of 256 MiB, guest.resources [USED] of 512
      handler   NotReady, code 1009: [ExtensionOperationError] Non-zero exit code: 2, [HERE]/root/handlers/Hostler.Samples.Hello-1.0.0/hello.wasm enable
                | the setting `name` is blank; it should say whom to greet
      status    0.status: error, code 2: the setting `name` is blank; it should say whom to greet
    ");
}

/// A component that never ends, stopped at a lowered limit; `enable` is not tried after it.
#[test]
fn a_handler_that_is_stopped() {
    let bench = Workbench::new();
    let forever = command("(func (export \"run\") (result i32) (loop (br 0)) (unreachable))");
    let manifest = manifest_entry(manifest().to_string());
    let package = bench.package(&ZipForge::of([manifest, ZipEntry::stored(COMPONENT, &forever)]));
    let said = bench.run_alone(&package, &["--limit", "cmd.deadline=200ms"]);
    insta::assert_snapshot!(said.all(), @"
    exit code 1
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Hostler.Tests.Made-1.0
      package   Hostler.Tests.Made-1.0.zip, [SIZE], unsigned, SHA-256 [DIGEST]
      allowed   to see these folders and nothing else of this machine:
                  read only   [HERE]/root/handlers/Hostler.Tests.Made-1.0
                  read only   .
                  read only   [HERE]/root/handlers/Hostler.Tests.Made-1.0/config
                  read/write  [HERE]/root/handlers/Hostler.Tests.Made-1.0/status
                  read/write  [HERE]/root/handlers/Hostler.Tests.Made-1.0/heartbeat
                  read/write  [HERE]/root/logs/Hostler.Tests.Made
                  read/write  [HERE]/root/logs/Hostler.Tests.Made/events
                  read/write  [HERE]/root/data/Hostler.Tests.Made
      install   made.wasm install (compiled in [N] ms)
                stopped: limit cmd.deadline of 200 ms reached, [USED] used, set by --limit [timeout], after [N] ms
                used cmd.deadline [USED] of 200 ms, cmd.cpu [USED] of 1 min, guest.memory_total [USED] of 256 MiB, guest.resources [USED] of 512
                limit cmd.deadline of 200 ms was reached
      handler   NotReady, code 1011: [ExtensionError] Timeout(1): [HERE]/root/handlers/Hostler.Tests.Made-1.0/made.wasm install
                | Stopped: limit cmd.deadline of 200 ms reached, [USED] used, set by --limit [timeout]
    ");
}
