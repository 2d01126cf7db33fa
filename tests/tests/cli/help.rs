//! `--help` of every command, and completions: a change of either is a change of the documentation.

use crate::workbench::Workbench;

/// What `--help` says of the command that `arguments` name.
pub(crate) fn help(arguments: &[&str]) -> String {
    Workbench::new().hostler(&[arguments, &["--help"]].concat()).all()
}

#[test]
fn hostler() {
    insta::assert_snapshot!(help(&[]), @"
    exit code 0
    --- stdout
    An agent that runs VM extension handlers as WebAssembly components in a sandbox.

    Usage: hostler [OPTIONS] <COMMAND>

    Commands:
      apply         Bring a root to what a goal state asks for, and report what came of it
      agent         Follow a source of goal states for as long as it runs: carry out what is new, and
                    report
      approve       Allow a handler to have more than it has now
      status        Show every handler of the last goal state: whether it is well, since when, and why
                    not
      logs          Show what a handler wrote: the output of its last commands, the host's log of them,
                    and its own logs
      audit         Show what hostler decided and did in a root, and look whether that log is whole
      run           Run a handler package in the sandbox and show what came of it
      inspect       Show what a package is, what it asks for and what it would get, without running
                    anything of it
      check         Check a package, a folder that is to become one, or a single file of the contract
      pack          Make a package from a folder: the same folder gives the same bytes
      sign          Sign a package: print the signature that goes into a goal state as
                    `encodedSignature`
      settings      Make settings for tests and trials
      new           Make a project for a handler: source, manifest, settings, tests, a README and an
                    example for a CI server
      test          Try whether a handler keeps the contract: one line for each rule, with its section
                    in docs/contract.md
      bench         Measure what a command of a handler costs: in a ready worker, in one that is started
                    for it, in this process, as a whole `hostler run`, and as a native program
      extension     Register versions of extensions in a repository, and see to them
      blob          Put packages into a repository, and list them
      subscription  Show the publisher's account, and with it whether address, account and certificate
                    fit together
      self-test     Try on this machine what a hostile handler could, and show for each promise whether
                    it was held or broken
      completions   Print a completion script for a shell
      help          Print this message or the help of the given subcommand(s)

    Options:
          --json     Print the result as JSON on standard output
      -h, --help     Print help
      -V, --version  Print version

    Exit codes: 0 done; 1 done, but a handler failed; 2 wrong usage; 3 input refused; 4 the host itself
    failed; 5 not reachable.
    HOSTLER_LOG=debug shows decisions as they are taken.
    ");
}

#[test]
fn apply() {
    insta::assert_snapshot!(help(&["apply"]), @"
    exit code 0
    --- stdout
    Bring a root to what a goal state asks for, and report what came of it.

    The goal state is what the Azure agent gets: JSON in the vmSettings form, an ExtensionsConfig in
    XML, or the goal state in XML that names one; which of them is told by its content. Each handler
    that it names is installed, enabled with its settings, updated, disabled or uninstalled, one after
    another; handlers that it does not name are removed. What is wrong with one handler never stops
    another. Applying the same goal state again enables every handler again, and goes on where an apply
    that was stopped left off.

    Usage: hostler apply [OPTIONS] <GOAL_STATE>

    Arguments:
      <GOAL_STATE>
              The goal state: a file, or a `file:`, `http:` or `https:` URL

    Options:
          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root, where handlers and what is remembered of them lie [default: /var/lib/hostler for
              root, else `hostler` in the user's folder for state]

          --policy <FILE>
              The operator's policy: what handlers may get beyond their own folders [default: nothing]

          --keys <DIR>
              The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and
              <THUMBPRINT>.prv [default: the folder `keys` of the root]

          --repository-key <FILE>
              Public keys, one a line, of which one has to have signed the index of the repository that
              a version manifest comes from [default: no index is looked at]

          --report <FILE>
              Also write the report to this file; it always is in `report/status.json` of the root

          --limit <NAME=VALUE>
              Lower a limit for every command, as in cmd.deadline=10s or guest.memory_total=64MiB; can
              be given several times

          --cache <DIR>
              Where compiled code is kept [default: the folder `cache` of the root]

          --no-cache
              Compile anew and keep nothing

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

#[test]
fn approve() {
    insta::assert_snapshot!(help(&["approve"]), @"
    exit code 0
    --- stdout
    Allow a handler to have more than it has now.

    A new version, another package or a changed policy that gives a handler more than what is in force
    waits, and the report names what it would get and the digest of it. Approving that digest lets the
    next apply go on. It stands for exactly that package with exactly those grants.

    Usage: hostler approve [OPTIONS] <HANDLER> <DIGEST>

    Arguments:
      <HANDLER>
              The handler, as Publisher.Type

      <DIGEST>
              The digest that the report names

    Options:
          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root [default: as for apply]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn status() {
    insta::assert_snapshot!(help(&["status"]), @"
    exit code 0
    --- stdout
    Show every handler of the last goal state: whether it is well, since when, and why not.

    Status files and heartbeats are read now; everything else is what the last `apply` or the agent
    found. The exit code is 1 when a handler is not well.

    Usage: hostler status [OPTIONS]

    Options:
          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for
              state]

          --keys <DIR>
              The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and
              <THUMBPRINT>.prv [default: the folder `keys` of the root]

          --watch
              Show it again every two seconds, until interrupted: the whole on a terminal, else a line
              for what has changed, which is JSON with `--json`

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn logs() {
    insta::assert_snapshot!(help(&["logs"]), @"
    exit code 0
    --- stdout
    Show what a handler wrote: the output of its last commands, the host's log of them, and its own
    logs.

    The host's log, CommandExecution.log, says when each command ran and what came of it.

    Usage: hostler logs [OPTIONS] <HANDLER>

    Arguments:
      <HANDLER>
              The handler, as Publisher.Type; with a version it is the same

    Options:
          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for
              state]

          --keys <DIR>
              The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and
              <THUMBPRINT>.prv [default: the folder `keys` of the root]

          --lines <N>
              How many lines of each log are shown, from its end
              
              [default: 20]

          --file <NAME>
              Show this log alone, by its name, as in CommandExecution.log

          --follow
              Go on with what is written from now on, until interrupted; with `--json` a line for each
              line

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn run() {
    insta::assert_snapshot!(help(&["run"]), @"
    exit code 0
    --- stdout
    Run a handler package in the sandbox and show what came of it.

    The package is checked, its folders are laid out in a throw-away root, and its commands run one
    after another, each within its limits. A command that fails ends the run.

    Usage: hostler run [OPTIONS] [PACKAGE]

    Arguments:
      [PACKAGE]
              The package: a zip; not with --watch

    Options:
          --handler <PUBLISHER.TYPE-VERSION>
              Which handler it is, as Publisher.Type-1.0 [default: by the package's file name]

          --json
              Print the result as JSON on standard output

          --settings <FILE>
              A settings file, or a file with just public settings. Its name says the sequence number
              (`3.settings`), else 0

          --protected-settings <FILE>
              Protected settings that are not encrypted yet, a JSON object: they are, for a key that is
              made for this run; `-` for standard input

          --keys <DIR>
              The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and
              <THUMBPRINT>.prv [default: the folder `keys` of the root]

          --signature <FILE>
              The package's signature, as `hostler sign` writes it [default: none]

          --policy <FILE>
              The operator's policy: what the handler may get beyond its own folders [default: nothing]

          --learn
              Grant all that the package asks for, and find out what of it these commands need with
              these settings: they run again and again, each time with less

          --watch <DIR>
              Build the project in this folder with its build.sh, run its folder `package`, and do both
              again whenever a file changes, until it is stopped; tells what changed in status and files

          --commands <COMMAND,...>
              The commands to run, in this order [default: install,enable; in a kept root that has the
              handler: enable]

          --limit <NAME=VALUE>
              Lower a limit, as in cmd.deadline=10s or guest.memory_total=64MiB; can be given several
              times

          --keep <DIR>
              Keep the root in this folder; run again in it, the handler finds what it left

          --cache <DIR>
              Where compiled code is kept [default: the folder `cache` of the default root]

          --no-cache
              Compile anew and keep nothing

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

/// The commands that `--help` lists are those whose help is looked at here and beside.
#[test]
fn every_command_has_its_snapshot() {
    let help = help(&[]);
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let names: Vec<&str> = commands
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        names,
        [
            "apply",
            "agent",
            "approve",
            "status",
            "logs",
            "audit",
            "run",
            "inspect",
            "check",
            "pack",
            "sign",
            "settings",
            "new",
            "test",
            "bench",
            "extension",
            "blob",
            "subscription",
            "self-test",
            "completions",
            "help"
        ]
    );
}
