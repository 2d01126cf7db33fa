//! `--help` of `bench`.

use crate::help::help;

#[test]
fn bench() {
    insta::assert_snapshot!(help(&["bench"]), @"
    exit code 0
    --- stdout
    Measure what a command of a handler costs: in a ready worker, in one that is started for it, in this
    process, as a whole `hostler run`, and as a native program.

    All of them take turns in one run, each time with settings under a new sequence number, and each has
    to end well and leave the status that the handler leaves. Only ratios mean something: times of two
    runs or two machines do not compare.

    Usage: hostler bench [OPTIONS] <PACKAGE>

    Arguments:
      <PACKAGE>
              The package: a zip

    Options:
          --handler <PUBLISHER.TYPE-VERSION>
              Which handler it is, as Publisher.Type-1.0 [default: by the package's file name]

          --json
              Print the result as JSON on standard output

          --native <PROGRAM>
              The same handler as a native program, which is run WITHOUT A SANDBOX with the command's
              arguments, variables and folders, and with all rights of whoever runs this

          --settings <FILE>
              A settings file, or a file with just public settings [default: no settings]

          --policy <FILE>
              The operator's policy: what the handler may get beyond its own folders [default: nothing]

          --command <COMMAND>
              The command; those that come before it in a handler's life are run once
              
              [default: enable]
              [possible values: install, enable, disable]

          --rounds <N>
              How often each of them has a turn
              
              [default: 50]

          --html <FILE>
              Also write the result as one page with charts

          --baseline <FILE>
              What an earlier `hostler bench --json` wrote: show what changed since

          --folder <DIR>
              Where the handler's folders are made for the time of the run [default: /dev/shm, which is
              memory, else TMPDIR]

          --require-isolation <LEAST>
              Run nothing with less than this; with more than `none` it is not run in this process
              
              [default: none]
              [possible values: none, process, full]

      -h, --help
              Print help (see a summary with '-h')
    ");
}
