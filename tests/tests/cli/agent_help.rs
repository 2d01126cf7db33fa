//! `--help` of `agent`.

use crate::help::help;

#[test]
fn agent() {
    insta::assert_snapshot!(help(&["agent"]), @"
    exit code 0
    --- stdout
    Follow a source of goal states for as long as it runs: carry out what is new, and report.

    The source is looked at every period. Each goal state is carried out once, as `apply` does it, and
    once more after a start. One is new when its document differs from the one in force. What the source
    gives that cannot be used changes nothing: the last one stays in force, and the report says since
    when. The report is written every period, also while a command runs.

    SIGTERM and SIGINT stop it in order, SIGHUP has it read its policy again. It tells systemd how it
    is.

    Usage: hostler agent [OPTIONS] --goal-state <FILE_OR_FOLDER_OR_URL>

    Options:
          --goal-state <FILE_OR_FOLDER_OR_URL>
              Where goal states come from: a file, a folder of them (the `*.json` whose name counts
              highest), or an `http:` or `https:` URL

          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root, where handlers and what is remembered of them lie [default: /var/lib/hostler for
              root, else `hostler` in the user's folder for state]

          --keys <DIR>
              The folder with the certificates and keys for protected settings, <THUMBPRINT>.crt and
              <THUMBPRINT>.prv [default: the folder `keys` of the root]

          --policy <FILE>
              The operator's policy: what handlers may get beyond their own folders [default: nothing]

          --repository-key <FILE>
              Public keys, one a line, of which one has to have signed the index of the repository that
              a version manifest comes from [default: no index is looked at]

          --period <TIME>
              Time between two looks at the source, and between two reports
              
              [default: 6s]

          --grace <TIME>
              How long a command that runs may go on when the agent is to stop
              
              [default: 20s]

          --report <FILE>
              Also write the report to this file; it always is in `report/status.json` of the root

          --report-url <URL>
              Also put the report at this `http:` or `https:` URL, by PUT

          --metrics <ADDRESS>
              Offer metrics for Prometheus at /metrics on this loopback address, as in 127.0.0.1:9090
              [default: no metrics]

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
