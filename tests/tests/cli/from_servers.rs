//! Goal states, version manifests and packages from a server that does what it should.

use hostler_package::PackageDigest;
use hostler_tests::goal_state;
use serde_json::json;

use crate::downloads::{far, manifest, package, plain};
use crate::server::{Answer, Server};
use crate::workbench::Workbench;

/// 404 from the first location of both, and the second is good, with size and digest.
#[test]
fn the_second_location_is_good() {
    let package = package();
    let attributes = format!("sha256=\"{}\" size=\"{}\"", PackageDigest::of(&package), package.len());
    let server = Server::start([
        ("/m2", manifest(&["gone.zip", "moved.zip"], &attributes)),
        ("/moved.zip", Answer::Redirect("/deep/p.zip".to_owned())),
        ("/deep/p.zip", Answer::Whole(package)),
    ]);
    let bench = Workbench::new();
    let mut entry = far(&server.url("/m"));
    entry["failoverLocation"] = json!(server.url("/m2"));
    let said = bench.apply(&[entry], &["--json"]);
    assert_eq!(said.exit, 0, "{}", said.all());
    assert_eq!(said.handler()["hostler"]["package"]["source"], server.url("/moved.zip"));
}

/// The goal state itself comes from a server, and what it names is relative to where it was found.
#[test]
fn everything_from_a_server() {
    let server = Server::start([
        ("/goal-state.json", Answer::Redirect("/deep/goal-state.json".to_owned())),
        (
            "/deep/goal-state.json",
            Answer::Whole(goal_state(&[far("m.xml")]).into_bytes()),
        ),
        ("/deep/m.xml", manifest(&["../p.zip"], "")),
        ("/p.zip", Answer::Whole(package())),
    ]);
    let bench = Workbench::new();
    let said = bench.apply_file(&server.url("/goal-state.json"), &[]);
    insta::assert_snapshot!(plain(&server, &said), @"
    exit code 0
    --- stdout
    isolation worker, [MACHINE]
      process   on     one for each command
      rlimits   on     memory, processor time, file size, descriptors, no core
      landlock  [MACHINE]
      seccomp   [MACHINE]
    Contoso.Far 1.0.0
      ran       install 1.0.0, enable 1.0.0
      handler   Ready, code 0: Plugin enabled
      status    0.status: success: 1.0.0 is enabled with settings 0
    1 handler, 0 removed; all well.
    ");
}

#[test]
fn a_goal_state_without_end_or_not_there() {
    let server = Server::start([
        ("/endless", Answer::Endless),
        ("/short", Answer::Announced(100, b"{}".to_vec())),
    ]);
    let bench = Workbench::new();
    let said = |path: &str| plain(&server, &bench.apply_file(&server.url(path), &[]));
    insta::assert_snapshot!(said("/endless"), @"
    exit code 3
    --- stderr
    refused: it has [N] bytes or more, and at most 4194304 are read [download.size]
      at http://127.0.0.1:[PORT]/endless
      make it smaller, or check what lies there
    ");
    insta::assert_snapshot!(said("/none"), @"
    exit code 5
    --- stderr
    error: the server answered with status 404 [download.status]
      at http://127.0.0.1:[PORT]/none
      only status 200 counts
    ");
    insta::assert_snapshot!(said("/short"), @"
    exit code 5
    --- stderr
    error: the connection ended early, after 2 bytes: end of file before message length reached [download.incomplete]
      at http://127.0.0.1:[PORT]/short
      try again, and look at the server's log
    ");
}
