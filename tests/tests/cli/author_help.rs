//! `--help` of what authors begin with.

use crate::help::help;

#[test]
fn new() {
    insta::assert_snapshot!(help(&["new"]), @"
    exit code 0
    --- stdout
    Make a project for a handler: source, manifest, settings, tests, a README and an example for a CI
    server.

    It builds with its ./build.sh, passes `hostler test package` and is packed with `hostler pack
    package VERSION`. In Rust it stands on `hostler-sdk`, whose sources are named by --sdk as long as it
    is not published.

    Usage: hostler new [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Name of the project and of its folder: small letters, digits and hyphens

    Options:
          --json
              Print the result as JSON on standard output

          --language <LANGUAGE>
              What it is written in

              Possible values:
              - rust:       With hostler-sdk
              - c:          With clang and wasi-libc
              - go:         With Go's own compiler
              - javascript: With componentize-qjs
              - python:     With componentize-py
              
              [default: rust]

          --handler <PUBLISHER.TYPE>
              Who the handler is, as Publisher.Type [default: Example. and the name]

          --out <DIR>
              The folder that the project's folder is made in
              
              [default: .]

          --sdk <DIR>
              The folder of the sources of hostler-sdk [default: guest-sdk in the sources that this
              hostler was built from]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn test() {
    insta::assert_snapshot!(help(&["test"]), @"
    exit code 0
    --- stdout
    Try whether a handler keeps the contract: one line for each rule, with its section in
    docs/contract.md.

    Each rule is tried in a throw-away root of its own: commands twice, settings newer, older, missing
    and malformed, an update with data, commands stopped in the middle, a full disk, no write access,
    odd clocks, status and heartbeat. The exit code is 0 only if every rule holds that is for this
    handler, and 1 if one is broken.

    Usage: hostler test [OPTIONS] <PATH>

    Arguments:
      <PATH>
              A package, or a folder that is to become one

    Options:
          --json
              Print the result as JSON on standard output

          --settings <FILE>
              Settings that the handler takes: a settings file, or a file with just public settings
              [default: the file example.settings in the folder or beside it, else empty settings]

          --policy <FILE>
              The operator's policy: what the handler may get beyond its own folders [default: nothing]

          --handler <PUBLISHER.TYPE-VERSION>
              Which handler it is, as Publisher.Type-1.0 [default: by the package's file name, else
              Tested.Handler-1.0.0]

          --cases <DIR>
              Also try the cases in the files *.json of this folder

          --rules <RULE,...>
              Try only these rules, and those that they need

          --native
              The commands are native programs: run them WITHOUT A SANDBOX, with all rights of whoever
              runs this

          --limit <NAME=VALUE>
              Lower a limit, as in cmd.deadline=10s; can be given several times. Of a native program
              only cmd.deadline counts

          --junit <FILE>
              Also write the result as JUnit XML to this file

          --cache <DIR>
              Where compiled code is kept [default: the folder `cache` of the default root]

          --isolation <WHERE>
              Where components run: each command in a process of its own that has locked itself down, or
              in this one
              
              [default: worker]
              [possible values: worker, in-process]

          --require-isolation <LEAST>
              Run nothing with less than this: `process` is a process of its own with resource limits,
              `full` also Landlock and a filter of system calls; `none` is needed for `--isolation
              in-process`
              
              [default: process]
              [possible values: none, process, full]

      -h, --help
              Print help (see a summary with '-h')
    ");
}
