//! Wrong usage: exit code 2, and what would be right.

use crate::made::with;
use crate::workbench::{Said, Workbench};

/// Runs a good package with `options`; nothing may be left of it.
fn run(options: &[&str]) -> Said {
    let bench = Workbench::new();
    let said = bench.run(&bench.package(&with([])), options);
    assert_eq!(bench.kept(), [""; 0], "{options:?}");
    said
}

#[test]
fn a_limit_that_does_not_exist() {
    insta::assert_snapshot!(run(&["--limit", "cmd.deadlin=1s"]).all(), @"
    exit code 2
    --- stderr
    error: there is no limit `cmd.deadlin` [limit.name]
      at --limit
      did you mean `cmd.deadline`? There are cmd.deadline, cmd.cpu, guest.memory_total, guest.table_elems_total, guest.instances, guest.memories, guest.tables, guest.handles, guest.resources, guest.hostcall, guest.random, guest.stdout, guest.stderr, dir.status.bytes, dir.status.files, dir.status.depth, dir.heartbeat.bytes, dir.heartbeat.files, dir.heartbeat.depth, dir.log.bytes, dir.log.files, dir.log.depth, dir.events.bytes, dir.events.files, dir.events.depth, dir.data.bytes, dir.data.files, dir.data.depth, file.max
    ");
}

#[test]
fn a_limit_that_would_be_raised() {
    insta::assert_snapshot!(run(&["--limit", "cmd.deadline=16min"]).all(), @"
    exit code 2
    --- stderr
    error: cmd.deadline cannot be raised above its default [limit.raise]
      at --limit
      give a lower value: limits can only be lowered
    ");
}

#[test]
fn a_limit_in_a_wrong_unit() {
    insta::assert_snapshot!(run(&["--limit", "cmd.deadline=1MiB"]).all(), @r"
    exit code 2
    --- stderr
    error: cmd.deadline: `1MiB` is not a time such as 500ms, 30s or 5min (a bare number is milliseconds) [limit.value]
      at --limit
      bounds: Time from the start of the command to its end, also while it waits; the contract's limit of the command when that is lower.
    ");
}

#[test]
fn a_limit_without_a_value() {
    insta::assert_snapshot!(run(&["--limit", "cmd.deadline"]).all(), @r"
    exit code 2
    --- stderr
    error: `cmd.deadline` has no `=` [limit.value]
      at --limit
      write NAME=VALUE, as in cmd.deadline=10s
    ");
}

#[test]
fn amounts_that_are_none() {
    for amount in [
        "",
        "-1s",
        "1.5s",
        "1e3ms",
        "s",
        "99999999999999999999s",
        "18446744073709551615min",
        "1 fortnight",
    ] {
        let said = run(&["--json", "--limit", &format!("cmd.deadline={amount}")]);
        assert_eq!(
            (said.exit, said.codes()),
            (2, vec!["limit.value".to_owned()]),
            "{amount}"
        );
    }
}

#[test]
fn a_package_whose_name_is_no_handler() {
    let bench = Workbench::new();
    let package = bench.write("package.zip", with([]).build());
    let package = package.to_str().unwrap();
    insta::assert_snapshot!(bench.hostler(&["run", package]).all(), @r"
    exit code 2
    --- stderr
    error: the package's name does not say which handler it is: `package` has no `-` between handler name and version [handler.identity]
      at package.zip
      say it with `--handler Publisher.Type-1.0`
    ");
    insta::assert_snapshot!(bench.hostler(&["--json", "inspect", package]).all(), @r#"
    exit code 2
    --- stdout
    {
      "findings": [
        {
          "code": "handler.identity",
          "severity": "refusal",
          "where": "package.zip",
          "what": "the package's name does not say which handler it is: `package` has no `-` between handler name and version",
          "hint": "say it with `--handler Publisher.Type-1.0`"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(bench.hostler(&["run", package, "--handler", "Nobody-1.0"]).all(), @r"
    exit code 2
    --- stderr
    error: `Nobody` is not a handler name: it has no dot between publisher and type [handler.identity]
      at --handler
      write Publisher.Type with ASCII letters, digits, `.`, `_` and `-`, for example Contoso.Hello
    ");
}

#[test]
fn a_kind_that_cannot_be_told() {
    let bench = Workbench::new();
    let file = bench.write("notes.txt", "");
    insta::assert_snapshot!(bench.hostler(&["check", file.to_str().unwrap()]).all(), @r"
    exit code 2
    --- stderr
    error: it cannot be told from its name what kind of file it is [input.kind]
      at notes.txt
      say it with `--kind`: handler-manifest, handler-env, settings, status, heartbeat, vm-settings, extensions-config, goal-state, version-manifest or definition
    ");
}

#[test]
fn words_that_nobody_knows() {
    let bench = Workbench::new();
    insta::assert_snapshot!(bench.hostler(&["check", "x", "--kind", "statuses"]).all(), @r"
    exit code 2
    --- stderr
    error: invalid value 'statuses' for '--kind <KIND>': a kind is one of handler-manifest, handler-env, settings, status, heartbeat, vm-settings, extensions-config, goal-state, version-manifest, definition

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(bench.hostler(&["run", "x.zip", "--commands", "enable,reset"]).all(), @r"
    exit code 2
    --- stderr
    error: invalid value 'reset' for '--commands <COMMAND,...>': a command is one of install, enable, update, disable, uninstall

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(bench.hostler(&["rnu"]).all(), @r"
    exit code 2
    --- stderr
    error: unrecognized subcommand 'rnu'

    Usage: hostler [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(bench.hostler(&["run", "x.zip", "--cache", "a", "--no-cache"]).all(), @r"
    exit code 2
    --- stderr
    error: the argument '--cache <DIR>' cannot be used with '--no-cache'

    Usage: hostler run --cache <DIR> <PACKAGE>

    For more information, try '--help'.
    ");
}
